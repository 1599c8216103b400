"""A report that was accepted is on the desk, whole; and nobody can tell who filed it."""

from __future__ import annotations

from typing import Any

import pytest

from meetingsim.scenarios.verdicts import Verdict
from tests.scenarios.invariants.story import Story
from tests.scenarios.invariants.test_right import evidence_of

DURABLE, HIDDEN = "report.durable-with-evidence", "reporter.never-revealed"


class Reported(Story):
    """Ann reports Eve, with ``report``; the desk has it unless ``filed`` is False."""

    def __init__(self, **more: Any) -> None:
        super().__init__(**more)
        self.comes_in("host", "ann", "eve")

    def reports(self, report: str = "r1", *, filed: bool = True, by: str = "ann", **spoil: Any) -> dict[str, Any]:
        sent = self.sends(self.now(), by, "report", participants=[self.ids["eve"]], issue="abuse")
        row = self.filing(report, by, "participant")
        self.answered(sent, report=report)
        if filed:
            self.happens(self.at, "report_filed", **{**row, **spoil})
        return row

    def filing(self, report: str, by: str, source: str) -> dict[str, Any]:
        row = {"report": report, "issue": "abuse", "subjects": [self.ids["eve"]], "source": source}
        return row | {"reporter": {"id": self.ids[by]}, "evidence": evidence_of(self, "eve")}


def test_each_way_to_report_is_kept() -> None:
    story = Reported()
    story.reports()
    story.reports("r2", by="host")
    row = story.filing("r3", "host", "suspend")
    sent = story.sends(story.now(), "host", "suspend", report={"issue": "abuse", "participants": [story.ids["eve"]]})
    story.answered(
        sent, story.happens_to("suspended", by="host", activities=[], stopped=[], because={}).seq, report="r3"
    )
    story.happens(story.at, "report_filed", **row)
    checks = story.checks()
    assert checks[DURABLE].verdict is Verdict.PASS
    assert checks[HIDDEN].verdict is Verdict.PASS


@pytest.mark.parametrize("command", ["report", "remove", "suspend"])
def test_a_report_that_is_lost(command: str) -> None:
    story = Reported()
    said = {"report": {"issue": "abuse"}} if command != "report" else {"issue": "abuse"}
    said |= {"participants": [story.ids["eve"]]} if command == "report" else {"participant": story.ids["eve"]}
    sent = story.sends(story.now(), "host", command, **said)
    story.answered(sent, report="r1")
    check = story.checks()[DURABLE]
    assert check.verdict is Verdict.FAIL
    assert check.said.startswith(f"The {command} of host at 00:00.")
    assert "the desk does not have its report" in check.said


def test_one_of_two_alike_is_lost() -> None:
    story = Reported()
    story.reports("r1")
    story.reports("r2", filed=False)
    assert story.broken() == [DURABLE]


def test_a_report_after_the_end_goes_by_another_way() -> None:
    story = Reported()
    row = story.filing("r1", "ann", "after_meeting")
    story.ends()
    said = {
        "participants": [story.ids["eve"]],
        "issue": "abuse",
        "n": 99,
        "line": None,
        "command": "report",
        "ref": None,
    }
    story.happens(story.now(), "sent", "ann", **said)
    story.happens(story.at, "accepted", "ann", **said)
    assert story.broken() == [DURABLE]
    story = Reported()
    story.happens(story.now(), "sent", "ann", **said)
    story.happens(story.at, "accepted", "ann", **said)
    story.happens(story.at, "report_filed", **row)
    assert story.broken() == []


@pytest.mark.parametrize(
    "spoil",
    [
        {"source": "remove"},
        {"issue": "spam"},
        {"subjects": []},
        {"reporter": {"id": "p0003"}},
        {"evidence": None},
    ],
)
def test_a_report_that_is_not_as_it_was_sent(spoil: dict[str, Any]) -> None:
    story = Reported()
    story.reports(**spoil)
    assert story.broken() == [DURABLE]


