"""An adapter as a target: small scripts that speak for products, and everything that can be wrong with what they write."""

from __future__ import annotations

import asyncio
import os
import shlex
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from meetingsim.scenarios.scenario import Scenario
from meetingsim.scenarios.target import TargetFailed, Whence
from meetingsim.scenarios.trace import Member
from meetingsim.targets import pipe, talk
from meetingsim.targets.adapter import AdapterTarget
from tests.targets.listener import Stage, Told, scenario

pytestmark = pytest.mark.anyio

PRELUDE = """
import json, sys
def say(**line):
    print(json.dumps(line), flush=True)
def ok(said, **more):
    say(n=said["n"], ok=True, **more)
def lines():
    for line in sys.stdin:
        yield json.loads(line)
"""
CAN = ["join", "resume", "leave", "chat", "lock", "remove", "media", "cut", "open", "ticket", "report_afterwards"]
ECHO = f"""
say(can={CAN!r})
for said in lines():
    say(fact="received", actor="teacher", frame={{"type": "echo", "said": said}})
    ok(said)
"""


class Folder:
    """Where adapters are written to, one after another."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._written = 0

    def command(self, body: str) -> str:
        """The command that starts an adapter with this body."""
        self._written += 1
        script = self.path / f"adapter {self._written}.py"
        script.write_text(PRELUDE + body)
        return shlex.join([sys.executable, "-S", str(script)])


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


def member(ref: str, role: str = "participant", country: str | None = None) -> Member:
    """Somebody of the cast."""
    group, _, index = ref.rstrip("]").partition("[")
    return Member(ref, group, int(index or 0), role, country, None, ref.title())


CAST = {
    one.ref: one for one in (member("teacher", "host", "US"), member("raiders[3]"), member("raiders[4]", country="BR"))
}


@asynccontextmanager
async def played(command: str, played: Scenario | None = None) -> AsyncIterator[Stage]:
    """A meeting of the adapter's."""
    async with AdapterTarget.starting(command) as target:
        told = Told()
        yield Stage(target, told, await target.open(played or scenario(), 7, CAST, told))


def echoed(lesson: Stage, line: int) -> list[dict[str, Any]]:
    """What the adapter was told, as it says itself."""
    return [frame["said"] for frame in lesson.told.frames(line) if frame["type"] == "echo"]


# What the adapter is told.


async def test_commands_are_told_with_a_number_and_the_actor(folder: Folder) -> None:
    async with played(folder.command(ECHO)) as lesson:
        lesson.dial(1, "teacher", Whence("240.0.0.1", "US", ("X-Forwarded-For", "198.51.100.7")))
        reply = await lesson.ask(1, "join", name="Ada", host_token="h")
        assert reply["ok"] is True
        reply = await lesson.ask(1, "remove", participant="raiders-3", report={"issue": "spam"})
        join, remove = echoed(lesson, 1)
        assert remove == {
            "n": join["n"] + 1,
            "do": "remove",
            "actor": "teacher",
            "participant": "raiders-3",
            "report": {"issue": "spam"},
        }
        assert join == {
            "n": join["n"],
            "do": "join",
            "actor": "teacher",
            "role": "host",
            "name": "Ada",
            "host_token": "h",
            "country": "US",
            "address": "240.0.0.1",
            "header": "X-Forwarded-For: 198.51.100.7",
        }


