"""``meetingsim host``: every control of the table that works over HTTP, as words.

The commands and their help follow from the control table, so that a new control is here without a line for it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from inspect import cleandoc
from typing import Any, Final

from meetingsim.cli import remote
from meetingsim.cli.console import OK, USAGE, Stop, harmless, note, out, out_json
from meetingsim.cli.grammar import SHORT, Grammar, find, spoken
from meetingsim.cli.wording import Names, sentence
from meetingsim.clients import Invitation, MeetingHandle, Server
from meetingsim.state.controls import TABLE

GRAMMARS = {control.name: Grammar(control) for control in TABLE if control.http}
PEOPLE: Final = "people"
_PERSONAL: Final = frozenset(control.name for control in TABLE if control.socket and not control.http)
_VALUES: Final = {"--url": "url", "--token": "token"}
_NAMING: Final = ("joined", "joined_waiting_room", "arrived_early", "renamed")

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
    invited = remote.invited(link, said.url)
    if name == PEOPLE:
        return remote.run(_people(invited, said), url=invited.url, token=said.token)
    if name.replace("-", "_") in _PERSONAL:
        raise Stop(f"{name!a} is what people do for themselves: come with meetingsim join", USAGE)
    grammar = find(name, GRAMMARS, [PEOPLE], help="meetingsim host --help")
    return remote.run(_control(invited, said, grammar, grammar.read(words)), url=invited.url, token=said.token)


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
    said.token = remote.token_from(said.token)
    return said


def _help(words: Sequence[str]) -> str:
    if words and (words[0].replace("-", "_") in GRAMMARS or words[0].replace("-", "_") in SHORT):
        grammar = find(words[0], GRAMMARS)
        about = cleandoc(grammar.control.command.__doc__ or "").replace("``", "")
        return f"Usage: meetingsim host MEETING {grammar.usage}\n\n{about}\n\nFor: {grammar.control.who}."
    rows = {PEOPLE: "Say who is inside and who waits.", **{name: g.control.summary for name, g in GRAMMARS.items()}}
    width = max(len(name) for name in rows)
    return _HELP.format(commands="\n".join(f"  {spoken(name):<{width}}  {text}" for name, text in rows.items()))


async def _control(invited: Invitation, said: Said, grammar: Grammar, fields: Mapping[str, Any]) -> int:
    async with Server(invited.url, said.token) as server:
        meeting = server.meeting(invited)
        names = await _names(meeting)
        wanted = [one for one in grammar.named(fields) if names.needs_id(one)]
        present = await _present(meeting) if wanted else []
        done = await meeting.control(
            grammar.control.name, **grammar.with_ids(fields, lambda one: names.id_of(one, present))
        )
    if said.as_json:
        out_json({"seq": done.seq, "events": done.events, **done.answer})
        return OK
    for event in done.events:
        out(sentence(event, names))
    for name, value in done.answer.items():
        out(harmless(f"{name} {value}"))
    if not done.events and not done.answer:
        note("nothing changed: it was so already")
    return OK


async def _people(invited: Invitation, said: Said) -> int:
    async with Server(invited.url, said.token) as server:
        rows = await _present(server.meeting(invited))
    for row in rows:
        out_json(row) if said.as_json else out(_row(row))
    if not rows:
        note("nobody is there")
    return OK


def _row(row: Mapping[str, Any]) -> str:
    what = f"waits ({row['why']})" if "why" in row else str(row.get("role"))
    on = [name for name in ("audio", "video", "share", "recording", "hand") if row.get(name) is True]
    parts = [str(row.get("id")), f"{row.get('country') or '--':<2}", f"{what:<24}", str(row.get("name")), *on]
    return harmless("  ".join(parts))


async def _present(meeting: MeetingHandle) -> list[dict[str, Any]]:
    return [*await meeting.participants(), *await meeting.waiting_room()]


async def _names(meeting: MeetingHandle) -> Names:
    """Everybody who ever came, by the journal: a control may be about somebody who is gone."""
    names, after = Names(), 0
    while True:
        page = await meeting.events(after, _NAMING, limit=1_000)
        for event in page.events:
            names.learn(event)
        if not page.events:
            return names
        after = page.next
