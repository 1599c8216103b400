"""Reads the words of a control, as they are typed at a terminal, by the fields of its command.

Required fields are words in their order, optional ones are options: ``allow audio off --participant Mia --stop``.
A text at the end takes the rest of the line, and so does a list: ``chat good morning``, ``region deny KP IR``.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import MISSING, dataclass, fields, is_dataclass, replace
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

_YES: Final = frozenset({"on", "yes", "true", "up"})
_NO: Final = frozenset({"off", "no", "false", "down"})
_TEXTS: Final = frozenset({"text", "name"})
_PEOPLE: Final = frozenset({"participant", "participants", "to"})


@dataclass(frozen=True, slots=True)
class Field:
    """One field as it is typed. ``kinds`` are the types that a word may be read as, in order."""

    name: str
    label: str
    kinds: tuple[Any, ...]
    required: bool
    many: bool = False
    people: bool = False
    inner: bool = False

    @property
    def option(self) -> str:
        return "--" + spoken(self.name)

    @property
    def flag(self) -> bool:
        """The option says everything and takes no value."""
        return not self.required and self.kinds == (bool,)

    @property
    def shape(self) -> str | None:
        """Of a list of shapes, such as rooms, the field that one word says of each: its first."""
        inner = get_args(self.kinds[0])[:1] if self.many else ()
        return fields(inner[0])[0].name if inner and is_dataclass(inner[0]) else None

    @property
    def takes_rest(self) -> bool:
        return self.many or self.people or self.label.lower() in _TEXTS

    @property
    def placeholder(self) -> str:
        if self.label == "ISSUE" or not (choices := self.choices()):
            return f"{self.label}…" if self.many else self.label
        return "on|off|LEVEL" if len(self.kinds) > 1 else "|".join(choices)

    def choices(self) -> list[str]:
        """Every word that the field takes; none where it takes any."""
        return [word for kind in self.kinds for word in _choices(kind)]

    def read(self, words: Sequence[str]) -> Any:
        """The words as the field's value. Raises Stop with what may be said instead."""
        if self.many:
            # A person's name may have a comma in it.
            parts = list(words) if self.people else [part for word in words for part in word.split(",") if part]
            return [{self.shape: part} for part in parts] if self.shape else parts
        word = " ".join(words)
        for kind in self.kinds:
            value = _as(kind, word)
            if value is not None:
                return value
        raise Stop(f"{word!a} is no {spoken(self.label.lower())}: say {_listed(self.choices()) or 'a number'}", USAGE)


class Grammar:
    """How one control is typed."""

    def __init__(self, control: Control) -> None:
        self.control = control
        self.fields = list(_fields_of(control.command))
        self.words = [field for field in self.fields if field.required]
        self.options = {field.option: field for field in self.fields if not field.required}
        self.words += self._last_word()

    def _last_word(self) -> list[Field]:
        """An optional list, or the optional person of a control without other words, needs no option's name."""
        alone = not self.words
        outer = [field for field in self.options.values() if not field.inner]
        return [field for field in outer if field.many or (alone and field.people)][:1]

    @property
    def usage(self) -> str:
        """One line: the name, its words, its options."""
        words = [field.placeholder if field.required else f"[{field.placeholder}]" for field in self.words]
        options = [
            f"[{option}]" if field.flag else f"[{option} {field.placeholder}]"
            for option, field in self.options.items()
            if field not in self.words
        ]
        return " ".join([spoken(self.control.name), *words, *options])

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
        return self._nested(self._words(plain) | said)

    def _option(self, word: str, left: Iterator[str], said: dict[str, Any]) -> None:
        option, has_value, value = word.partition("=")
        option = option.replace("_", "-")
        positive = "--" + option.removeprefix("--no-")
        field = self.options.get(option) or self.options.get(positive)
        if field is None or (option != field.option and not field.flag):
            raise self._wrong(f"there is no option {option!a}{nearest(option, self.options)}")
        if field.flag:
            said[field.name] = option == field.option
            return
        text = value if has_value else next(left, None)
        if text is None:
            raise self._wrong(f"{option} needs a value")
        read = field.read([text])
        said[field.name] = [*said.get(field.name, []), *read] if field.many else read

    def _words(self, plain: list[str]) -> dict[str, Any]:
        said: dict[str, Any] = {}
        for place, field in enumerate(self.words):
            if not plain and field.required:
                raise self._wrong(f"say {field.placeholder}, too")
            behind = len(self.words) - place - 1
            # A list in the middle leaves one word for each field behind it; a text takes the rest only at the end.
            take = max(len(plain) - behind, 1) if field.many or (field.takes_rest and not behind) else 1
            taken, plain = plain[:take], plain[take:]
            if taken:
                said[field.name] = field.read(taken)
        if plain:
            raise self._wrong(f"{plain[0]!a} is one word too many")
        return said

    def _nested(self, said: dict[str, Any]) -> dict[str, Any]:
        """Puts ``report_text`` beside the issue into ``report``."""
        inner = {field.name: said.pop(field.name) for field in self.fields if field.inner and field.name in said}
        for name, value in inner.items():
            whole = name.partition("_")[0]
            if whole not in inner:
                raise self._wrong(f"--{spoken(name)} needs --{whole} ISSUE, too")
            part = "issue" if name == whole else name.removeprefix(f"{whole}_")
            said.setdefault(whole, {})[part] = value
        return said

    def with_ids(self, said: Mapping[str, Any], to_id: Callable[[str], str]) -> dict[str, Any]:
        """The fields that ``read`` gave, with every participant, by name or id, handed through ``to_id``."""
        found: dict[str, Any] = {}
        for name, value in said.items():
            if name in _PEOPLE:
                found[name] = [to_id(one) for one in value] if isinstance(value, list) else to_id(value)
            elif isinstance(value, Mapping):
                found[name] = self.with_ids(value, to_id)
            else:
                found[name] = value
        return found

    def named(self, said: Mapping[str, Any]) -> list[str]:
        """Every participant in the fields that ``read`` gave, by name or id, as it was typed."""
        named: list[str] = []

        def note(one: str) -> str:
            named.append(one)
            return one

        self.with_ids(said, note)
        return named

    def _wrong(self, why: str) -> Stop:
        return Stop(f"{spoken(self.control.name)}: {why}; usage: {self.usage}", USAGE)