async def test_the_meeting_is_opened_with_the_cast(folder: Folder) -> None:
    body = f"""
say(can={CAN!r})
for said in lines():
    if said["do"] == "open":
        opened = said
        ok(said, meeting="m1", passcode="secret", host_token="h", settings={{"capacity": 5}}, lacks={{"roles": "none"}})
    else:
        say(fact="received", actor="teacher", frame={{"type": "echo", "said": opened}})
        ok(said)
"""
    geo = {"networks": {"203.0.113.0/24": {"country": "NL"}}}
    asked = scenario(meeting={"topic": "Class 6", "capacity": 4, "waiting_room": {"enabled": False}}, geo=geo)
    async with played(folder.command(body), asked) as lesson:
        assert (lesson.opened.meeting, lesson.opened.passcode, lesson.opened.host_token) == ("m1", "secret", "h")
        assert lesson.opened.settings["capacity"] == 5
        assert {*lesson.opened.lacking} == {"meeting.capacity", "meeting.waiting_room.enabled", "roles"}
        assert lesson.opened.settings["removal"]["unmatched"] == "wait"
        await lesson.join(1, "teacher")
        said = echoed(lesson, 1)[0]
        assert said == {
            "n": 1,
            "do": "open",
            "scenario": "lesson",
            "seed": 7,
            "topic": "Class 6",
            "kind": "meeting",
            "settings": {"capacity": 4, "waiting_room": {"enabled": False}},
            "networks": {"203.0.113.0/24": {"country": "NL"}},
            "actors": [
                {"actor": "teacher", "role": "host", "name": "Teacher", "country": "US"},
                {"actor": "raiders-3", "role": "participant", "name": "Raiders[3]", "country": None},
                {"actor": "raiders-4", "role": "participant", "name": "Raiders[4]", "country": "BR"},
            ],
        }


async def test_one_that_cannot_open_has_the_settings_of_the_scenario(folder: Folder) -> None:
    asked = scenario(meeting={"region": {"mode": "deny"}})
    async with played(folder.command('say(can=["join"])\nfor said in lines(): ok(said)'), asked) as lesson:
        assert lesson.opened.settings["region"] == {
            "mode": "deny",
            "countries": [],
            "unknown": "deny",
            "anonymous": "allow",
        }
        assert lesson.opened.passcode is None
        assert (await lesson.join(1, "teacher"))["ok"]


async def test_a_meeting_that_the_adapter_refuses(folder: Folder) -> None:
    body = """
say(can=["join", "open"])
for said in lines(): say(n=said["n"], ok=False, code="invalid_rule", detail="no \\x1b[31mregions")
"""
    with pytest.raises(TargetFailed, match=r"makes no meeting for this scenario: invalid_rule: no \\x1b\[31mregions"):
        async with played(folder.command(body)):
            pass


# What it makes of it.


async def test_who_joins_is_told_a_view_and_then_the_reply(folder: Folder) -> None:
    body = """
say(can=["join"])
for said in lines():
    ok(said, participant="p9", place="waiting", session="s9", device="d9")
"""
    async with played(folder.command(body)) as lesson:
        await lesson.join(1, "raiders[3]")
        view, reply = lesson.told.frames(1)
        assert view == {
            "type": "view",
            "seq": 0,
            "epoch": "-",
            "session": "s9",
            "view": {"me": {"id": "p9", "name": "Raiders[3]", "role": "participant", "place": "waiting"}},
        }
        assert reply == {"type": "reply", "ref": "1", "ok": True, "seq": 1, "device": "d9"}


async def test_without_more_a_participant_is_the_actor_and_inside(folder: Folder) -> None:
    async with played(folder.command('say(can=["join"])\nfor said in lines(): ok(said)')) as lesson:
        await lesson.join(1, "raiders[3]")
        assert lesson.told.frames(1)[0]["view"]["me"]["id"] == "raiders-3"
        assert lesson.told.frames(1)[0]["view"]["me"]["place"] == "inside"
        assert lesson.told.frames(1)[0]["session"]


async def test_a_view_of_its_own_takes_the_place_of_the_made_up_one(folder: Folder) -> None:
    body = """
say(can=["join"])
for said in lines():
    me = {"id": "p1", "name": "Ada", "role": "host", "place": "early"}
    say(fact="received", actor=said["actor"], frame={"type": "view", "view": {"me": me, "messages": []}})
    ok(said)
"""
    async with played(folder.command(body)) as lesson:
        await lesson.join(1, "teacher")
        view, reply = lesson.told.frames(1)
        assert view["view"]["messages"] == []
        assert (view["seq"], view["epoch"]) == (0, "-")
        assert view["session"]
        assert reply["type"] == "reply"


