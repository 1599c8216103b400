"""The synchronous face: the same names and types, against a whole server in a thread of its own."""

from __future__ import annotations

import inspect
import subprocess
import sys
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from meetingsim import clients
from meetingsim.clients import (
    CameBack,
    ConnectionClosed,
    MeetingsimError,
    Reconnect,
    RegionBlockedError,
    SuspendedError,
    Unreachable,
    WaitTimeout,
    sync,
)
from meetingsim.clients.sync import Server, connect, guest, host
from meetingsim.clients.sync.portal import PORTAL, Portal
from meetingsim.clients.words import JoinedWaitingRoom, Message, Suspend
from tests.wire import Server as Running

OPEN: dict[str, Any] = {"waiting_room": {"enabled": False}}
NOT_THERE = {
    "Connection": {"inbox"},
    "Server": set(),
    "MeetingHandle": set(),
    "AccountHandle": set(),
    "SpaceHandle": set(),
}
"""What the synchronous face leaves out: an inbox belongs to its loop."""


@pytest.fixture
def sdk(server: Running) -> Iterator[Server]:
    with Server(server.url, server.admin_token) as connected:
        yield connected


# The same names, the same types.


def public(owner: type) -> dict[str, Any]:
    """Every public member of a class by its name."""
    return {name: value for name, value in inspect.getmembers(owner) if not name.startswith("_")}


def said(member: Any) -> str:
    """How a member is called, and what it gives."""
    function = member.fget if isinstance(member, property) else member
    return str(inspect.signature(function)).replace("AsyncIterator", "Iterator")


@pytest.mark.parametrize("name", sorted(NOT_THERE))
def test_every_member_is_there_and_is_called_alike(name: str) -> None:
    there, here = public(getattr(clients, name)), public(getattr(sync, name))
    assert there.keys() <= here.keys()
    for member, value in there.items():
        assert said(here[member]) == said(value), member
        assert not inspect.iscoroutinefunction(here[member])
        assert here[member].__doc__, member


@pytest.mark.parametrize("name", ["connect", "guest", "host"])
def test_functions_are_called_alike(name: str) -> None:
    there, here = inspect.signature(getattr(clients, name)), inspect.signature(getattr(sync, name))
    assert str(here.replace(return_annotation="")) == str(there.replace(return_annotation=""))


def test_what_the_asynchronous_classes_set_is_there_too(sdk: Server) -> None:
    meeting = sdk.create_meeting("Algebra")
    pairs = [
        (sdk, sdk._inner),
        (meeting, meeting._inner),
        (connect("ws://s.example"), connect("ws://s.example")._inner),
    ]
    for here, there in pairs:
        names = {name for name in vars(there) if not name.startswith("_")} - NOT_THERE[type(there).__name__]
        assert names
        assert all(hasattr(here, name) for name in names)


# What it does.


def test_a_lesson_that_is_raided(sdk: Server) -> None:
    meeting = sdk.create_meeting("Algebra")
    with host(meeting, "Teacher") as teacher, guest(meeting, "Mia", country="BR") as mia:
        assert mia.place == "waiting"
        knock = teacher.wait_for(JoinedWaitingRoom)
        assert knock.event.person["name"] == "Mia"
        done = teacher.admit(knock.event.participant)
        assert done.seq == teacher.wait_for("admitted").seq
        assert mia.placed("inside")["me"]["role"] == "participant"
        teacher.chat("Good morning")
        assert mia.wait_for(Message).event.text == "Good morning"
        teacher.send(Suspend())
        mia.wait_for("suspended")
        with pytest.raises(SuspendedError):
            mia.set_audio(True)
        teacher.remove(mia.participant)
        assert mia.closed().code == 4500
        with pytest.raises(ConnectionClosed, match="removed"):
            mia.wait_for("never")
    assert [event.type for event in meeting.events(types=["suspended", "removed"]).events] == ["suspended", "removed"]


def test_frames_one_by_one_until_the_end(sdk: Server) -> None:
    meeting = sdk.create_meeting("Algebra", settings=OPEN)
    with host(meeting) as teacher, guest(meeting, "Mia") as mia:
        teacher.chat("one")
        for frame in mia.follow(Message):
            if frame.event.text == "one":
                break
        teacher.chat("two")
        teacher.end()
        assert [frame["text"] for frame in mia.follow("message")] == ["two"]


def test_the_journal_one_by_one(sdk: Server) -> None:
    meeting = sdk.create_meeting("Algebra")
    meeting.start()
    meeting.lock()
    seen = []
    for event in meeting.follow():
        seen.append(event.type)
        if event.type == "locked":
            break
    assert seen == ["started", "locked"]


def test_accounts_users_tickets_and_late_reports(sdk: Server) -> None:
    school = sdk.create_account("School", "head@school.example")
    own = school.create_user("Own", "own@school.example")
    meeting = school.create_meeting("Algebra", settings=OPEN)
    meeting.start()
    ticket = meeting.create_ticket("Mia")
    with guest(ticket.join_url, "Mia") as mia, guest(meeting, "Own", user_token=own.user_token) as other:
        subject, session = other.participant, mia.session
    report = sdk.create_report(meeting.id, [subject], "spam", token=session)
    assert [one["report"] for one in sdk.reports(meeting=meeting.id)["reports"]] == [report]
    assert repr(meeting) == repr(sdk.meeting(meeting.id))
    assert school.token not in repr(school)