def spoken(name: str) -> str:
    """A name as one types it."""
    return name.replace("_", "-")


def find(name: str, grammars: Mapping[str, Grammar], more: Sequence[str] = (), *, help: str = "help") -> Grammar:
    """The control of that name, long or short, with hyphens or underscores. Raises Stop with the nearest one.

    ``more`` are other words that may have been meant, ``help`` is what lists them all.
    """
    word = name.replace("-", "_")
    found = grammars.get(word) or grammars.get(SHORT.get(word, ""))
    if found is None:
        known = [*map(spoken, grammars), *(short for short, name in SHORT.items() if name in grammars), *more]
        raise Stop(f"there is no control {name!a}{nearest(name, known)}; {help} lists them", USAGE)
    return found


def _fields_of(kind: type) -> Iterator[Field]:
    hints = get_type_hints(kind)
    for field in fields(kind):
        kinds = _kinds(hints[field.name])
        if is_dataclass(kinds[0]):
            yield from _parts(field.name, kinds[0])
            continue
        yield Field(
            field.name,
            spoken(field.name).upper(),
            (Literal[ISSUES],) if field.name == "issue" else kinds,
            required=field.default is MISSING and field.default_factory is MISSING,
            many=get_origin(kinds[0]) is tuple,
            people=field.name in _PEOPLE,
        )


def _parts(whole: str, kind: Any) -> Iterator[Field]:
    """``report: {issue, text}`` is typed --report ISSUE --report-text TEXT."""
    for part in _fields_of(kind):
        name = whole if part.name == "issue" else f"{whole}_{part.name}"
        yield replace(part, name=name, required=False, inner=True)


def _kinds(hint: Any) -> tuple[Any, ...]:
    if get_origin(hint) in {Union, types.UnionType}:
        return tuple(option for option in get_args(hint) if option is not type(None))
    return (hint,)


def _choices(kind: Any) -> list[str]:
    if kind is bool:
        return ["on", "off"]
    if get_origin(kind) is Literal:
        return [str(value) for value in get_args(kind)]
    if isinstance(kind, type) and issubclass(kind, Enum):
        return [str(member.value) for member in kind]
    return []


def _as(kind: Any, word: str) -> Any:
    """The word as this type, or None."""
    lower = word.replace("-", "_").lower()
    if kind is str:
        return word
    if kind is bool:
        return True if lower in _YES else False if lower in _NO else None
    if kind is int:
        return int(word) if word.isascii() and word.isdigit() else None
    return lower if lower in _choices(kind) else None


def _listed(words: list[str]) -> str:
    return " or ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))