async def test_a_refusal_is_one_of_the_contract(folder: Folder) -> None:
    body = """
say(can=["join"])
for said in lines(): say(n=said["n"], ok=False, code="full", detail="no seat")
"""
    async with played(folder.command(body)) as lesson:
        reply = await lesson.join(1, "teacher")
        assert reply["error"] == {"code": "full", "detail": "no seat", "temporary": True}
        assert len(lesson.told.frames(1)) == 1


async def test_facts_reach_the_line_of_their_actor(folder: Folder) -> None:
    body = """
say(can=["join", "chat", "media", "leave"])
for said in lines():
    if said["do"] == "chat":
        for actor in ("raiders-3", "raiders-4"):
            line = {"from": said["actor"], "to": "everyone", "text": said["text"], "message": "m1"}
            say(fact="received", actor=actor, type="message", **line)
        say(fact="placed", actor="raiders-4", place="waiting")
        say(fact="disconnected", actor="raiders-3", code=4500)
        say(fact="received", actor="raiders-3", type="locked", by="teacher")
    if said["do"] == "media":
        say(fact="received", actor="raiders-4", type="media", kind=said["kind"], n=said["number"])
    ok(said)
"""
    async with played(folder.command(body)) as lesson:
        for line, ref in ((1, "teacher"), (2, "raiders[3]"), (3, "raiders[4]")):
            await lesson.join(line, ref)
        await lesson.ask(1, "chat", text="hello")
        assert await lesson.told.ended(2) == 4500
        message = lesson.told.frames(2)[-1]
        assert message["from"] == "teacher"
        assert [one["type"] for one in lesson.told.frames(3)] == ["view", "reply", "message", "view"]
        assert lesson.told.frames(3)[-1]["view"]["me"]["place"] == "waiting"
        assert lesson.told.frames(3)[-1]["seq"] >= lesson.told.frames(3)[-2]["seq"] > 0
        lesson.target.send(2, {"type": "chat", "ref": "9", "text": "into the void"})
        lesson.target.send(1, {"type": "media", "ref": "10", "kind": "audio", "n": 5})
        assert (await lesson.told.frame(3, "media"))["n"] == 5
        await lesson.ask(1, "leave")
        assert await lesson.told.ended(1) == 1000
        assert "10" not in [one.get("ref") for one in lesson.told.frames(1)]


KNOCKS = """
say(can=["join", "chat", "cut"])
def tell(text):
    say(fact="received", actor="teacher", type="locked", by=text)
def view():
    me = {"id": "p", "name": "T", "role": "host", "place": "inside"}
    say(fact="received", actor="teacher", type="view", view={"me": me})
for said in lines():
    how = said.get("name")
    if how == "replaces":
        tell("to the older"); say(fact="disconnected", actor="teacher", code=4003); tell("to the newer")
    elif how == "shows":
        tell("to the older"); view(); tell("to the newer")
    elif how or said["do"] == "cut":
        tell("to the older")
    say(n=said["n"], ok=False, code="conflict") if how == "refused" else ok(said)
    if said["do"] == "chat": tell("to who is in")
"""


@pytest.mark.parametrize(
    ("how", "older", "newer"),
    [
        ("refused", ["to the older", "to who is in"], ["reply"]),
        ("joins", ["to the older"], ["view", "reply", "to who is in"]),
        ("replaces", ["to the older", 4003], ["view", "to the newer", "reply", "to who is in"]),
        ("shows", ["to the older"], ["view", "to the newer", "reply", "to who is in"]),
    ],
)
async def test_what_comes_while_somebody_knocks_again(
    folder: Folder, how: str, older: list[Any], newer: list[Any]
) -> None:
    async with played(folder.command(KNOCKS)) as lesson:
        lesson.dial(1, "teacher")
        await lesson.ask(1, "join", host_token="h")
        lesson.dial(2, "teacher")
        await lesson.ask(2, "join", name=how)
        await lesson.ask(1 if how == "refused" else 2, "chat", text="hello")
        await lesson.target.settled()
        of_older = [one.get("by", one["type"]) for one in lesson.told.frames(1) if one["type"] == "locked"]
        of_newer = [one.get("by", one["type"]) for one in lesson.told.frames(2)]
        assert of_older + ([code] if (code := lesson.told.end(1)) else []) == older
        assert [one for at, one in enumerate(of_newer) if one != "reply" or "reply" not in of_newer[:at]] == newer


