"""Waiting for frames: who gets which, what a time-out says, and what becomes of waits when the socket closes."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest

from meetingsim.clients import Closed, ConnectionClosed, Frame, Inbox, NotSilent, WaitTimeout
from meetingsim.clients.words import Admitted

pytestmark = pytest.mark.anyio
SOON = 0.02
LONG = 30.0


def frame(kind: str, n: int = 0, **more: Any) -> Frame[Any]:
    return Frame({"type": kind, "seq": n, **more})


async def begun(wait: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
    """The wait as a task that has reached its first stop."""
    task = asyncio.create_task(wait)
    await asyncio.sleep(0)
    return task


async def test_each_frame_is_taken_once_in_order() -> None:
    inbox = Inbox()
    for n in (1, 2):
        inbox.put(frame("message", n))
    assert (await inbox.wait_for("message", timeout=LONG)).seq == 1
    assert (await inbox.wait_for("message", timeout=LONG)).seq == 2
    with pytest.raises(WaitTimeout):
        await inbox.wait_for("message", timeout=SOON)


async def test_asking_in_another_order_than_they_came() -> None:
    inbox = Inbox()
    inbox.put(frame("joined", 1))
    inbox.put(frame("message", 2))
    assert (await inbox.wait_for("message", timeout=LONG)).seq == 2
    assert (await inbox.wait_for("joined", timeout=LONG)).seq == 1


async def test_where_passes_over_what_does_not_match_and_leaves_it() -> None:
    inbox = Inbox()
    inbox.put(frame("admitted", 1, participant="p1"))
    inbox.put(frame("admitted", 2, participant="p2"))
    found = await inbox.wait_for("admitted", lambda e: e["participant"] == "p2", timeout=LONG)
    assert found.seq == 2
    assert (await inbox.wait_for("admitted", timeout=LONG)).seq == 1


async def test_an_events_class_is_as_good_as_its_word() -> None:
    inbox = Inbox()
    inbox.put(frame("message", 1))
    inbox.put(frame("admitted", 2, participant="p2", person={}, by="p1"))
    found = await inbox.wait_for(Admitted, lambda e: e.event.by == "p1", timeout=LONG)
    assert found.event == Admitted("p2", {}, "p1")


async def test_what_comes_later_wakes_the_oldest_wait_alone() -> None:
    inbox = Inbox()
    first = await begun(inbox.wait_for("message", timeout=LONG))
    second = await begun(inbox.wait_for("message", timeout=LONG))
    inbox.put(frame("other", 1))
    inbox.put(frame("message", 2))
    assert (await first).seq == 2
    assert not second.done()
    inbox.put(frame("message", 3))
    assert (await second).seq == 3


async def test_without_a_type_any_frame_will_do() -> None:
    inbox = Inbox()
    inbox.put(frame("left", 1))
    assert (await inbox.wait_for(None, timeout=LONG)).type == "left"


async def test_taken_frames_are_kept_from_waits_and_not_from_reading() -> None:
    inbox = Inbox()
    inbox.put(frame("reply", 1), taken=True)
    inbox.put(frame("reply", 2))
    assert [one.seq for one in inbox.frames("reply")] == [1, 2]
    assert [one.seq for one in inbox.frames("reply", untaken=True)] == [2]
    assert (await inbox.wait_for("reply", timeout=LONG)).seq == 2
    assert inbox.frames(untaken=True) == []


async def test_take_all_takes_what_came_and_nothing_later() -> None:
    inbox = Inbox()
    inbox.put(frame("view", 1))
    inbox.put(frame("joined", 2))
    inbox.take_all("view")
    inbox.put(frame("view", 3))
    assert [one.seq for one in inbox.frames(untaken=True)] == [2, 3]


async def test_a_time_out_prints_the_last_frames_of_both_directions_without_secrets() -> None:
    inbox = Inbox(owner="Mia")
    inbox.note_sent({"type": "join", "name": "Mia", "passcode": "hush-hush"})
    inbox.put(frame("view", 3, session="hush-hush", view={"meeting": {"settings": {"passcode": "hush-hush"}}}))
    with pytest.raises(WaitTimeout) as raised:
        await inbox.wait_for("admitted", lambda e: True, timeout=SOON)
    said = str(raised.value)
    assert "no 'admitted' that matches within 0.02 s" in said
    assert "last frames of Mia" in said
    assert said.index("-> join") < said.index("<- view #3")
    assert "hush-hush" not in said
    assert raised.value.brief == "no 'admitted' that matches within 0.02 s"
    assert isinstance(raised.value, AssertionError | TimeoutError)


async def test_a_time_out_prints_twenty_frames() -> None:
    inbox = Inbox()
    for n in range(1, 31):
        inbox.put(frame("message", n))
    with pytest.raises(WaitTimeout) as raised:
        await inbox.wait_for("left", timeout=SOON)
    lines = [line for line in str(raised.value).splitlines() if "<- message" in line]
    assert len(lines) == 20
    assert "#11 " in lines[0]
    assert "#30 " in lines[-1]


async def test_unparsed_frames_are_noted_by_their_length() -> None:
    inbox = Inbox()
    inbox.note_sent('{"type":"join","passcode":"hush-hush"')
    assert "hush-hush" not in inbox.trail()
    assert '"length": 37' in inbox.trail()


async def test_history_is_bounded_and_says_what_it_forgot() -> None:
    inbox = Inbox(history=3)
    for n in range(1, 6):
        inbox.put(frame("message", n))
    assert [one.seq for one in inbox.frames()] == [3, 4, 5]
    assert inbox.forgotten == 2
    assert "2 older ones are forgotten" in inbox.trail()


async def test_without_history_only_those_who_wait_hear() -> None:
    inbox = Inbox(history=0)
    wait = await begun(inbox.wait_for("message", timeout=LONG))
    inbox.put(frame("message", 1))
    inbox.put(frame("message", 2))
    assert (await wait).seq == 1
    assert inbox.frames() == []
    with pytest.raises(WaitTimeout, match="<- message #2"):
        await inbox.wait_for("message", timeout=SOON)


async def test_closing_ends_waits_and_leaves_what_came() -> None:
    inbox = Inbox()
    wait = await begun(inbox.wait_for("message", timeout=LONG))
    inbox.put(frame("left", 1))
    inbox.close(Closed(4500, "removed"))
    with pytest.raises(ConnectionClosed, match=r"closed with 4500 \(removed\) while waiting for 'message'") as raised:
        await wait
    assert (raised.value.code, raised.value.meaning) == (4500, "removed")
    assert "<- left #1" in str(raised.value)
    assert (await inbox.wait_for("left", timeout=LONG)).seq == 1
    with pytest.raises(ConnectionClosed):
        await inbox.wait_for("left", timeout=LONG)


async def test_a_reopened_inbox_waits_again() -> None:
    inbox = Inbox()
    inbox.close(Closed(1006))
    inbox.reopen()
    wait = await begun(inbox.wait_for("message", timeout=LONG))
    inbox.put(frame("message", 1))
    assert (await wait).seq == 1


async def test_a_condition_that_fails_is_its_authors_fault_alone() -> None:
    inbox = Inbox()
    broken = await begun(inbox.wait_for("message", lambda e: e["nothing"] == 1, timeout=LONG))
    sound = await begun(inbox.wait_for("message", timeout=LONG))
    inbox.put(frame("message", 1))
    with pytest.raises(KeyError, match="nothing"):
        await broken
    assert (await sound).seq == 1


async def test_a_wait_that_is_cancelled_gives_its_frame_back() -> None:
    inbox = Inbox()
    wait = await begun(inbox.wait_for("message", timeout=LONG))
    inbox.put(frame("message", 1))
    wait.cancel()
    with pytest.raises(asyncio.CancelledError):
        await wait
    assert (await inbox.wait_for("message", timeout=LONG)).seq == 1


async def test_a_wait_that_is_over_holds_no_frame_back() -> None:
    inbox = Inbox()
    with pytest.raises(WaitTimeout):
        await inbox.wait_for("message", timeout=SOON)
    inbox.put(frame("message", 1))
    assert [one.seq for one in inbox.frames("message", untaken=True)] == [1]
    assert inbox._waits == []


async def test_silence_is_broken_at_once_and_takes_nothing() -> None:
    inbox = Inbox()
    silence = await begun(inbox.silence(LONG, "message"))
    wait = await begun(inbox.wait_for("message", timeout=LONG))
    inbox.put(frame("joined", 1))
    assert not silence.done()
    inbox.put(frame("message", 2, text="hello"))
    with pytest.raises(NotSilent, match="hello"):
        await silence
    assert (await wait).seq == 2


async def test_silence_hears_what_others_took() -> None:
    inbox = Inbox()
    wait = await begun(inbox.wait_for("message", timeout=LONG))
    silence = await begun(inbox.silence(LONG))
    inbox.put(frame("message", 1))
    await wait
    with pytest.raises(NotSilent):
        await silence


async def test_silence_minds_neither_what_was_before_nor_the_end() -> None:
    inbox = Inbox()
    inbox.put(frame("message", 1))
    await inbox.silence(SOON, "message")
    silence = await begun(inbox.silence(LONG))
    inbox.close(Closed(1000))
    await silence
