"""``meetingsim replay``: the story of a run, filtered, and whether it is the same when it is played again."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from meetingsim.scenarios.report import Source, write_run
from tests.scenarios.report import samples

from .conftest import Cli
from .test_explore import LATE


@pytest.fixture
def told(tmp_path: Path) -> Path:
    """The folder of a raid that was told by hand."""
    return write_run(samples.scenario(), samples.raid(), tmp_path, Source.of(Path("a.yaml"), samples.YAML))


def test_the_story(cli: Cli, told: Path) -> None:
    ran = cli("replay", str(told), "--from", "7m", "--to", "7m12s")
    assert (ran.code, ran.err) == (0, "")
    story = ran.out
    assert "07:00.000  teacher acts by the rule panic\n" in story
    assert "07:04.250  teacher suspended participant activities: audio, chat; stopped: nothing\n" in story
    assert "           because rule suspend; asked by teacher; door socket; inside 43\n" in story
    assert "07:10.000  raiders[0] was removed by teacher\n" in story
    assert "a report is filed about raiders[0]" in story
    assert "received" not in story
    times = [line[:9] for line in ran.lines if line[:1].isdigit()]
    assert times == sorted(times)
    assert times[0] >= "07:00.000"
    assert times[-1] <= "07:12.000"


@pytest.mark.parametrize(
    ("filters", "lines"),
    [
        (("--type", "link_posted"), ["05:00.000  the link is posted: forum"]),
        (
            ("--actor", "raiders[3]", "--type", "removed,refused", "--from", "7m16s", "--to", "7m17s"),
            [
                "07:16.000  raiders[3] was removed by teacher",
                "           because rule remove; asked by teacher; door socket",
            ],
        ),
        (
            ("--actor", "raiders[29]", "--type", "joined", "--from", "10m"),
            ["10:20.000  raiders[29] comes in as 'Mia\\u202e from class'"],
        ),
    ],
)
def test_only_what_is_asked_for(filters: tuple[str, ...], lines: list[str], cli: Cli, told: Path) -> None:
    ran = cli("replay", str(told / "trace.jsonl"), *filters)
    assert (ran.code, ran.lines[: len(lines)]) == (0, lines)


def test_a_group_a_part_of_it_and_several(cli: Cli, told: Path) -> None:
    def removed(*actors: str) -> set[str]:
        ran = cli(
            "replay", str(told), "--type", "removed", "--json", *(one for who in actors for one in ("--actor", who))
        )
        return {str(one["actor"]) for one in ran.json}

    assert len(removed("raiders")) == 30
    assert removed("raiders[0:2]") == {"raiders[0]", "raiders[1]"}
    assert removed("raiders[4]", "raiders[5]") == {"raiders[4]", "raiders[5]"}
    assert len(removed("teacher")) == 30, "it was the teacher who removed them"
    assert removed("class") == set()


def test_what_clients_received_is_told_where_it_is_asked_for(cli: Cli, told: Path) -> None:
    ran = cli("replay", str(told), "--type", "received", "--actor", "class[0]", "--from", "7m4s", "--to", "7m5s")
    assert ran.lines
    assert all("received" in line and "class[0]" in line for line in ran.lines)


def test_a_fact_a_line_for_programs(cli: Cli, told: Path) -> None:
    ran = cli("replay", str(told), "--json", "--type", "suspended")
    [fact] = ran.json
    assert (fact["at_ms"], fact["fact"], fact["actor"]) == (424_250, "suspended", "teacher")
    assert fact["fields"]["activities"] == ["audio", "chat"]


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (("--type", "remved"), "there is no fact 'remved' (did you mean 'removed'?)"),
        (("--actor", "raider"), "there is no actor 'raider' in this run (did you mean 'raiders'?)"),
        (("--actor", "raiders[30]"), "there is no actor 'raiders[30]' in this run"),
        (("--actor", "raiders[x:y]"), "there is no actor 'raiders[x:y]' in this run"),
        (("--from", "soon"), "a time looks like 90s or 12m30s, not 'soon'"),
    ],
)
def test_what_there_is_not(argv: tuple[str, ...], said: str, cli: Cli, told: Path) -> None:
    ran = cli("replay", str(told), *argv)
    assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert said in ran.err


@pytest.mark.parametrize("text", ["", "{}", "[]", "not json", '{"format": 1}', '{"format":99}', "\x00"])
def test_what_is_no_trace(text: str, cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "trace.jsonl").write_text(text)
    ran = cli("replay", str(tmp_path / "trace.jsonl"))
    assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert "is no trace of this version" in ran.err
    missing = cli("replay", str(tmp_path / "none.jsonl"))
    assert (missing.code, "No such file or directory" in missing.err) == (2, True)


@pytest.fixture
def played(cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a run that was really played."""
    monkeypatch.chdir(tmp_path)
    Path("late.scenario.yaml").write_text(LATE)
    cli("run", "late.scenario.yaml")
    return Path("meetingsim-out/late-2")


def test_played_again_it_is_the_same(cli: Cli, played: Path) -> None:
    ran = cli("replay", str(played), "--verify")
    header = json.loads((played / "trace.jsonl").read_bytes().splitlines()[0])
    assert (ran.code, ran.out, ran.err) == (0, f"the same run again: digest {header['digest']}\n", "")
    assert cli("replay", str(played), "--verify", "--json").json[0]["same"]


def test_the_first_row_that_differs_is_shown(cli: Cli, played: Path) -> None:
    rows = (played / "trace.jsonl").read_bytes().splitlines(keepends=True)
    at = next(n for n, row in enumerate(rows) if b'"locked"' in row)
    rows[at] = rows[at].replace(b'"locked"', b'"unlocked"', 1)
    (played / "trace.jsonl").write_bytes(b"".join(rows))
    ran = cli("replay", str(played), "--verify")
    assert ran.code == 1
    assert f"the first row that differs is line {at + 1}:" in ran.lines
    assert '"unlocked"' in ran.lines[-2]
    assert '"locked"' in ran.lines[-1]
    assert cli("replay", str(played), "--verify", "--json").json[0] | {"digest": 0, "again": 0} == {
        "same": False,
        "digest": 0,
        "again": 0,
        "line": at + 1,
    }


def test_another_scenario_is_another_run(cli: Cli, played: Path) -> None:
    Path("other.scenario.yaml").write_text(LATE.replace("at: 20s", "at: 10s"))
    ran = cli("replay", str(played), "--verify", "--scenario", "other.scenario.yaml")
    assert (ran.code, ran.lines[0].split()[:3]) == (1, ["another", "run:", "digest"])
    assert any(line.startswith("the first row that differs is line ") for line in ran.lines)


def test_without_its_scenario_nothing_can_be_played(cli: Cli, played: Path) -> None:
    (played / "scenario.resolved.yaml").unlink()
    ran = cli("replay", str(played), "--verify")
    assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert "scenario.resolved.yaml cannot be read" in ran.err


@pytest.mark.parametrize(
    ("said", "instead"),
    [(b'"clock":"virtual"', b'"clock":"real"'), (b'"target":"in process"', b'"target":"adapter"')],
)
def test_only_what_was_played_in_process_can_be_played_again(
    said: bytes, instead: bytes, cli: Cli, played: Path
) -> None:
    trace = played / "trace.jsonl"
    assert said in trace.read_bytes()
    trace.write_bytes(trace.read_bytes().replace(said, instead, 1))
    ran = cli("replay", str(played), "--verify")
    assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert "only a run in process, with the virtual clock, is the same again" in ran.err