async def test_what_was_said_before_the_adapter_had_read_of_a_cut_belongs_to_nobody(folder: Folder) -> None:
    async with played(folder.command(KNOCKS)) as lesson:
        lesson.dial(1, "teacher")
        await lesson.ask(1, "join", host_token="h")
        lesson.target.cut(1)
        lesson.dial(2, "teacher")
        await lesson.ask(2, "join", host_token="h")
        assert [one["type"] for one in lesson.told.frames(2)] == ["view", "reply"]


STALE = """
def tell(text):
    say(fact="received", actor="teacher", type="locked", by=text)
say(can=["join"])
for said in lines():
    tell("of before")
    if said["name"] == "replaces": say(fact="disconnected", actor="teacher")
    if said["name"] == "shows":
        me = {"id": "p", "name": "T", "role": "host", "place": "inside"}
        say(fact="received", actor="teacher", type="view", view={"me": me})
    tell("of now")
    ok(said)
"""


@pytest.mark.parametrize("how", ["replaces", "shows"])
async def test_what_is_of_a_connection_that_is_gone_here_already_is_not_told_on_the_next(
    folder: Folder, how: str
) -> None:
    async with played(folder.command(STALE)) as lesson:
        lesson.dial(1, "teacher")
        await lesson.ask(1, "join", name="T")
        lesson.target.cut(1)
        lesson.dial(2, "teacher")
        await lesson.ask(2, "join", name=how)
        assert [one.get("by", one["type"]) for one in lesson.told.frames(2)] == ["view", "of now", "reply"]
        assert lesson.told.end(2) is None


async def test_whoever_knocks_again_at_once_is_not_cut_off_for_the_first_knock(folder: Folder) -> None:
    body = """
say(can=["join", "cut"])
told = []
for said in lines():
    told.append(said["do"])
    ok(said, device=" ".join(told))
"""
    async with played(folder.command(body)) as lesson:
        lesson.dial(1, "teacher")
        lesson.target.send(1, {"type": "join", "ref": "a", "name": "T"})
        lesson.target.cut(1)
        await lesson.join(2, "teacher")
        await lesson.target.settled()
        assert (await lesson.join(3, "teacher"))["device"] == "join join join"


async def test_of_one_who_was_deaf_and_is_gone_nothing_is_told(folder: Folder) -> None:
    body = """
say(can=["join", "chat"])
for said in lines():
    if said["do"] == "chat": say(fact="received", actor="raiders-3", type="locked", by="teacher")
    ok(said)
"""
    async with played(folder.command(body)) as lesson:
        await lesson.join(1, "teacher")
        await lesson.join(2, "raiders[3]")
        lesson.target.deaf(2, True)
        await lesson.ask(1, "chat", text="hello")
        lesson.target.cut(2)
        lesson.target.deaf(2, False)
        assert [one["type"] for one in lesson.told.frames(2)] == ["view", "reply"]


async def test_where_nobody_was_let_in_the_refused_line_shows_what_came(folder: Folder) -> None:
    body = """
say(can=["join"])
for said in lines():
    say(fact="received", actor=said["actor"], type="locked", by="teacher")
    say(n=said["n"], ok=False, code="locked")
"""
    async with played(folder.command(body)) as lesson:
        await lesson.join(1, "raiders[3]")
        assert [one["type"] for one in lesson.told.frames(1)] == ["locked", "reply"]


async def test_a_command_that_it_cannot_is_refused_here(folder: Folder) -> None:
    async with played(folder.command('say(can=["join"])\nfor said in lines(): ok(said)')) as lesson:
        await lesson.join(1, "teacher")
        assert (await lesson.ask(1, "suspend"))["error"]["code"] == "unavailable"
        assert (await lesson.ask(1, "resume", session="s", epoch="-", after=0))["error"]["code"] == "resume_lost"
        assert "suspend" not in lesson.target.can
        assert {"dial", "deaf", "join"} <= lesson.target.can