def test_refusals_are_the_same(sdk: Server) -> None:
    meeting = sdk.create_meeting("Algebra", settings=OPEN | {"region": {"mode": "deny", "countries": ["KP"]}})
    meeting.start()
    with pytest.raises(RegionBlockedError) as raised, guest(meeting, "Kim", country="KP"):
        pass
    assert raised.value.country == "KP"
    with pytest.raises(MeetingsimError, match="no host token"), host(sdk.meeting(meeting.id)):
        pass


def test_it_comes_back_by_itself(sdk: Server) -> None:
    async def sleep(_: float) -> None:
        """A test waits for nothing."""

    meeting = sdk.create_meeting("Algebra", settings=OPEN)
    with host(meeting) as teacher, guest(meeting, "Mia", reconnect=Reconnect(seed=1, sleep=sleep)) as mia:
        mia.drop()
        assert mia.wait_for(CameBack).event.how == "resumed"
        teacher.chat("back?")
        assert mia.wait_for(Message).event.text == "back?"
        assert mia.mirror.faults == []


def test_what_fails_in_the_block_is_raised_and_is_a_drop(sdk: Server) -> None:
    meeting = sdk.create_meeting("Algebra", settings=OPEN)
    with host(meeting) as teacher:
        with pytest.raises(ZeroDivisionError), guest(meeting, "Mia") as mia:
            raise ZeroDivisionError
        teacher.wait_for("reconnecting", lambda frame: frame["participant"] == mia.participant)


def test_a_picture_is_a_copy(sdk: Server) -> None:
    meeting = sdk.create_meeting("Algebra", settings=OPEN)
    with host(meeting) as teacher:
        before = teacher.view
        told = teacher.seen(lambda view: True)
        teacher.lock()
        after = teacher.seen(lambda view: view["meeting"]["locked"])
        assert [one["meeting"]["locked"] for one in (before, told, after)] == [False, False, True]


def test_what_never_comes_is_told_with_what_came(sdk: Server) -> None:
    meeting = sdk.create_meeting("Algebra", settings=OPEN)
    with host(meeting) as teacher:
        with pytest.raises(WaitTimeout, match="last frames of Host"):
            teacher.wait_for("never", timeout=0.01)
        teacher.chat("hello")
        with pytest.raises(ZeroDivisionError):
            teacher.wait_for("message", lambda frame: bool(1 / 0))


def test_what_came_can_be_read_after_the_end(sdk: Server) -> None:
    meeting = sdk.create_meeting("Algebra", settings=OPEN)
    with host(meeting) as teacher:
        teacher.chat("hello")
    assert [frame["text"] for frame in teacher.frames("message")] == ["hello"]
    assert teacher.view["meeting"]["topic"] == "Algebra"


def test_many_threads_may_wait_at_once(sdk: Server) -> None:
    meeting = sdk.create_meeting("Algebra", settings=OPEN)
    heard: list[str] = []
    with host(meeting) as teacher, guest(meeting, "Mia") as mia:
        threads = [threading.Thread(target=lambda: heard.append(mia.wait_for("message")["text"])) for _ in range(5)]
        for thread in threads:
            thread.start()
        for n in range(5):
            teacher.chat(str(n))
        for thread in threads:
            thread.join()
    assert sorted(heard) == ["0", "1", "2", "3", "4"]


# The thread behind it.


def test_the_thread_is_there_as_long_as_anything_is_open(server: Running) -> None:
    def running() -> bool:
        return any(thread.name == "meetingsim" for thread in threading.enumerate())

    assert not running()
    with Server(server.url) as one:
        meeting = one.create_meeting("Algebra")
        with Server(server.url):
            pass
        with connect(meeting.socket_url) as conn:
            one.close()
            assert running()
            assert conn.join("Mia", passcode=meeting.passcode).ok
    assert not running()


def test_what_cannot_be_opened_holds_nothing(unused_port: int) -> None:
    with pytest.raises(Unreachable), connect(f"ws://127.0.0.1:{unused_port}/"):
        pass
    assert PORTAL._thread is None


def test_without_an_open_context_nothing_is_asked() -> None:
    with pytest.raises(RuntimeError, match="with statement"):
        Server("http://127.0.0.1:9").health()
    connect("ws://127.0.0.1:9/").close()


def test_a_listener_that_would_wait_for_itself_is_told_so(sdk: Server) -> None:
    meeting = sdk.create_meeting("Algebra", settings=OPEN)
    told: list[str] = []

    def listener(frame: Any) -> None:
        if frame.type == "locked":
            told.append(str(conn.place))
            with pytest.raises(RuntimeError, match="wait for itself"):
                conn.unlock()

    with connect(meeting.socket_url, on_frame=listener) as conn:
        conn.join("Host", host_token=meeting.host_token)
        conn.lock()
    assert told == ["inside"]


INTERRUPTED = """
import asyncio, os, signal
from meetingsim.clients.sync.portal import Portal

async def forever():
    try:
        os.kill(os.getpid(), signal.SIGINT)
        await asyncio.Event().wait()
    except asyncio.CancelledError:
        print("cancelled")
        raise

portal = Portal()
portal.hold()
try:
    portal.run(forever())
except KeyboardInterrupt:
    portal.release()
    print("interrupted")
"""


def test_ctrl_c_ends_the_wait_and_what_was_waited_for() -> None:
    done = subprocess.run([sys.executable, "-c", INTERRUPTED], capture_output=True, text=True, check=False, timeout=60)
    assert (done.stdout, done.stderr) == ("cancelled\ninterrupted\n", "")


def test_a_portal_starts_anew_after_it_was_let_go() -> None:
    portal = Portal()

    async def answer() -> int:
        return 42

    for _ in range(2):
        portal.hold()
        assert portal.run(answer()) == 42
        portal.release()