@pytest.mark.parametrize("part", ["roster", "chat", "controls", "subjects", "origins", "seq"])
def test_evidence_without_a_part(part: str) -> None:
    story = Reported()
    evidence = evidence_of(story, "eve")
    del evidence[part]
    story.reports(evidence=evidence)
    assert story.broken() == [DURABLE]
    assert part in story.checks()[DURABLE].said


@pytest.mark.parametrize(
    "spoil",
    [
        {"roster": []},
        {"controls": {"locked": True, "suspended": []}},
        {"controls": {"locked": False, "suspended": ["audio"]}},
        {"subjects": []},
        {"origins": {}},
        {"seq": 10_000},
    ],
)
def test_evidence_that_does_not_fit_the_journal(spoil: dict[str, Any]) -> None:
    story = Reported()
    story.reports(evidence={**evidence_of(story, "eve"), **spoil})
    assert story.broken() == [DURABLE]


@pytest.mark.parametrize(
    ("sender", "to", "right"),
    [
        ("host", "everyone", True),
        ("eve", "ann", True),
        ("ann", "eve", True),
        ("eve", "hosts", True),
        ("ann", "host", False),
        ("ann", "hosts", False),
    ],
)
def test_what_bystanders_said_in_private_is_no_evidence(sender: str, to: str, right: bool) -> None:
    story = Reported()
    line = {"message": "m1", "from": story.ids[sender], "to": story.ids.get(to, to), "text": "psst"}
    story.reports(evidence={**evidence_of(story, "eve"), "chat": [line]})
    assert story.broken() == ([] if right else [DURABLE])


def test_evidence_that_is_to_come_is_said_to_be_pending() -> None:
    for answer, right in (("pending", True), ("r1", False)):
        story = Reported()
        sent = story.sends(story.now(), "ann", "report", participants=[story.ids["eve"]], issue="abuse")
        evidence = {**evidence_of(story, "eve"), "missing": ["chat"]}
        del evidence["chat"]
        story.answered(sent, report=answer)
        story.happens(story.at, "report_filed", **{**story.filing("r1", "ann", "participant"), "evidence": evidence})
        assert story.broken() == ([] if right else [DURABLE])


def test_a_product_that_shows_no_desk_is_not_judged_by_it() -> None:
    story = Reported(target="adapter")
    story.reports(filed=False)
    assert story.checks()[DURABLE].verdict is Verdict.SKIPPED


# Nobody learns of it


def test_a_report_takes_no_seq() -> None:
    story = Reported()
    sent = story.sends(story.now(), "ann", "report", participants=[story.ids["eve"]], issue="abuse")
    row = story.filing("r1", "ann", "participant")
    story.answered(sent, story.happens_to("annotated", participant="ann").seq, report="r1")
    story.happens(story.at, "report_filed", **row)
    assert HIDDEN in story.broken()


def test_an_event_that_names_the_reporter() -> None:
    story = Reported()
    story.removes("eve", by="host")
    removed = next(fact for fact in story.trace.facts if fact.fact == "removed")
    removed.fields["because"]["reporter"] = story.ids["ann"]
    assert story.broken() == [HIDDEN]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda view: view.update(report="r1"),
        lambda view: view["me"].update(reported=True),
        lambda view: view["meeting"].update(reporter="p0002"),
        lambda view: view["participants"][0].update(reported_by="p0002"),
    ],
)
def test_a_picture_that_tells(spoil: Any) -> None:
    story = Reported()
    story.reports()
    story.sees("eve", spoil)
    assert story.broken() == [HIDDEN]


def test_an_answer_to_somebody_else() -> None:
    story = Reported()
    story.reports()
    sent = story.sends(story.now(), "eve", "raise_hand", up=False)
    story.answered(sent, report="r1")
    assert story.broken() == [HIDDEN]


def test_a_frame_of_its_own() -> None:
    story = Reported()
    story.reads(story.now(), {"type": "report_filed", "subjects": [story.ids["eve"]]}, "eve")
    assert HIDDEN in story.broken()