async def test_a_resume_needs_no_view(folder: Folder) -> None:
    async with played(folder.command(ECHO)) as lesson:
        await lesson.join(1, "teacher")
        session = lesson.told.frames(1)[0]["session"]
        lesson.target.cut(1)
        lesson.dial(2, "teacher")
        await lesson.ask(2, "resume", session=session, epoch="-", after=0)
        assert [one["type"] for one in lesson.told.frames(2)] == ["echo", "reply"]
        assert echoed(lesson, 2)[0]["session"] == session


async def test_a_cut_is_told_once_and_only_of_the_line_that_is_in(folder: Folder) -> None:
    body = """
say(can=["join", "cut"])
told = []
for said in lines():
    told.append(said["do"])
    if said["do"] == "join":
        say(fact="received", actor=said["actor"], frame={"type": "echo", "said": list(told)})
    ok(said)
"""
    async with played(folder.command(body)) as lesson:
        await lesson.join(1, "teacher")
        await lesson.join(2, "teacher")
        lesson.target.cut(1)
        lesson.target.cut(2)
        lesson.target.cut(2)
        lesson.dial(3, "teacher")
        lesson.target.send(3, {"type": "join", "ref": "x", "name": "T"})
        lesson.target.cut(3)
        await lesson.target.settled()
        await lesson.join(4, "teacher")
        assert echoed(lesson, 4) == [["join", "join", "cut", "join", "cut", "join"]]
        assert lesson.told.frames(3) == []


async def test_one_that_cannot_cut_is_told_nothing_and_neither_is_the_line(folder: Folder) -> None:
    body = """
say(can=["join", "chat"])
for said in lines():
    say(fact="received", actor="teacher", type=said["do"])
    ok(said)
"""
    async with played(folder.command(body)) as lesson:
        await lesson.join(1, "teacher")
        await lesson.join(2, "raiders[3]")
        before = len(lesson.told.frames(1))
        lesson.target.cut(1)
        await lesson.ask(2, "chat", text="hello")
        await lesson.join(3, "teacher")
        assert len(lesson.told.frames(1)) == before
        assert [one["type"] for one in lesson.told.frames(3)] == ["view", "join", "reply"]


async def test_who_is_deaf_is_told_later_their_end_too(folder: Folder) -> None:
    body = """
say(can=["join", "chat"])
for said in lines():
    if said["do"] == "chat":
        say(fact="received", actor="raiders-3", type="locked", by="teacher")
        say(fact="disconnected", actor="raiders-3")
    ok(said)
"""
    async with played(folder.command(body)) as lesson:
        await lesson.join(1, "teacher")
        await lesson.join(2, "raiders[3]")
        lesson.target.deaf(2, True)
        await lesson.ask(1, "chat", text="hello")
        assert len(lesson.told.frames(2)) == 2
        assert lesson.told.end(2) is None
        lesson.target.deaf(2, False)
        assert lesson.told.frames(2)[-1]["type"] == "locked"
        assert lesson.told.end(2) == 1006


# Its journal.

JOURNAL = """
say(can=["join", "chat", "lock", "crash"], views=["server", "client"])
seq = 0
for said in lines():
    if said["do"] == "join":
        person = {"id": said["actor"], "name": said["name"], "role": said["role"], "place": "inside"}
        say(fact="joined", participant=said["actor"], person=person)
        say(fact="received", actor="teacher", type="joined", participant=said["actor"], person=person)
    elif said["do"] == "lock":
        say(fact="received", actor="teacher", type="locked", by="teacher", seq=7)
        say(fact="locked", by="teacher", seq=7)
    ok(said)
"""


async def test_events_are_numbered_and_come_before_their_frames_and_answers(folder: Folder) -> None:
    async with played(folder.command(JOURNAL)) as lesson:
        assert lesson.target.views == {"server", "client"}
        first = await lesson.join(1, "teacher")
        second = await lesson.join(2, "raiders[3]")
        quiet = await lesson.ask(1, "chat", text="of which no event tells")
        lock = await lesson.ask(1, "lock")
        assert [one["seq"] for one in lesson.told.events()] == [1, 2, 7]
        assert [first.get("seq"), second.get("seq"), quiet.get("seq"), lock.get("seq")] == [1, 2, None, 7]
        assert (await lesson.told.frame(1, "joined", participant="raiders-3"))["seq"] == 2
        order = [told[0] for told in lesson.told.all if told[-1].get("type") == "locked"]
        assert order == ["happened", "came"]


