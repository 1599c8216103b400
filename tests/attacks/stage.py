"""What the tests of attacks share: a room full of people, a stranger at the door, and what each of them got."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2
import websockets
from mmdb_writer import MMDBWriter
from netaddr import IPSet

from meetingsim.geo.plan import address_of
from meetingsim.state.controls import TABLE
from tests.wire import Client, Frame, Headers, Meeting, Server

OPEN: dict[str, Any] = {"waiting_room": {"enabled": False}}
"""Settings of a meeting in which nobody waits."""

ACTIVITIES = frozenset(
    {
        "audio_changed",
        "video_changed",
        "share_started",
        "annotated",
        "message",
        "recording_started",
        "renamed",
        "profile_picture_changed",
    }
)
"""The events of what a suspension stops."""


@asynccontextmanager
async def together(meeting: Meeting, *names: str, **fields: Any) -> AsyncIterator[list[Client]]:
    """The host and people of these names, all inside."""
    async with AsyncExitStack() as stack:
        host = await stack.enter_async_context(meeting.host())
        people = [await stack.enter_async_context(meeting.guest(name, **fields)) for name in names]
        for person in people:
            if person.place == "waiting":
                await host.ask("admit", participant=person.id)
                await person.placed("inside")
        for one in (host, *people):
            await one.settle()
        yield [host, *people]


def knock(meeting: Meeting, name: str = "Mia", **fields: Any) -> dict[str, Any]:
    """The fields of a join with the right passcode and a device of one's own."""
    return {"name": name, "passcode": meeting.made["passcode"], "device": f"device of {name}", **fields}


async def turned_away(meeting: Meeting, *, headers: Headers | None = None, **fields: Any) -> tuple[str, int]:
    """Somebody who must not get in: the code they are told, and the code their socket is closed with."""
    async with meeting.connect(headers=headers) as client:
        code = await client.refused("join", **fields)
        return code, (await client.closed())[0]


async def answer_at_door(meeting: Meeting, **fields: Any) -> str:
    """What one join on a socket of its own is answered: a refusal's code, or the place it led to."""
    async with meeting.connect() as client:
        reply = await client.reply(await client.send("join", **{"name": "Mia", **fields}))
        return client.place if reply["ok"] else str(reply["error"]["code"])


def nobody(server: Server, number: str = "12345678901") -> Meeting:
    """A meeting that does not exist."""
    socket_url = f"ws{server.url.removeprefix('http')}/api/v1/meetings/{number}/socket"
    return Meeting(server, {"id": number, "socket_url": socket_url, "passcode": "123456", "host_token": "host_none"})


async def resume_refused(meeting: Meeting, person: Client, **fields: Any) -> tuple[str, int]:
    """Somebody who must not get back by their session: the code they are told, and the close code."""
    async with meeting.connect() as client:
        code = await client.refused("resume", session=person.session, epoch=person.epoch, after=1, **fields)
        return code, (await client.closed())[0]


@asynccontextmanager
async def resumed(meeting: Meeting, person: Client, **fields: Any) -> AsyncIterator[Client]:
    """The same person on another connection, by the session alone."""
    after = max(frame.get("seq") or 0 for frame in person.frames)
    async with meeting.connect() as client:
        client.view, client.session, client.epoch = person.view, person.session, person.epoch
        await client.ask("resume", session=person.session, epoch=person.epoch, after=after, **fields)
        yield client


async def drop(person: Client, seen_by: Client) -> None:
    """The person's connection ends without a word, and somebody inside has been told."""
    await person.socket.close()
    await seen_by.event("reconnecting", participant=person.id)


async def fire(client: Client, commands: Iterable[Mapping[str, Any]]) -> list[str]:
    """Sends everything without waiting for an answer; the refs of the replies to come."""
    return [
        await client.send(**{"command": one["type"], **{k: v for k, v in one.items() if k != "type"}})
        for one in commands
    ]


