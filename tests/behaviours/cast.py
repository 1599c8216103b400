"""Small steps that the tests of behaviours share: who stands at the door, who is inside, what reached whom."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Any

from tests.wire import Client, Frame, Meeting

OPEN: dict[str, Any] = {"waiting_room": {"enabled": False}}
"""Settings of a meeting in which nobody waits."""


def knock(meeting: Meeting, name: str = "Mia", **fields: Any) -> dict[str, Any]:
    """The fields of a join with the right passcode and a device of one's own."""
    return {"name": name, "passcode": meeting.made["passcode"], "device": f"device of {name}", **fields}


def types(frames: Iterable[Frame]) -> list[str]:
    """What kinds of frames these are, in order."""
    return [frame["type"] for frame in frames]


async def admit(host: Client, *waiting: Client) -> None:
    """The host lets them in, one after another, and each has seen it."""
    for person in waiting:
        await host.ask("admit", participant=person.id)
        await person.placed("inside")


async def names_waiting(meeting: Meeting) -> list[str]:
    """Who waits, in order, as the host reads it over HTTP."""
    return [row["name"] for row in (await meeting.get("/waiting-room"))["waiting"]]


async def names_inside(meeting: Meeting) -> list[str]:
    """Who is inside, in the order they entered, as the host reads it over HTTP."""
    return [row["name"] for row in (await meeting.get("/participants"))["participants"]]


async def row_of(meeting: Meeting, person: Client) -> Frame:
    """Somebody's row in the list of those inside, as the host reads it over HTTP."""
    rows = (await meeting.get("/participants"))["participants"]
    return next(row for row in rows if row["id"] == person.id)


async def drop(person: Client, seen_by: Client) -> None:
    """The person's connection ends without a word, and somebody inside has been told."""
    await person.socket.close()
    await seen_by.event("reconnecting", participant=person.id)


@asynccontextmanager
async def resumed(meeting: Meeting, person: Client, **fields: Any) -> AsyncIterator[Client]:
    """The same person on a new connection, by the session alone; what it answers is among the frames."""
    after = max(frame.get("seq") or 0 for frame in person.frames)
    async with meeting.connect() as client:
        client.view, client.session, client.epoch = person.view, person.session, person.epoch
        await client.ask("resume", session=person.session, epoch=person.epoch, after=after, **fields)
        yield client
