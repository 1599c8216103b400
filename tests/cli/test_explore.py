"""``meetingsim explore``: the seed that fails, and a small scenario that a person can read, from real runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from meetingsim.scenarios import read_file
from meetingsim.scenarios.target import TargetFailed
from meetingsim.scenarios.verdicts import Judgement, Verdict

from .conftest import Cli
from .runs import SCENARIO, Played, check, trace

LATE = """\
meetingsim: 1
name: late
seed: 2
duration: 1m
meeting: {waiting_room: {enabled: false}}
actors:
  host: {role: host, country: US}
  early: {count: 2, country: US, behavior: attendee, arrive: {over: 15s}}
  guests: {count: 4, country: {DE: 50%, NL: 50%}, behavior: attendee, arrive: {over: 23s, profile: poisson}}
timeline:
  - {at: 20s, who: host, do: lock}
  - {at: 40s, who: host, do: mute_all}
faults:
  - {at: 30s, for: 10s, on: early, net: {latency: 100ms±50ms}}
expect:
  - {id: nobody-is-late, never: entry_refused}
  - {id: locks, eventually: locked}
thresholds: {false_removals: "<= 0"}
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "late.scenario.yaml").write_text(LATE)
    (tmp_path / "small.scenario.yaml").write_text(SCENARIO)
    return tmp_path


def test_a_failing_course_is_found_made_small_and_fails_again(cli: Cli, folder: Path) -> None:
    ran = cli("explore", "late.scenario.yaml", "--seeds", "30", "--shrink", "40", "--json")
    [found] = ran.json
    assert (ran.code, ran.err, found["exit_code"]) == (1, "", 1)
    seed = found["failed"]["seed"]
    assert found["seeds"] == [*range(2, seed + 1)]
    assert (found["failed"]["check"]["id"], found["failed"]["check"]["line"]) == ("nobody-is-late", 16)
    assert found["folder"] == f"meetingsim-out/late-{seed}"
    assert (folder / found["folder"] / "report.html").exists()
    file = folder / found["failed"]["shrunk"]
    head = file.read_text().splitlines()
    assert head[0].startswith(f"# expectation nobody-is-late fails with seed {seed}: ")
    assert head[1] == f"# meetingsim run meetingsim-out/late-{seed}.shrunk.scenario.yaml"
    small = read_file(file)
    assert small.seed == seed
    assert sum(one.count for one in small.actors.values()) <= 4
    assert [one.id for one in small.expect] == ["nobody-is-late"]
    again = cli("run", str(file))
    assert (again.code, again.lines[1].split()[:2]) == (1, ["fail", "nobody-is-late:"])
    before = file.read_bytes()
    cli("explore", "late.scenario.yaml", "--seeds", "30", "--shrink", "40")
    assert file.read_bytes() == before, "the same search finds the same"


def test_what_was_found_for_people(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    def judge(_: object, seed: int) -> Judgement:
        verdict = Verdict.FAIL if seed == 7 else Verdict.PASS
        hollow = check(Verdict.VACUOUS, name="hollow")
        missed = check(Verdict.FAIL, kind="threshold", name="removed_ratio")
        return Judgement(trace(seed), [check(verdict, "it was\nlocked \x1b[2J"), hollow, missed])

    Played.instead(monkeypatch, judge)
    ran = cli("explore", "small.scenario.yaml")
    assert (ran.code, ran.err) == (1, "")
    assert ran.lines == [
        "small  seeds 5 to 7",
        "  fail       quiet: it was\\x0alocked \\x1b[2J",
        "             small.scenario.yaml:8",
        "  vacuous    hollow: no run has shown it",
        "  missed     removed_ratio: with seed 5, 6, 7",
        "  shrunk     meetingsim-out/small-7.shrunk.scenario.yaml",
        *ran.lines[6:7],
        "  next       meetingsim run meetingsim-out/small-7.shrunk.scenario.yaml",
        "  report     meetingsim-out/small-7/report.html",
    ]
    assert ran.lines[6].strip().startswith("1 of 1 people, ")


@pytest.mark.parametrize(
    ("verdict", "more", "code"),
    [
        (Verdict.PASS, (), 0),
        (Verdict.VACUOUS, (), 4),
        (Verdict.SKIPPED, (), 0),
    ],
)
def test_where_nothing_fails(
    verdict: Verdict, more: tuple[str, ...], code: int, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    played = Played.instead(monkeypatch, lambda _, seed: Judgement(trace(seed), [check(verdict)]))
    ran = cli("explore", "small.scenario.yaml", "--seeds", "3", "--from", "10", *more)
    assert (ran.code, ran.lines[:2]) == (code, ["small  seeds 10 to 12", "  pass       nothing fails in 3"])
    assert [seed for _, seed, _ in played.asked] == [10, 11, 12]
    assert not Path("meetingsim-out").exists()


def test_a_threshold_is_a_failure_where_that_is_asked_for(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    missed = check(Verdict.FAIL, "0.1", kind="threshold", name="removed_ratio")
    Played.instead(monkeypatch, lambda _, seed: Judgement(trace(seed), [missed]))
    assert cli("explore", "small.scenario.yaml", "--seeds", "2").code == 0
    assert cli("explore", "small.scenario.yaml", "--seeds", "2", "--thresholds", "--shrink", "0").code == 3


def test_without_shrinking_the_seed_and_its_report_are_told(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    played = Played.instead(monkeypatch, lambda _, seed: Judgement(trace(seed), [check(Verdict.FAIL)]))
    ran = cli("explore", "small.scenario.yaml", "--shrink", "0")
    assert (ran.code, len(played.asked)) == (1, 1)
    assert ran.lines[-1] == "  report     meetingsim-out/small-5/report.html"
    assert [one.name for one in Path("meetingsim-out").iterdir()] == ["small-5"]


def test_a_run_that_breaks(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    Played.instead(monkeypatch, lambda _, seed: Judgement(trace(seed, broke="it fell over"), [check(Verdict.FAIL)]))
    ran = cli("explore", "small.scenario.yaml")
    assert (ran.code, ran.lines[1]) == (5, "  broke      it fell over")

    def failing(_: object, __: int) -> Judgement:
        raise TargetFailed("The server did not start: no room.")

    Played.instead(monkeypatch, failing)
    ran = cli("explore", "small.scenario.yaml")
    assert (ran.code, ran.out, ran.err) == (5, "", "meetingsim: the server did not start: no room\n")


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (("smal.scenario.yaml",), "smal.scenario.yaml cannot be read: No such file or directory"),
        (("small.scenario.yaml", "--set", "expct=1"), "unknown word 'expct' (did you mean 'expect'?)"),
        (("small.scenario.yaml", "--seeds", "0"), "invalid value for '--seeds'"),
    ],
)
def test_what_cannot_be_asked_for(argv: tuple[str, ...], said: str, cli: Cli) -> None:
    ran = cli("explore", *argv)
    assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert said in ran.err
