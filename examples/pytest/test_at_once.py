"""The same with ``await``: such a test is run in the simulation's own loop, and needs no other plugin."""

import asyncio

import pytest

from meetingsim.clients import RefusedError
from meetingsim.testing.sync import Simulation


@pytest.mark.seeds(3)
async def test_whoever_is_let_in_at_the_moment_of_a_lock_is_in_or_out(meetingsim: Simulation) -> None:
    meeting = await meetingsim.aio.create_meeting(settings={"waiting_room": {"enabled": False}})
    teacher = await meeting.host("Teacher")
    crowd = meeting.cast("crowd", 10)
    early, late = [one.join() for one in crowd[:5]], [one.join() for one in crowd[5:]]
    outcomes = await asyncio.gather(*early, teacher.lock(), *late, return_exceptions=True)
    refused = [one for one in outcomes if isinstance(one, RefusedError)]
    assert {one.code for one in refused} <= {"locked"}
    inside = [one for one in crowd if one.place == "inside"]
    assert len(inside) + len(refused) == len(crowd)
    assert len(teacher.view["participants"]) == 1 + len(inside)


async def test_a_line_of_chat_is_waited_for_while_it_is_written(meetingsim: Simulation) -> None:
    meeting = await meetingsim.aio.create_meeting(settings={"waiting_room": {"enabled": False}})
    await meeting.host("Teacher")
    mia, ben = await meeting.guest("Mia"), await meeting.guest("Ben")
    heard, _ = await asyncio.gather(ben.wait_for("message"), mia.chat("Good morning"))
    assert heard["text"] == "Good morning"
