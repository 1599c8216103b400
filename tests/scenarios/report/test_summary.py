"""summary.json: what a program asks of a run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from meetingsim import __version__
from meetingsim.scenarios.report import digest_of, write_run
from meetingsim.scenarios.verdicts import Judgement
from tests.scenarios.report.samples import raid, scenario, source
from tests.scenarios.traces import Telling


def summary_of(judgement: Judgement, folder: Path, *, with_source: bool = True) -> dict[str, Any]:
    into = write_run(scenario(), judgement, folder, source() if with_source else None)
    found: dict[str, Any] = json.loads((into / "summary.json").read_text())
    return found


def test_it_says_what_was_played_and_what_came_of_it(tmp_path: Path) -> None:
    judgement = raid()
    found = summary_of(judgement, tmp_path)
    assert (tmp_path / "told-raid-3").is_dir()
    assert (found["name"], found["seed"], found["meetingsim"], found["language"]) == ("told-raid", 3, __version__, 1)
    assert found["digest"] == digest_of(judgement.trace)
    assert (found["target"], found["clock"], found["duration_ms"]) == ("meetingsim in process", "virtual", 1_200_000)
    assert found["exit_code"] == 1
    assert found["verdicts"] == {"pass": 3, "fail": 4, "vacuous": 1, "undecided": 1, "skipped": 1}
    assert found["measures"][0]["value"] == 61.3
    assert found["measures"][1]["oracle"] == ["clean"]


def test_a_check_has_its_line_and_its_witnesses_their_time(tmp_path: Path) -> None:
    first = summary_of(raid(), tmp_path)["checks"][0]
    assert (first["kind"], first["id"], first["verdict"], first["green"]) == (
        "expectation",
        "out-is-out",
        "fail",
        False,
    )
    assert first["line"] == 24
    assert [(one["at_ms"], one["fact"], one["actor"]) for one in first["witnesses"]] == [
        (620_000, "joined", "raiders[29]"),
        (488_000, "removed", "raiders[29]"),
    ]


def test_without_a_file_no_line_is_made_up(tmp_path: Path) -> None:
    checks = summary_of(raid(), tmp_path, with_source=False)["checks"]
    assert {one["line"] for one in checks} == {None}


def test_an_invariant_has_no_line(tmp_path: Path) -> None:
    checks = summary_of(raid(), tmp_path)["checks"]
    assert {one["line"] for one in checks if one["kind"] == "invariant"} == {None}


def test_who_came_in_and_what_became_of_each_group(tmp_path: Path) -> None:
    found = summary_of(raid(), tmp_path)
    assert found["got_in"][:2] == ["teacher", "class[0]"]
    assert len(found["got_in"]) == 43
    assert list(found["groups"]) == ["teacher", "class", "raiders"]
    raiders = found["groups"]["raiders"]
    assert (raiders["people"], raiders["inside"], raiders["waiting"], raiders["removed"]) == (30, 30, 0, 30)
    assert raiders["refused"]["removed"] == 30
    assert raiders["refused"]["suspended"] > 0


def test_whoever_only_waited_did_not_get_in(tmp_path: Path) -> None:
    told = Telling("told-raid")
    told.cast("class", 2)
    told.comes(5, "class[0]", "joined_waiting_room")
    told.comes(6, "class[1]")
    found = summary_of(Judgement(told.over()), tmp_path)
    assert found["got_in"] == ["class[1]"]
    assert (found["groups"]["class"]["waiting"], found["groups"]["class"]["inside"]) == (1, 1)


def test_a_second_run_takes_the_place_of_the_first(tmp_path: Path) -> None:
    summary_of(raid(), tmp_path)
    assert summary_of(raid(31), tmp_path)["groups"]["raiders"]["people"] == 31
