"""Reads the words of a control, as they are typed at a terminal, by the fields of its command.

Required fields are words in their order, optional ones are options: ``allow audio off --participant Mia --stop``.
The last field takes the rest where it is a text or a list: ``chat good morning``, ``region deny KP IR``.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import MISSING, dataclass, fields, is_dataclass
from enum import Enum
from typing import Any, Final, Literal, Union, get_args, get_origin, get_type_hints

from meetingsim.cli.console import USAGE, Stop, nearest
from meetingsim.state.codes import ISSUES
from meetingsim.state.control import Control

SHORT: Final = {
    "audio": "set_audio",
    "cohost": "make_cohost",
    "hand": "raise_hand",
    "name": "rename",
    "picture": "set_profile_picture",
    "record": "start_recording",
    "region": "set_region_rule",
    "share": "start_share",
    "video": "set_video",
    "waiting_room": "set_waiting_room",
}
"""What may be typed for a longer name."""

_SWITCH: Final = {"on": True, "true": True, "yes": True, "up": True, "off": False, "false": False, "no": False, "down": False}
_TEXTS: Final = frozenset({"text", "name"})
_PEOPLE: Final = frozenset({"participant", "participants", "to", "report_participants"})


@dataclass(frozen=True, slots=True)
class Field:
    """One field as it is typed. ``flag``: the option says everything and takes no value."""

    name: str
    kind: Any
    required: bool
    many: bool = False
    rest: bool = False
    flag: bool = False

    @property
    def option(self) -> str:
        return "--" + self.name.replace("_", "-")

    @property
    def people(self) -> bool:
        """Whether it names participants, so that a name may stand for an id."""
        return self.name in _PEOPLE

    def read(self, word: str) -> Any:
        """The word as the field's value. Raises Stop with what may be said instead."""
        return _read(self.kind, word, self.name)


class Grammar:
    """How one control is typed."""

    def __init__(self, control: Control) -> None:
        self.control = control
        every = list(_fields_of(control.command))
        self.words = [field for field in every if field.required]
        self.options = {field.option: field for field in every if not field.required}
        if not self.words or control.name == "set_region_rule":
            self.words += [field for field in every if not field.required and (field.many or field.kind is str)][:1]

    @property
    def usage(self) -> str:
        """One line: the name, its words, its options."""
        words = [f"{_placeholder(field)}" if field.required else f"[{_placeholder(field)}]" for field in self.words]
        inner = [f"[{option}{'' if field.flag else ' ' + _placeholder(field)}]" for option, field in self.options.items() if field not in self.words]
        return " ".join([spoken(self.control.name), *words, *inner])

    def read(self, words: Sequence[str]) -> dict[str, Any]:
        """The fields that the words say. Raises Stop with one line that says how to do it."""
        plain: list[str] = []
        said: dict[str, Any] = {}
        left = iter(words)
        for word in left:
            if word == "--":
                plain += left
            elif word.startswith("--"):
                self._option(word, left, said)
            else:
                plain.append(word)
        return _nested(self._words(plain) | said)

    def _option(self, word: str, left: Iterator[str], said: dict[str, Any]) -> None:
        option, has_value, value = word.partition("=")
        field = self.options.get(option.replace("_", "-"))
        negated = field is None and option.startswith("--no-")
        if negated:
            field = self.options.get("--" + option.removeprefix("--no-"))
        if field is None or (negated and not field.flag):
            raise self._wrong(f"there is no option {option!a}{nearest(option, self.options)}")
        if field.flag:
            said[field.name] = not negated
            return
        text = value if has_value else next(left, None)
        if text is None:
            raise self._wrong(f"{option} needs a value")
        read = field.read(text)
        said[field.name] = [*said.get(field.name, []), *read] if field.many else read

    def _words(self, plain: list[str]) -> dict[str, Any]:
        said: dict[str, Any] = {}
        for place, field in enumerate(self.words):
            last = place == len(self.words) - 1
            if not plain:
                if field.required:
                    raise self._wrong(f"say {_placeholder(field)}, too")
                break
            # A list in the middle leaves one word for each field behind it.
            take = len(plain) - (len(self.words) - place - 1) if field.many else len(plain) if last and field.rest else 1
            taken, plain = plain[: max(take, 1)], plain[max(take, 1) :]
            said[field.name] = [one for word in taken for one in field.read(word)] if field.many else field.read(" ".join(taken))
        if plain:
            raise self._wrong(f"{plain[0]!a} is one word too many")
        return said

    def _wrong(self, why: str) -> Stop:
        return Stop(f"{spoken(self.control.name)}: {why}; usage: {self.usage}", USAGE)