async def test_an_answer_may_say_itself_what_it_caused(folder: Folder) -> None:
    body = """
say(can=["join", "chat", "lock"])
for said in lines(): ok(said, seq={"join": 3, "chat": None, "lock": 9}[said["do"]])
"""
    async with played(folder.command(body)) as lesson:
        assert (await lesson.join(1, "teacher"))["seq"] == 3
        assert "seq" not in await lesson.ask(1, "chat", text="hello")
        assert (await lesson.ask(1, "lock"))["seq"] == 9


async def test_reports_tickets_and_addresses_where_it_has_them(folder: Folder) -> None:
    body = """
say(can=["join", "ticket", "origin", "report_afterwards"])
for said in lines():
    if said["do"] == "ticket":
        ok(said, ticket="t " + said["name"]) if said["role"] == "participant" else say(n=said["n"], ok=False, code="conflict")
    elif said["do"] == "report_afterwards":
        if said["participants"] == ["gone"]:
            say(n=said["n"], ok=False, code="no_such_participant")
        else:
            who = said.get("actor") or said["ticket"]
            say(fact="report_filed", report="r1", source="after_meeting", issue=said["issue"], who=who)
            ok(said)
    else:
        ok(said)
"""
    async with played(folder.command(body)) as lesson:
        target = lesson.target
        assert await target.ticket("Ben", "participant") == "t Ben"
        assert await target.ticket("Ben", "panelist") is None
        assert target.address("BR", 1) == target.address("BR", 1) != target.address("BR", 2)
        assert target.address("XX", 1) is None
        await lesson.join(1, "raiders[3]")
        session = lesson.told.frames(1)[0]["session"]
        assert await target.report(session, ["teacher"], "abuse", "text") is None
        assert await target.report("t Ben", ["teacher"], "spam", "") is None
        assert await target.report(session, ["gone"], "spam", "") == "no_such_participant"
        assert [(one["issue"], one["who"]) for one in lesson.told.reports()] == [
            ("abuse", "raiders-3"),
            ("spam", "t Ben"),
        ]
        assert target.view(1) is None


async def test_without_an_origin_there_is_no_address(folder: Folder) -> None:
    async with played(folder.command('say(can=["join"])\nfor said in lines(): ok(said)')) as lesson:
        assert lesson.target.address("BR", 1) is None


async def test_a_crash_ends_every_line(folder: Folder) -> None:
    async with played(folder.command(JOURNAL)) as lesson:
        await lesson.join(1, "teacher")
        await lesson.join(2, "raiders[3]")
        await lesson.target.crash()
        assert (lesson.told.end(1), lesson.told.end(2)) == (1006, 1006)
        await lesson.target.restart()
        assert (await lesson.join(3, "teacher"))["seq"] == 3
        assert lesson.told.frames(3)[-1]["ok"]


# What goes wrong.


async def broken(command: str) -> str:
    """Why a target failed, at its start or at the next call."""

    async def join_until_it_fails() -> None:
        async with played(command) as lesson:
            lesson.dial(1, "teacher")
            lesson.target.send(1, {"type": "join", "ref": "1", "name": "T"})
            await lesson.told.until(lambda: False)

    with pytest.raises(TargetFailed) as failed:
        await join_until_it_fails()
    said = str(failed.value)
    assert said.isprintable()
    assert len(said) < 500
    return said


