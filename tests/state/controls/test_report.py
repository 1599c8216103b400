"""Reports: nothing in the meeting shows them, and the server alone says what happened."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from meetingsim.state import evidence
from meetingsim.state.codes import ISSUES
from meetingsim.state.controls.admit import Admit
from meetingsim.state.controls.allow import Allow
from meetingsim.state.controls.chat import Chat
from meetingsim.state.controls.presence import Leave
from meetingsim.state.controls.remove import Remove, ReportWith
from meetingsim.state.controls.rename import Rename
from meetingsim.state.controls.report import Report
from meetingsim.state.controls.suspend import Suspend
from meetingsim.state.controls.waiting_room_chat import WaitingRoomChat
from meetingsim.state.evidence import completed
from meetingsim.state.meeting import Origin
from meetingsim.state.settings import Activity, ChatLevel, ReportSettings, WaitingRoom
from tests.driver import Outcome
from tests.state.room import change, room


def document(done: Outcome) -> dict[str, Any]:
    """The only report of a command, as JSON knows it."""
    (filing,) = done.filings
    read: dict[str, Any] = json.loads(json.dumps(filing.document))
    return read


def texts(done: Outcome) -> list[str]:
    return [line["text"] for line in document(done)["evidence"]["chat"]]


def test_nothing_in_the_meeting_shows_a_report() -> None:
    here = room()
    before, sent = here.sim.meeting, {one: len(inbox) for one, inbox in here.sim.inbox.items()}
    done = here.says(here.mia, Report((here.noah,), "abuse", "shouting"))
    assert (done.code, done.rows, done.signals, done.deliveries) == (None, (), (), ())
    assert here.sim.meeting is before
    assert {one: len(inbox) for one, inbox in here.sim.inbox.items()} == sent
    assert done.answer == {"report": done.filings[0].report}
    assert done.filings[0].pending is False


def test_a_report_says_who_what_and_when() -> None:
    here = room()
    done = here.says(here.mia, Report((here.noah, here.host, here.noah), "spam"))
    told = document(done)
    assert told["subjects"] == [here.noah, here.host]
    assert told["reporter"] == {
        "id": here.mia,
        "name": "Mia",
        "role": "participant",
        "place": "inside",
        "country": "BR",
    }
    assert (told["issue"], told["text"], told["source"]) == ("spam", None, "participant")
    assert (told["meeting"], told["occurred_at"]) == (here.sim.meeting.id, "2026-01-01T12:00:00.000Z")
    assert told["evidence"]["seq"] == here.sim.meeting.seq
    other = here.says(here.mia, Report((here.noah,), "spam"))
    assert other.filings[0].report != done.filings[0].report
    for kind in ("host", "admin"):
        asked = here.sim.http(Report((here.mia,), "spam"), kind=kind)
        assert document(asked)["reporter"] == {"id": kind, "role": "host"}


def test_the_evidence_is_what_the_server_saw() -> None:
    here = room(waiting_room=WaitingRoom())
    origin = Origin("192.0.2.7", "BR", "database", "countries", "2026-01-01", "vpn")
    mallory, zoe = here.sim.enter("Mallory", origin=origin), here.sim.enter("Zoe")
    here.says(mallory, WaitingRoomChat("let me in"))
    here.says(here.host, WaitingRoomChat("why?", mallory))
    here.says(here.host, Admit(mallory))
    here.says(mallory, Chat("rude"))
    done = here.says(here.host, Remove(mallory, report=ReportWith("abuse")))
    seen = document(done)["evidence"]
    assert [row["name"] for row in seen["roster"]] == ["Prof. Ito", "Dora", "Mia", "Noah", "Mallory"]
    assert [row["id"] for row in seen["waiting"]] == [zoe]
    assert seen["subjects"][0]["place"] == "inside"
    assert seen["controls"]["status"] == "started"
    assert [line["text"] for line in seen["waiting_room_chat"]] == ["let me in"]
    assert texts(done) == ["rude"]
    assert seen["origins"][mallory]["address"] == "192.0.2.7"
    assert seen["origins"][mallory]["country"] == "BR"


def test_the_evidence_is_frozen() -> None:
    here = room()
    here.says(here.noah, Chat("rude"))
    done = here.says(here.mia, Report((here.noah,), "abuse"))
    before = document(done)
    here.says(here.noah, Rename("Innocent"))
    here.says(here.noah, Chat("polite"))
    here.says(here.host, Suspend())
    here.says(here.noah, Leave())
    assert document(done) == before
    assert before["evidence"]["subjects"][0]["name"] == "Noah"


def test_a_bystanders_private_chat_is_no_evidence() -> None:
    here = room()
    for text, sender, to in (
        ("to all", here.cohost, None),
        ("subject to reporter", here.noah, here.mia),
        ("reporter to subject", here.mia, here.noah),
        ("bystander to reporter", here.cohost, here.mia),
        ("bystander to subject", here.cohost, here.noah),
        ("subject to hosts", here.noah, "hosts"),
        ("bystander to hosts", here.host, "hosts"),
    ):
        assert here.says(sender, Chat(text, to)).code is None
    mia = here.says(here.mia, Report((here.noah,), "abuse"))
    assert texts(mia) == ["to all", "subject to reporter", "reporter to subject"]
    cohost = here.says(here.cohost, Report((here.noah,), "abuse"))
    assert texts(cohost) == ["to all", "bystander to subject", "subject to hosts"]
    token = here.sim.http(Report((here.noah,), "abuse"))
    assert texts(token) == ["to all", "subject to hosts"]


def test_what_was_said_before_the_reporter_came_is_not_theirs_to_report() -> None:
    here = room()
    here.says(here.noah, Chat("before"))
    zoe = here.sim.enter("Zoe")
    here.says(here.noah, Chat("after"))
    assert texts(here.says(zoe, Report((here.noah,), "abuse"))) == ["after"]


def test_the_last_fifty_lines_are_kept() -> None:
    here = room(waiting_room=WaitingRoom())
    zoe = here.sim.enter("Zoe")
    for number in range(60):
        here.says(here.noah, Chat(f"line {number}"))
        here.says(zoe, WaitingRoomChat(f"knock {number}"))
    seen = document(here.says(here.mia, Report((here.noah, zoe), "spam")))["evidence"]
    for lines, last in ((seen["chat"], "line 59"), (seen["waiting_room_chat"], "knock 59")):
        assert (len(lines), lines[-1]["text"]) == (50, last)


def test_who_may_report_whom() -> None:
    here = room(waiting_room=WaitingRoom())
    zoe = here.sim.enter("Zoe")
    here.says(here.noah, Leave())
    for subject in (here.host, here.noah, zoe, here.mia):
        assert here.says(here.mia, Report((subject,), "other")).code is None
    assert here.says(zoe, Report((here.mia,), "other")).code == "not_inside"
    assert here.says(here.mia, Report(("nobody",), "other")).code == "no_such_participant"
    change(here.sim, reports=ReportSettings(participants_may_report=False))
    assert here.says(here.mia, Report((here.host,), "other")).code == "not_permitted"
    assert here.says(here.cohost, Report((here.host,), "other")).code is None


def test_what_a_report_must_say() -> None:
    here = room()
    assert here.says(here.mia, Report((), "other")).code == "malformed"
    assert here.says(here.mia, Report((here.noah,) * 1_001, "other")).code == "malformed"
    assert here.says(here.mia, Report((here.noah,) * 1_000, "other")).code is None
    assert here.says(here.mia, Report((here.noah,), "nonsense")).code == "malformed"
    assert here.says(here.mia, Report((here.noah,), "other", "x" * 4_097)).code == "too_large"
    assert here.says(here.mia, Report((here.noah,), "other", "x" * 4_096)).code is None


@pytest.mark.parametrize("issue", ISSUES)
def test_every_issue_is_taken(issue: str) -> None:
    here = room()
    assert document(here.says(here.mia, Report((here.noah,), issue)))["issue"] == issue


def test_evidence_that_cannot_be_read_is_left_out_and_added_later(monkeypatch: pytest.MonkeyPatch) -> None:
    here = room()
    here.says(here.noah, Chat("rude"))

    def broken(*_: object) -> None:
        raise RuntimeError("no chat today")

    for reporter in (here.mia, None):
        with monkeypatch.context() as patch:
            patch.setattr(evidence, "_lines", broken)
            command = Report((here.noah,), "abuse")
            done = here.says(reporter, command) if reporter else here.sim.http(command)
        (filing,) = done.filings
        assert (done.answer, filing.pending) == ({"report": "pending"}, True)
        assert document(done)["evidence"]["missing"] == ["chat"]
        assert "chat" not in document(done)["evidence"]
        later = completed(here.sim.meeting, filing.document)
        assert "missing" not in later["evidence"]
        assert [line["text"] for line in later["evidence"]["chat"]] == ["rude"]
        assert later["report"] == filing.report


def test_completing_a_report_that_lacks_nothing_changes_nothing() -> None:
    here = room()
    here.says(here.mia, Chat("psst", here.noah))
    here.says(here.noah, Chat("to the hosts", "hosts"))
    here.says(here.noah, Chat("to all"))
    done = here.says(here.mia, Report((here.noah,), "abuse"))
    assert texts(done) == ["psst", "to all"]
    assert completed(here.sim.meeting, done.filings[0].document) == done.filings[0].document


def test_the_desk_sees_countries_and_says_so_where_one_is_unknown() -> None:
    here = room()
    unknown = here.sim.enter("Eve", device="d-eve")
    found = document(here.says(here.mia, Report((here.noah, unknown), "abuse")))["evidence"]
    assert [row["country"] for row in found["roster"]] == ["DE", "BR", "BR", "BR", None]
    assert {one: origin["country"] for one, origin in found["origins"].items()} == {here.noah: "BR", unknown: None}


def test_the_evidence_says_which_controls_held() -> None:
    here = room(waiting_room=WaitingRoom())
    here.says(here.host, Suspend())
    here.says(here.host, Allow(Activity.CHAT, ChatLevel.HOSTS))
    controls = document(here.says(here.mia, Report((here.noah,), "abuse")))["evidence"]["controls"]
    assert controls.pop("allow") == here.sim.pictures[here.mia]["meeting"]["allow"]
    assert controls.pop("suspended") == sorted({*Activity} - {Activity.CHAT})
    assert controls == {"status": "started", "locked": True, "waiting_room": True}


def test_a_report_has_an_opaque_id_and_its_refusal_names_the_issues() -> None:
    here = room()
    (filing,) = here.says(here.mia, Report((here.noah,), "abuse")).filings
    assert re.fullmatch("r[0-9a-f]{20}", filing.report)
    refused = here.says(here.mia, Report((here.noah,), "nonsense"))
    assert refused.detail == "An issue is one of: " + ", ".join(ISSUES) + "."


def test_a_filing_has_the_time_of_the_command() -> None:
    here = room()
    (filing,) = here.says(here.mia, Report((here.noah,), "abuse")).filings
    assert filing.at == here.sim.now