def spoken(name: str) -> str:
    """A control's name as one types it."""
    return name.replace("_", "-")


def find(name: str, grammars: Mapping[str, Grammar]) -> Grammar:
    """The control of that name, long or short, with hyphens or underscores. Raises Stop with the nearest one."""
    word = name.replace("-", "_")
    found = grammars.get(word) or grammars.get(SHORT.get(word, ""))
    if found is None:
        known = [spoken(one) for one in (*grammars, *SHORT)]
        raise Stop(f"there is no control {name!a}{nearest(name, known)}; --help lists them", USAGE)
    return found


def with_ids(fields: dict[str, Any], control: Control, to_id: Callable[[str], str]) -> dict[str, Any]:
    """The fields with every participant's name made an id."""
    people = {field.name for field in _fields_of(control.command) if field.people}
    return {name: _ids(value, to_id) if name in people else value for name, value in fields.items()}


def _ids(value: Any, to_id: Callable[[str], str]) -> Any:
    return [to_id(one) for one in value] if isinstance(value, list) else to_id(value)


def _fields_of(kind: type, prefix: str = "") -> Iterable[Field]:
    hints = get_type_hints(kind)
    for field in fields(kind):
        required = field.default is MISSING and field.default_factory is MISSING
        hint = _present(hints[field.name])
        name = prefix + field.name
        if isinstance(hint, type) and is_dataclass(hint):
            # ``report: {issue, text}`` is typed --report ISSUE --report-text TEXT.
            for inner in _fields_of(hint, f"{name}_"):
                plain_name = name if inner.required else inner.name
                yield Field(plain_name, inner.kind, False, inner.many, inner.rest)
            continue
        many = get_origin(hint) is tuple
        flag = hint is bool and not required
        rest = hint is str and field.name in _TEXTS
        yield Field(name, Literal[ISSUES] if field.name == "issue" else hint, required and not prefix or required, many, rest, flag)


def _nested(said: dict[str, Any]) -> dict[str, Any]:
    """Puts ``report_text`` into ``report``, and the issue with it."""
    inner = {name: said.pop(name) for name in list(said) if name.startswith("report_")}
    if "report" not in said:
        if inner:
            raise Stop(f"--{next(iter(inner)).replace('_', '-')} needs --report ISSUE, too", USAGE)
        return said
    return {**said, "report": {"issue": said["report"], **{name.removeprefix("report_"): value for name, value in inner.items()}}}


def _present(hint: Any) -> Any:
    if get_origin(hint) in {Union, types.UnionType}:
        present = [option for option in get_args(hint) if option is not type(None)]
        return present[0] if len(present) == 1 else Union[tuple(present)]  # noqa: UP007  # made at run time
    return hint


def _choices(kind: Any) -> list[str]:
    if get_origin(kind) is Literal:
        return [str(value) for value in get_args(kind)]
    if isinstance(kind, type) and issubclass(kind, Enum):
        return [str(member.value) for member in kind]
    return []


def _read(kind: Any, word: str, name: str) -> Any:
    if get_origin(kind) is tuple:
        return [part for part in word.split(",") if part]
    alternatives = get_args(kind) if get_origin(kind) is Union else (kind,)
    for one in alternatives:
        if one is str:
            return word
        if one is bool and word.lower() in _SWITCH:
            return _SWITCH[word.lower()]
        if one is int and word.isascii() and word.isdigit():
            return int(word)
        if word.replace("-", "_").lower() in _choices(one):
            return word.replace("-", "_").lower()
    raise Stop(f"{word!a} is no {name.replace('_', ' ')}: say {_words_for(kind)}", USAGE)


def _words_for(kind: Any) -> str:
    alternatives = get_args(kind) if get_origin(kind) is Union else (kind,)
    words = [word for one in alternatives for word in (["on", "off"] if one is bool else _choices(one) or ["a number"])]
    return ", ".join(words[:-1]) + f" or {words[-1]}" if len(words) > 1 else words[0]


def _placeholder(field: Field) -> str:
    choices = [] if field.name == "issue" or field.name == "report" else _choices(field.kind)
    if get_origin(field.kind) is Union or field.kind is bool:
        return "on|off" if field.kind is bool else "on|off|LEVEL"
    shown = "|".join(choices) if choices else {"report": "ISSUE"}.get(field.name, field.name.upper().replace("_", "-"))
    return f"{shown}…" if field.many else shown
