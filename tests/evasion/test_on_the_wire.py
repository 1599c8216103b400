"""The default keys over real sockets: each trick ends there as it does by the rules."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import asdict, dataclass, field
from typing import Any

import pytest

from tests.attacks.stage import drop, turned_away
from tests.evasion.expected import expected
from tests.evasion.rules import ENTRIES, NEW_PASSCODE
from tests.evasion.tricks import IDA, SETTINGS, TICKETS, TRICKS, Cell, Showing, Trick
from tests.wire import Client, Frame, Meeting, Server

pytestmark = pytest.mark.anyio
CELLS = expected()
HERE = {key: trick for key, trick in TRICKS.items() if trick.after != "server restarts"}
"""A restart takes a server of its own: tests/live/test_restart.py."""
PLAYED = [(*key, "default") for key in HERE] + [
    (*key, setting)
    for setting in ("default, refuse", "default, admit", "may return")
    for key in HERE
    if CELLS[*key, setting] != CELLS[*key, "default"]
]


@dataclass
class Stage:
    """A meeting on the wire with a host and Ida, and with Mia, who is to be removed."""

    meeting: Meeting
    host: Client
    sockets: AsyncExitStack
    removal: dict[str, Any]
    passcode: str
    tickets: dict[str, str] = field(default_factory=dict)
    users: dict[str, str] = field(default_factory=dict)
    reached: int = 0

    def fields(self, shows: Showing) -> dict[str, Any]:
        """A join that shows exactly this."""
        said = {
            "name": shows.name,
            "passcode": self.passcode,
            "address": shows.address,
            "device": shows.device,
            "ticket": self.tickets[shows.ticket] if shows.ticket else None,
            "user_token": self.users[shows.user] if shows.user else None,
        }
        return {name: value for name, value in said.items() if value is not None}

    async def connect(self) -> Client:
        """A socket that stays open until the end of the test."""
        return await self.sockets.enter_async_context(self.meeting.connect())

    async def enters(self, shows: Showing) -> Client:
        """Somebody joins who must not be refused."""
        client = await self.connect()
        await client.ask("join", **self.fields(shows))
        return client

    async def patch(self, **settings: Any) -> None:
        """The host changes settings over HTTP."""
        async with self.meeting.server.http(self.meeting.made["host_token"]) as http:
            response = await http.patch(f"/meetings/{self.meeting.id}", json={"settings": settings})
        assert response.status_code == 200, response.text

    async def mark(self) -> None:
        """Decisions from now on are those of the try."""
        journal = await self.meeting.journal()
        self.reached = journal[-1]["seq"]

    async def decided(self) -> Frame | None:
        """The reason of the first decision about an entry since the mark."""
        rows = [row for row in await self.meeting.journal(*ENTRIES) if row["seq"] > self.reached]
        return rows[0]["because"] if rows else None


@asynccontextmanager
async def staged(server: Server, setting: str, *, waiting_room: bool) -> AsyncIterator[Stage]:
    removal = asdict(SETTINGS[setting])
    meeting = await server.meeting(waiting_room={"enabled": waiting_room}, removal=removal)
    async with AsyncExitStack() as sockets:
        host = await sockets.enter_async_context(meeting.host())
        stage = Stage(meeting, host, sockets, removal, meeting.made["passcode"])
        for ticket, email in TICKETS.items():
            stage.tickets[ticket] = await meeting.ticket("Somebody", email=email)
        account = await server.account()
        for user in ("mia", "ben"):
            stage.users[user] = await account.user(user, f"{user}@school.example")
        ida = await stage.enters(IDA)
        if waiting_room:
            await host.ask("admit", participant=ida.id)
        yield stage


async def before(stage: Stage, trick: Trick, mia: Client) -> Client | None:
    """What comes before the removal; the second entry where there is one."""
    if trick.before == "in a breakout room":
        await stage.host.ask("open_breakout_rooms", rooms=[{"name": "one", "participants": [mia.id]}])
    elif trick.before == "renamed":
        await stage.host.ask("rename", participant=mia.id, name="Somebody Else")
    elif trick.before == "left":
        await mia.ask("leave")
    elif trick.before in {"a second entry waits", "a second entry is inside"}:
        return await stage.enters(trick.second)
    return None


async def after(stage: Stage, trick: Trick) -> None:
    """What the host does after the removal, by PATCH where it is a setting."""
    if trick.after == "waiting room off" or trick.before == "waiting":
        await stage.patch(waiting_room={"enabled": False})
    elif trick.after in {"passcode changed", "passcode null"}:
        await stage.patch(passcode=NEW_PASSCODE if trick.after == "passcode changed" else None)
    elif trick.after == "match emptied":
        await stage.patch(removal={"match": []})
    elif trick.after == "match emptied, unmatched admit":
        await stage.patch(removal={"match": [], "unmatched": "admit"})
    elif trick.after == "may_return on":
        await stage.patch(removal={"may_return": True})
    elif trick.after == "host reconnects":
        await stage.host.socket.close()
        stage.host = await stage.connect()
        await stage.host.ask("join", name="Host", host_token=stage.meeting.made["host_token"])


async def tries(stage: Stage, trick: Trick, mia: Client, second: Client | None) -> Cell:
    """The try itself, on sockets."""
    if trick.tries in {"join", "join, then being admitted"}:
        client = await stage.connect()
        cell = await knocks(stage, client, "join", **stage.fields(trick.shows))
        if trick.tries == "join" or cell.outcome != "waits":
            return cell
        await stage.mark()
        return await admitted(stage, client)
    if trick.tries == "resume":
        return await knocks(
            stage, await stage.connect(), "resume", session=mia.session, epoch=mia.epoch, after=stage.reached
        )
    if trick.tries in {"a command", "a breakout room"}:
        return await late(stage, trick, mia)
    if trick.tries == "being admitted":
        return Cell("refused", await stage.host.refused("admit", participant=mia.id))
    assert second is not None
    if trick.tries == "the second entry is admitted":
        return await admitted(stage, second)
    if trick.tries == "the second entry resumes":
        await drop(second, stage.host)
        await stage.mark()
        fields = {"session": second.session, "epoch": second.epoch, "after": stage.reached}
        return await knocks(stage, await stage.connect(), "resume", **fields)
    return await stays(stage, second)


async def knocks(stage: Stage, client: Client, command: str, **fields: Any) -> Cell:
    """A first frame, what it is answered, and why by the journal."""
    reply = await client.reply(await client.send(command, **fields))
    because = await stage.decided()
    if not reply["ok"]:
        assert "matched" not in reply["error"], "nobody is told by what they were recognised"
        return Cell("refused", reply["error"]["code"], because.get("matched") if because else None)
    assert because is not None
    if not client.view:  # what was missed came event by event, which only somebody inside gets
        return Cell("in", because["rule"])
    return Cell("in" if client.place == "inside" else "waits", because["rule"])


async def admitted(stage: Stage, client: Client) -> Cell:
    """A host lets somebody in who waits, or cannot."""
    reply = await stage.host.reply(await stage.host.send("admit", participant=client.id))
    if not reply["ok"]:
        await client.settle()
        assert client.place == "waiting"
        return Cell("refused", reply["error"]["code"])
    await client.placed("inside")
    because = await stage.decided()
    return Cell("in", because["rule"] if because else "")


async def stays(stage: Stage, second: Client) -> Cell:
    """Where the second entry is, whatever the host turned off."""
    await second.settle()
    if second.place == "waiting":
        (row,) = (await stage.meeting.get("/waiting-room"))["waiting"]
        return Cell("waits", row["why"])
    admitted = [row for row in await stage.meeting.journal("admitted") if row["participant"] == second.id]
    return Cell("in", admitted[0]["because"]["rule"] if admitted else "stays")


async def late(stage: Stage, trick: Trick, mia: Client) -> Cell:
    """A frame on the old socket is void: nothing answers it, and the socket is closed."""
    seen = len(mia.frames)
    if trick.tries == "a command":
        await mia.send("chat", text="still here")
    else:
        await mia.send("join_breakout_room", room="one")
    mia.socket.transport.resume_reading()
    assert (await mia.closed())[0] == 4500
    answered = [frame for frame in mia.frames[seen:] if frame["type"] == "reply"]
    events = await stage.meeting.journal("message", "room_changed")
    if answered or any(row["seq"] > stage.reached for row in events):
        return Cell("in", trick.tries)
    return Cell("refused", "not_inside")


@pytest.mark.parametrize(("group", "name", "setting"), PLAYED)
async def test_each_trick_ends_on_the_wire_as_by_the_rules(server: Server, group: str, name: str, setting: str) -> None:
    trick = TRICKS[group, name]
    async with staged(server, setting, waiting_room=trick.needs_waiting_room) as stage:
        mia = await stage.enters(trick.came)
        if trick.needs_waiting_room and trick.before != "waiting":
            await stage.host.ask("admit", participant=mia.id)
            await mia.placed("inside")
        second = await before(stage, trick, mia)
        if trick.tries in {"a command", "a breakout room"}:
            await stage.host.ask("open_breakout_rooms", rooms=[{"name": "one"}])
            await mia.settle()
            mia.socket.transport.pause_reading()  # so that the frame is sent by somebody who does not know yet
        await stage.host.ask("remove", participant=mia.id)
        await after(stage, trick)
        await stage.mark()
        assert await tries(stage, trick, mia, second) == CELLS[group, name, setting]


async def test_after_a_removal_no_ticket_is_made_for_that_mail_address(server: Server) -> None:
    async with staged(server, "default", waiting_room=False) as stage:
        mia = await stage.enters(TRICKS["One thing changed", "nothing changed"].came)
        await stage.host.ask("remove", participant=mia.id)
        async with server.http(stage.meeting.made["host_token"]) as http:
            path = f"/meetings/{stage.meeting.id}/tickets"
            refused = await http.post(path, json={"name": "Mia", "email": "MIA@school.example"})
            other = await http.post(path, json={"name": "Noah", "email": "noah@school.example"})
        assert (refused.status_code, refused.json()["code"]) == (403, "removed")
        assert other.status_code == 201


async def test_a_single_use_ticket_of_somebody_inside_is_no_way_in(server: Server) -> None:
    """What the page says would stop it, does; and the hosts are told."""
    async with staged(server, "default", waiting_room=False) as stage:
        stage.tickets["ida's"] = await stage.meeting.ticket("Ben", single_use=True)
        owner = await stage.enters(Showing("Ben", None, "ida's", "ben's phone", "192.0.2.31"))
        mia = await stage.enters(TRICKS["One thing changed", "nothing changed"].came)
        await stage.host.ask("remove", participant=mia.id)
        shows = TRICKS["As somebody new", "ticket of somebody inside"].shows
        assert await turned_away(stage.meeting, **stage.fields(shows)) == ("ticket_used", 4503)
        await stage.host.event("ticket_flagged", participant=owner.id)
        await owner.settle()
        assert owner.place == "inside"
