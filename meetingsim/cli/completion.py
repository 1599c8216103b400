"""``meetingsim completion``: a script that completes commands and options at TAB, out of what the commands declare.

The script knows everything by itself: no process is started at a TAB.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal, get_args, get_origin, get_type_hints

from meetingsim.cli import COMMANDS
from meetingsim.cli.commands import FUNCTIONS, parser
from meetingsim.cli.console import OK, out
from meetingsim.cli.grammar import spoken
from meetingsim.cli.host import GRAMMARS, PEOPLE
from meetingsim.scenarios import library
from meetingsim.scenarios.vocabulary import FACTS
from meetingsim.state.controls import EVENTS

HOST: Final = "host"
_SCENARIOS: Final = frozenset({"run", "check", "explore", "compare"})
"""Commands whose words are scenarios: files, or the names of shipped ones."""
_SCRIPTS: Final = Path(__file__).parent / "completions"


@dataclass(frozen=True, slots=True)
class Flag:
    """An option. ``values`` are those that it takes; none where it takes any, or where it is no ``valued`` one."""

    names: tuple[str, ...]
    about: str
    valued: bool = False
    file: bool = False
    values: tuple[str, ...] = ()


def run(shell: str) -> int:
    """Prints the script for a shell."""
    tables = {name: "\n".join(lines) for name, lines in _TABLES[shell]().items()}
    text = (_SCRIPTS / f"meetingsim.{shell}").read_text("utf-8")
    for name, lines in tables.items():
        text = text.replace(f"@{name}@", lines)
    out(text.rstrip())
    return OK


@cache
def flags_of(command: str) -> tuple[Flag, ...]:
    """The options of a command."""
    if command == HOST:
        about = {"--url": "The server.", "--token": "A host or admin token."}
        valued = [Flag((name,), line, valued=True) for name, line in about.items()]
        return (*valued, Flag(("--json",), "What the server answers, as one line of JSON."), _HELP)
    said = get_type_hints(FUNCTIONS[command])
    options = (one for one in parser(command).params if one.param_type_name == "option" and one.name != "help")
    return (*(_flag(command, one, said[one.name]) for one in options), _HELP)


def words_of(command: str) -> tuple[str, ...]:
    """The words that a command takes beside its options, where there is a list of them."""
    if command == HOST:
        return ()
    said = get_type_hints(FUNCTIONS[command])
    words = [one for one in parser(command).params if one.param_type_name == "argument"]
    choices = tuple(choice for one in words for choice in _choices(said[one.name]))
    return choices or (tuple(library.names()) if command in _SCENARIOS else ())


def takes_files(command: str) -> bool:
    """Whether the words of a command may be files."""
    return command in _SCENARIOS | {"replay"}


def controls() -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """What may stand behind ``host MEETING``: its name, what it does, and the words that may follow."""
    yield PEOPLE, "Say who is inside and who waits.", ()
    for name, grammar in GRAMMARS.items():
        choices = tuple(choice for field in grammar.words for choice in field.choices())
        yield spoken(name), grammar.control.summary, (*choices, *grammar.options)


def _flag(command: str, option: Any, hint: Any) -> Flag:
    names = tuple(sorted(option.opts, key=len, reverse=True))
    about = " ".join((option.help or "").split())
    values = _choices(hint)
    if names == ("--type",):
        values = tuple(FACTS if command == "replay" else EVENTS)
    elif option.metavar == "SHIPPED":
        values = tuple(library.names())
    return Flag(names, about, not option.is_flag, Path in {hint, *get_args(hint)}, values)


def _choices(hint: Any) -> tuple[str, ...]:
    """The words of a Literal, alone or beside None."""
    literals = (one for one in (hint, *get_args(hint)) if get_origin(one) is Literal)
    return tuple(str(word) for one in literals for word in get_args(one))


_HELP: Final = Flag(("--help",), "Say what it takes.")
_OWN: Final = (_HELP, Flag(("--version",), "Say the version."))


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"


def _names(flags: Iterable[Flag]) -> str:
    return " ".join(name for flag in flags for name in flag.names)


def _bash() -> dict[str, list[str]]:
    values, every = [], []
    for command in COMMANDS:
        for flag in flags_of(command):
            if flag.valued:
                patterns = "|".join(f"{command}:{name}" for name in flag.names)
                values.append(f"        {patterns}) words='{' '.join(flag.values)}'; return ;;")
        every.append(f"        {command}) words='{_names(flags_of(command))} {' '.join(words_of(command))}' ;;")
    there = list(controls())
    return {
        "commands": [f"{' '.join(COMMANDS)} {_names(_OWN)}"],
        "values": values,
        "words": every,
        "valued": ["|".join(name for flag in flags_of(HOST) if flag.valued for name in flag.names)],
        "controls": [" ".join(name for name, _, _ in there)],
        "control_words": [f"        {name}) words='{' '.join(words)}' ;;" for name, _, words in there],
    }


def _zsh() -> dict[str, list[str]]:
    values, every = [], []
    for command in COMMANDS:
        for flag in flags_of(command):
            if flag.valued:
                patterns = "|".join(f"{command}:{name}" for name in flag.names)
                action = "_files" if flag.file else f"compadd -- {' '.join(flag.values)}" if flag.values else ":"
                values.append(f"        {patterns}) {action}; return ;;")
        rows = [f"{name}:{flag.about}" for flag in flags_of(command) for name in flag.names]
        rows += words_of(command)
        every.append(f"        {command}) rows=({' '.join(map(_quoted, rows))}) ;;")
    there = list(controls())
    about = [*COMMANDS.items(), *((name, flag.about) for flag in _OWN for name in flag.names)]
    return {
        "commands": [f"        {_quoted(f'{name}:{line}')}" for name, line in about],
        "values": values,
        "words": every,
        "valued": ["|".join(name for flag in flags_of(HOST) if flag.valued for name in flag.names)],
        "controls": [f"            {_quoted(f'{name}:{line}')}" for name, line, _ in there],
        "control_words": [f"            {name}) compadd -- {' '.join(words)} ;;" for name, _, words in there if words],
    }


def _fish() -> dict[str, list[str]]:
    lines = [_fish_line("__meetingsim_first", f"-a {name}", about) for name, about in COMMANDS.items()]
    lines += [_fish_line("__meetingsim_first", f"-l {name[2:]}", flag.about) for flag in _OWN for name in flag.names]
    for command in COMMANDS:
        at = f"__meetingsim_at {command}"
        for flag in flags_of(command):
            names = " ".join(f"-l {name[2:]}" if name.startswith("--") else f"-s {name[1:]}" for name in flag.names)
            taken = f" -x -a {_quoted(' '.join(flag.values))}" if flag.values else " -r -F" if flag.file else " -x"
            lines.append(_fish_line(at, names + (taken if flag.valued else ""), flag.about))
        lines += [_fish_line(at, f"-a {word}", "") for word in words_of(command)]
        lines += [_fish_line(at, "-F", "")] if takes_files(command) else []
    for name, about, words in controls():
        lines.append(_fish_line("__meetingsim_control", f"-a {name}", about))
        lines += [_fish_line(f"__meetingsim_in {name}", f"-a {word}", "") for word in words]
    return {"lines": lines}


def _fish_line(condition: str, what: str, about: str) -> str:
    told = about.replace("\\", "\\\\").replace("'", "\\'")
    return f"complete -c meetingsim -n '{condition}' {what}" + (f" -d '{told}'" if about else "")


_TABLES: Final[dict[str, Callable[[], dict[str, list[str]]]]] = {"bash": _bash, "zsh": _zsh, "fish": _fish}
