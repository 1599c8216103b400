"""``meetingsim host``: every control of the table that works over HTTP, as words.

The commands and their help follow from the control table, so that a new control is here without a line for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from inspect import cleandoc
from typing import Final

from meetingsim.cli.console import OK, USAGE, Stop, out
from meetingsim.cli.grammar import SHORT, Grammar, find, spoken
from meetingsim.state.controls import TABLE

GRAMMARS = {control.name: Grammar(control) for control in TABLE if control.http}
PEOPLE: Final = "people"
_PERSONAL: Final = frozenset(control.name for control in TABLE if control.socket and not control.http)
_VALUES: Final = {"--url": "url", "--token": "token"}

_HELP = """\
Usage: meetingsim host MEETING COMMAND …

Use the host's controls on a meeting, by its id or a link to it. Where a PARTICIPANT is asked for, say an id or a name.

Commands:
{commands}

Options, anywhere:
  --url URL      The server; else MEETINGSIM_URL, else http://127.0.0.1:8765.
  --token TOKEN  A host or admin token; else MEETINGSIM_TOKEN, else MEETINGSIM_ADMIN_TOKEN.
  --json         What the server answers, as one line of JSON.
  --help         Say this; after a COMMAND, what that command does and takes."""


@dataclass(slots=True)
class Said:
    """The words of the command line, the options taken out."""

    words: list[str] = field(default_factory=list)
    url: str | None = None
    token: str | None = None
    as_json: bool = False
    help: bool = False


def run(argv: Sequence[str]) -> int:
    """Runs one control; gives 1 where the server refuses it."""
    said = _split(argv)
    if said.help:
        out(_help(said.words[1:] or said.words))
        return OK
    if len(said.words) < 2:
        raise Stop("say a meeting and what to do with it; see meetingsim host --help", USAGE)
    link, name, *words = said.words
    if name.replace("-", "_") in _PERSONAL:
        raise Stop(f"{name!a} is what people do for themselves: come with meetingsim join", USAGE)
    grammar = None if name == PEOPLE else find(name, GRAMMARS, [PEOPLE], help="meetingsim host --help")
    fields = grammar.read(words) if grammar else {}
    from meetingsim.cli import hosting, remote

    invited = remote.invited(link, said.url)
    asked = hosting.Asked(invited, remote.token_from(said.token), said.as_json)
    main = hosting.control(asked, grammar, fields) if grammar else hosting.people(asked)
    return remote.run(main, url=asked.invited.url, token=asked.token)


def _split(argv: Sequence[str]) -> Said:
    said = Said()
    left = iter(argv)
    for word in left:
        option, has_value, value = word.partition("=")
        if word == "--":
            said.words += [word, *left]
        elif word in {"--help", "-h"}:
            said.help = True
        elif word == "--json":
            said.as_json = True
        elif option in _VALUES:
            text = value if has_value else next(left, None)
            if not text:
                raise Stop(f"{option} needs a value; see meetingsim host --help", USAGE)
            setattr(said, _VALUES[option], text)
        else:
            said.words.append(word)
    return said


def _help(words: Sequence[str]) -> str:
    if words and (words[0].replace("-", "_") in GRAMMARS or words[0].replace("-", "_") in SHORT):
        grammar = find(words[0], GRAMMARS)
        about = cleandoc(grammar.control.command.__doc__ or "").replace("``", "")
        return f"Usage: meetingsim host MEETING {grammar.usage}\n\n{about}\n\nFor: {grammar.control.who}."
    rows = {PEOPLE: "Say who is inside and who waits.", **{name: g.control.summary for name, g in GRAMMARS.items()}}
    width = max(len(name) for name in rows)
    return _HELP.format(commands="\n".join(f"  {spoken(name):<{width}}  {text}" for name, text in rows.items()))
