"""Reports from outside: after the end, by the removed and the denied, for thirty days and with what they could read."""

from __future__ import annotations

from typing import Any

from meetingsim.state.controls.admit import Admit
from meetingsim.state.controls.chat import Chat
from meetingsim.state.controls.deny import Deny
from meetingsim.state.controls.presence import Leave
from meetingsim.state.controls.put_in_waiting_room import PutInWaitingRoom
from meetingsim.state.controls.remove import Remove
from meetingsim.state.controls.report import Report, ReportAfterwards
from meetingsim.state.controls.start_end import End
from meetingsim.state.controls.waiting_room_chat import WaitingRoomChat
from meetingsim.state.settings import ReportSettings, WaitingRoom
from tests.driver import Outcome
from tests.state.room import change, room

DAY = 24 * 3600 * 1000


def evidence(done: Outcome) -> dict[str, Any]:
    """Of the only report of a command."""
    (filing,) = done.filings
    found: dict[str, Any] = filing.document["evidence"]
    return found


def texts(done: Outcome) -> list[str]:
    return [line["text"] for line in evidence(done)["chat"]]


def test_whoever_was_there_reports_after_the_end_and_the_meeting_notices_nothing() -> None:
    here = room()
    here.says(here.noah, Chat("offensive-text-1"))
    here.says(here.host, End())
    assert here.says(here.mia, Report((here.noah,), "abuse")).code == "ended"
    before = here.sim.meeting
    done = here.says(here.mia, ReportAfterwards((here.noah,), "abuse", "in the chat"))
    (filing,) = done.filings
    assert (done.code, done.rows, done.answer) == (None, (), {"report": filing.report})
    assert here.sim.meeting is before
    document = filing.document
    assert (document["source"], document["issue"], document["text"]) == ("after_meeting", "abuse", "in the chat")
    assert (document["subjects"], document["reporter"]["id"]) == ([here.noah], here.mia)
    assert texts(done) == ["offensive-text-1"]
    assert [row["id"] for row in evidence(done)["roster"]] == [here.host, here.cohost, here.mia, here.noah]
    assert evidence(done)["controls"]["status"] == "ended"


def test_for_thirty_days() -> None:
    here = room()
    here.sim.now += 40 * DAY
    assert here.says(here.mia, ReportAfterwards((here.noah,), "abuse")).code is None, "it has not ended"
    here.says(here.host, End())
    here.sim.now += 30 * DAY
    assert here.says(here.mia, ReportAfterwards((here.noah,), "abuse")).code is None
    here.sim.now += 1
    assert here.says(here.mia, ReportAfterwards((here.noah,), "abuse")).code == "not_permitted"


def test_the_removed_report_too_with_what_they_could_read() -> None:
    here = room(reports=ReportSettings(participants_may_report=False))
    here.says(here.noah, Chat("offensive-text-1"))
    here.says(here.host, Remove(here.mia))
    here.says(here.noah, Chat("after they were gone"))
    done = here.says(here.mia, ReportAfterwards((here.noah,), "abuse"))
    assert (done.code, texts(done)) == (None, ["offensive-text-1"])
    assert done.filings[0].document["reporter"]["place"] == "removed"


def test_whoever_was_never_let_in_read_nothing() -> None:
    here = room(waiting_room=WaitingRoom())
    here.says(here.host, Chat("among us"))
    eve = here.sim.enter("Eve", device="d-eve")
    here.says(eve, WaitingRoomChat("let me in"))
    here.says(here.host, Deny(eve))
    done = here.says(eve, ReportAfterwards((here.host,), "abuse"))
    assert texts(done) == []
    about = here.sim.http(ReportAfterwards((eve,), "spam"))
    assert [line["text"] for line in evidence(about)["waiting_room_chat"]] == ["let me in"]


def test_only_what_was_said_since_the_last_admission_and_before_they_were_gone() -> None:
    here = room()
    here.says(here.noah, Chat("before"))
    here.says(here.host, PutInWaitingRoom(here.mia))
    here.says(here.noah, Chat("meanwhile"))
    here.says(here.host, Admit(here.mia))
    here.says(here.noah, Chat("since"))
    here.says(here.mia, Leave())
    here.says(here.noah, Chat("afterwards"))
    assert texts(here.says(here.mia, ReportAfterwards((here.noah,), "abuse"))) == ["since"]


def test_who_was_not_there_reports_nothing_and_about_nobody() -> None:
    here = room()
    here.says(here.host, End())
    assert here.says("somebody", ReportAfterwards((here.noah,), "abuse")).code == "not_permitted"
    assert here.says(here.mia, ReportAfterwards(("nobody",), "abuse")).code == "no_such_participant"
    assert here.says(here.mia, ReportAfterwards((), "abuse")).code == "malformed"
    assert here.says(here.mia, ReportAfterwards((here.noah,), "nonsense")).code == "malformed"


def test_a_token_reports_and_says_who_it_is() -> None:
    here = room()
    here.says(here.mia, Chat("psst", here.noah))
    here.says(here.mia, Chat("to all"))
    here.says(here.mia, Chat("to the hosts", "hosts"))
    here.says(here.host, End())
    done = here.sim.http(ReportAfterwards((here.mia,), "spam"))
    assert done.filings[0].document["reporter"] == {"id": "host", "role": "host"}
    assert texts(done) == ["to all", "to the hosts"], "no private line that the reporter was not in"
    change(here.sim, capacity=9)
    assert here.sim.http(ReportAfterwards((here.mia,), "spam"), kind="admin").filings[0].document["reporter"] == {
        "id": "admin",
        "role": "host",
    }