GOOD = 'say(can=["join"], views=["server", "client"])\nsaid = json.loads(input())\n'
HANG = "\nsys.stdin.read()"


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ('print("> meet@1.0.0 start", flush=True)', "wrote what is no JSON: > meet@1.0.0 start"),
        ("say(views=[])", "a first line that does not say"),
        ('say(can="join")', "a first line that does not say"),
        ("say(can=[1])", "a first line that does not say"),
        ('say(can=["join"], views="client")', "a first line that does not say"),
        ('say(can=["join", "suspnd"])', "'suspnd' in can, which nobody knows (did you mean 'suspend'?)"),
        ('say(can=["join"], views=["clients"])', "'clients' in views, which nobody knows (did you mean 'client'?)"),
        ('say(can=["chat"])', "that it cannot join"),
        (GOOD + 'print("[1]", flush=True)', "what is no JSON object: [1]"),
        (GOOD + 'print(chr(27) + "]0;owned" + chr(7), flush=True)', "what is no JSON: \\x1b]0;owned\\x07"),
        (GOOD + 'print("x" * 5000, flush=True)', "… (4700 more)"),
        (GOOD + 'sys.stdout.buffer.write(b"\\xff\\xfe\\n"); sys.stdout.flush()', "what is no JSON"),
        (GOOD + 'print("[" * 100000, flush=True)', "what is no JSON"),
        (GOOD + 'print("x" * 1100000, flush=True)', "a line of more than 1,048,576 bytes"),
        (GOOD + "say(hello=1)", "neither an answer (n) nor a fact"),
        (GOOD + "say(n=99, ok=True)", "an answer to nothing that is open"),
        (GOOD + "ok(said); ok(said)", "an answer to nothing that is open"),
        (GOOD + 'say(n="1", ok=True)', "an answer to nothing that is open"),
        (GOOD + 'say(n=said["n"])', "neither ok: true nor ok: false"),
        (GOOD + 'say(n=said["n"], ok="yes")', "neither ok: true nor ok: false"),
        (GOOD + 'say(n=said["n"], ok=False)', "a refusal whose code is none"),
        (GOOD + 'say(n=said["n"], ok=False, code="lokced")', "(did you mean 'locked'?)"),
        (GOOD + 'ok(said, place="outside")', "a place that is none of early, waiting, inside"),
        (GOOD + "ok(said, participant=7)", "a participant that is no text"),
        (GOOD + 'ok(said, lacks=["roles"])', "what it lacks without a text that says why"),
        (GOOD + 'ok(said, lacks={"roles": 1})', "what it lacks without a text that says why"),
        ('say(can=["join"], clock="ours")', "a clock that is none of own, told"),
        (GOOD + 'ok(said, seq="7")', "a seq that is no whole number"),
        (GOOD + 'say(fact="recieved", actor="teacher")', "a fact that nobody knows"),
        (GOOD + 'say(fact="received", actor="nobody", type="x")', "an actor who is none of the cast"),
        (GOOD + 'say(fact="received", actor="teacher")', "a frame without a type"),
        (GOOD + 'say(fact="received", actor="teacher", frame=[1])', "a frame without a type"),
        (GOOD + 'say(fact="received", actor="teacher", type="reply")', "a reply as a frame"),
        (GOOD + 'say(fact="received", actor="teacher", type="view", view={"me": {"id": "p"}})', "me with id and place"),
        (GOOD + 'say(fact="received", actor="teacher", type="message", text="x")', "message without message, from, to"),
        (
            GOOD + 'say(fact="received", actor="teacher", type="locked", by="x", seq=True)',
            "a seq that is no whole number",
        ),
        (GOOD + 'say(fact="disconnected", actor="teacher", code="gone")', "a close code that is no whole number"),
        (GOOD + 'say(fact="joined", participant="x")', "joined without person"),
        (GOOD + 'say(fact="locked", by="x", seq=2); say(fact="locked", by="x", seq=2)', "is not greater than 2"),
        (GOOD.replace('"server", ', "") + 'say(fact="locked", by="x")', 'did not say "server" in views'),
        (GOOD + 'say(fact=["locked"])', "cannot be used"),
    ],
)
async def test_rubbish(folder: Folder, body: str, why: str) -> None:
    assert why in await broken(folder.command(body + HANG))


@pytest.mark.parametrize("body", ["", GOOD])
async def test_an_adapter_that_ends(folder: Folder, body: str) -> None:
    assert (
        await broken(folder.command(f"{body}\nsys.exit(3)"))
        == "The adapter ended in the middle of the run, with code 3."
    )