async def verdicts(client: Client, refs: Sequence[str]) -> list[str]:
    """What became of each command: ``ok``, or the code of its refusal."""
    wanted = set(refs)
    while wanted - {frame["ref"] for frame in client.frames if frame["type"] == "reply"}:
        await client.receive()
    replies = {frame["ref"]: frame for frame in client.frames if frame["type"] == "reply"}
    return ["ok" if replies[ref]["ok"] else str(replies[ref]["error"]["code"]) for ref in refs]


def types(frames: Iterable[Frame]) -> list[str]:
    """What kinds of frames these are, in order."""
    return [frame["type"] for frame in frames]


async def settled(*people: Client) -> None:
    """Everybody has read what the server had for them."""
    await asyncio.gather(*(person.settle() for person in people))


def from_country(country: str, index: int = 0) -> str:
    """An address of the simulated plan."""
    return address_of(country, index)


def write_database(path: Path, networks: Mapping[str, Mapping[str, Any]], kind: str) -> Path:
    """A MaxMind DB file of that kind with a record for each network."""
    writer = MMDBWriter(ip_version=6, ipv4_compatible=True, database_type=kind, languages=["en"], description="test")
    for network, record in networks.items():
        writer.insert_network(IPSet([network]), dict(record))
    writer.to_db_file(str(path))
    return path


async def silent(meeting: Meeting) -> websockets.ClientConnection:
    """An open socket that never says a word."""
    return await websockets.connect(meeting.made["socket_url"], compression=None, max_size=None)


def every_command(target: str) -> dict[str, dict[str, Any]]:
    """Every command that a socket takes once it has joined, but for leaving, aimed at this person where it has an aim."""
    person = {"participant": target}
    commands: dict[str, dict[str, Any]] = {
        "admit": person,
        "admit_all": {},
        "allow": {"activity": "record", "allowed": True},
        "annotate": {},
        "ask_to_unmute": person,
        "chat": {"text": "hello"},
        "close_breakout_rooms": {},
        "delete_message": {"message": "m0"},
        "deny": person,
        "end": {},
        "join_breakout_room": {"room": "one", **person},
        "leave_breakout_room": person,
        "let_return": person,
        "lock": {},
        "make_cohost": person,
        "make_host": person,
        "media": {"kind": "audio", "n": 1},
        "mute": person,
        "mute_all": {},
        "open_breakout_rooms": {"rooms": [{"name": "one"}]},
        "put_in_waiting_room": person,
        "raise_hand": {"up": True},
        "react": {"kind": "applause"},
        "remove": person,
        "rename": {"name": "Eve"},
        "report": {"participants": [target], "issue": "spam"},
        "revoke_cohost": person,
        "set_audio": {"on": True},
        "set_profile_picture": {"on": True},
        "set_region_rule": {"mode": "deny", "countries": ["DE"]},
        "set_video": {"on": True},
        "set_waiting_room": {"enabled": False},
        "start": {},
        "start_recording": {},
        "start_share": {},
        "stop_recording": {},
        "stop_share": {},
        "stop_video": person,
        "suspend": {},
        "unlock": {},
        "waiting_room_chat": {"text": "hello"},
    }
    known = {control.name for control in TABLE if control.socket} - {"join", "resume", "leave"}
    assert commands.keys() == known, f"say here how {sorted(commands.keys() ^ known)} is sent"
    return commands


@asynccontextmanager
async def sockets(meeting: Meeting, count: int) -> AsyncIterator[list[Client]]:
    """So many sockets that have said nothing yet."""
    async with AsyncExitStack() as stack:
        yield [await stack.enter_async_context(meeting.connect()) for _ in range(count)]


@asynccontextmanager
async def deaf(meeting: Meeting, name: str) -> AsyncIterator[Client]:
    """Somebody who joins, and from then on takes nothing from the network until the transport is resumed."""
    url = httpx2.URL("http" + meeting.made["socket_url"].removeprefix("ws"))
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8_192)
    sock.connect((url.host, url.port))
    sock.setblocking(False)
    async with websockets.connect(
        meeting.made["socket_url"], sock=sock, compression=None, max_size=None, max_queue=None, ping_interval=None
    ) as connection:
        client = Client(connection)
        await client.ask("join", **knock(meeting, name))
        connection.transport.pause_reading()
        yield client