async def test_an_adapter_that_does_not_begin(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(talk, "BEGINS_WITHIN", 0.2)
    assert await broken(folder.command(HANG)) == "The adapter did not say within 0.2 s what it can."


async def test_an_adapter_that_does_not_answer(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(talk, "ANSWERS_WITHIN", 0.1)
    said = await broken(folder.command(GOOD + HANG))
    assert said.startswith("The adapter did not answer within 0.1 s: join ")
    assert '"actor": "teacher"' in said


async def test_whoever_waits_for_an_answer_is_told_that_none_comes(folder: Folder) -> None:
    body = 'say(can=["join", "ticket"])\ninput()\nsys.exit(0)'
    async with played(folder.command(body)) as lesson:
        with pytest.raises(TargetFailed, match="ended in the middle of the run"):
            await lesson.target.ticket("Ben", "participant")
        with pytest.raises(TargetFailed, match="ended in the middle of the run"):
            await lesson.target.settled()


@pytest.mark.parametrize(
    ("command", "why"),
    [
        ("", "An empty text is no command"),
        ("node 'adapter", "is no command: No closing quotation"),
        ("/nowhere/adapter --x", "The adapter '/nowhere/adapter' cannot be started: No such file"),
    ],
)
async def test_no_command(command: str, why: str) -> None:
    assert why in await broken(command)


async def test_two_of_the_cast_have_different_names_there(folder: Folder) -> None:
    cast = {one.ref: one for one in (member("raiders[3]"), member("raiders-3"))}
    async with AdapterTarget.starting(folder.command(ECHO)) as target:
        with pytest.raises(TargetFailed, match="Two of the cast would be raiders-3"):
            await target.open(scenario(), 7, cast, Told())


async def test_what_it_says_to_people_is_handed_on_harmlessly(
    folder: Folder, capsys: pytest.CaptureFixture[str]
) -> None:
    body = (
        GOOD
        + 'sys.stderr.write("listening\\n\\x1b[2J\\n" + "x" * 2000000 + "\\nlast"); sys.stderr.close(); ok(said)'
        + HANG
    )
    async with played(folder.command(body)) as lesson:
        await lesson.join(1, "teacher")
    lines = capsys.readouterr().err.splitlines()
    assert lines[:2] == ["adapter: listening", "adapter: \\x1b[2J"]
    assert lines[-1] == "adapter: last"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", "time.sleep(60)"),
        ("import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)", "time.sleep(60)"),
        ("", "sys.exit()"),
    ],
    ids=["goes on", "will not end", "leaves a child"],
)
async def test_nothing_is_left_of_it(folder: Folder, monkeypatch: pytest.MonkeyPatch, before: str, after: str) -> None:
    monkeypatch.setattr(pipe, "ENDS_WITHIN", 0.3)
    body = f"""
import subprocess, time, os
{before}
child = subprocess.Popen([sys.executable, "-S", "-c", "import time; time.sleep(60)"])
say(can=["join"])
for said in lines(): ok(said, participant=f"{{os.getpid()}} {{child.pid}}")
{after}
"""
    async with played(folder.command(body)) as lesson:
        await lesson.join(1, "teacher")
        pids = [int(pid) for pid in lesson.told.frames(1)[0]["view"]["me"]["id"].split()]
    assert len(pids) == 2
    await lesson.told.until(lambda: not any(_runs(pid) for pid in pids))


def _runs(pid: int) -> bool:
    """Whether a process is there; one that nobody has collected yet is not."""
    try:
        os.kill(pid, 0)
        return " Z " not in Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False


async def test_a_quiet_adapter_settles_and_one_at_work_is_waited_for(folder: Folder) -> None:
    body = """
import time
say(can=["join", "chat"])
for said in lines():
    if said["do"] == "chat": time.sleep(0.4)
    ok(said)
"""
    async with played(folder.command(body)) as lesson:
        await lesson.join(1, "teacher")
        lesson.target.send(1, {"type": "chat", "ref": "slow", "text": "hello"})
        await lesson.target.settled()
        assert lesson.told.frames(1)[-1]["ref"] == "slow"
        await asyncio.wait_for(lesson.target.settled(), 2)
