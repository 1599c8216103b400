"""``meetingsim compare``: the harm with and without a change, and who got in by which trick."""

from __future__ import annotations

from pathlib import Path

import pytest

from meetingsim.cli.compare import tricks
from meetingsim.scenarios import Scenario
from meetingsim.scenarios.verdicts import Judgement, Measure, Verdict
from tests.scenarios.traces import Telling

from .conftest import Cli
from .runs import SCENARIO, Played, check, trace

RAID = """\
meetingsim: 1
name: returns
duration: 2m
meeting: {waiting_room: {enabled: false}}
actors:
  host: {role: host, country: US}
  raiders: {count: 3, country: BR, behavior: stubborn, arrive: {at: 10s}}
behaviors:
  stubborn:
    extends: raider
    when_removed: {wait: 5s, do: {rejoin: {with: new-name}}}
timeline:
  - {at: 30s, who: host, do: {remove: {group: raiders}}}
expect:
  - {id: out-is-out, each: removed, never: joined where person == each.person}
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "returns.scenario.yaml").write_text(RAID)
    (tmp_path / "small.scenario.yaml").write_text(SCENARIO)
    return tmp_path


def told() -> Telling:
    """A raid told by hand: one just comes, one comes back by three tricks, and somebody harmless comes, too."""
    telling = Telling()
    telling.cast("host", role="host")
    telling.cast("raiders", 2, country="BR", disruptive=True)
    for ref, attempt in (
        ("host", {}),
        ("raiders[0]", {"country": "BR"}),
        ("raiders[1]", {"with": "new-name"}),
        ("raiders[1]", {"via": "vpn"}),
        ("raiders[1]", {"country": "US", "header": "X-Forwarded-For: 192.0.2.1"}),
    ):
        telling.sends(1_000, ref, "join", attempt=attempt)
        telling.comes(1_020, ref)
    return telling


def test_by_which_trick_somebody_disruptive_got_in() -> None:
    assert [*tricks(told().trace)] == ["just joined", "new name", "via vpn", "header X-Forwarded-For, from US"]


def test_an_admission_counts_where_the_trick_was_before_the_waiting_room() -> None:
    telling = Telling()
    telling.cast("raiders", country="BR", disruptive=True)
    telling.sends(1_000, "raiders", "join", attempt={"with": "new-name"})
    telling.comes(1_020, "raiders", "joined_waiting_room")
    assert [*tricks(telling.trace)] == []
    telling.event(9_000, "admitted", "raiders", participant="raiders", by="host")
    assert [*tricks(telling.trace)] == ["new name"]


def test_side_by_side(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    def judge(scenario: Scenario, seed: int) -> Judgement:
        late = scenario.duration.ms > 600_000
        exposure = Measure("exposure_seconds", seed * (2.0 if late else 1.0), "s", "", ("clean",))
        played = told().trace if late else trace(seed)
        return Judgement(played, [check(Verdict.FAIL if late else Verdict.PASS)], {"exposure_seconds": exposure})

    Played.instead(monkeypatch, judge)
    argv = ("compare", "small.scenario.yaml", "--set", "duration=11m; seed=4", "--seed", "1", "--seeds", "3")
    ran = cli(*argv)
    assert (ran.code, ran.err) == (0, "")
    cells = [[cell.strip() for cell in line.strip("│┃").split("│" if "│" in line else "┃")] for line in ran.lines]
    assert ran.lines[0].strip() == "small, mean of the seeds 1 to 3"
    assert ["", "as it is", "duration=11m; seed=4"] in cells
    assert ["exposure_seconds (oracle)", "2 s", "4 s"] in cells
    assert ["disruptive people who got in", "0", "2"] in cells
    assert ["via vpn", "0", "1"] in cells
    assert ["checks that fail", "none", "quiet (3 of 3)"] in cells
    [as_json] = cli(*argv, "--json").json
    assert (as_json["name"], as_json["seeds"]) == ("small", [1, 2, 3])
    assert [one["set"] for one in as_json["variants"]] == [[], ["duration=11m", "seed=4"]]
    assert as_json["variants"][1]["measures"] == {"exposure_seconds": 4.0}
    assert as_json["variants"][1]["got_in"]["by"]["new name"] == 3
    assert as_json["variants"][1]["failed"] == {"quiet": 3}


def test_real_runs_with_and_without_a_change(cli: Cli) -> None:
    """Matched by their tickets alone, the removed come back with another name."""
    ran = cli(
        "compare", "returns.scenario.yaml", "--set", "meeting.removal={match: [ticket], unmatched: admit}", "--json"
    )
    [said] = ran.json
    assert ran.code == 0
    as_it_is, by_ticket = said["variants"]
    assert by_ticket["failed"].keys() == {"out-is-out"}
    assert by_ticket["got_in"]["by"] == {"just joined": 3, "new name": 3}
    assert as_it_is["digests"] != by_ticket["digests"]


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (("small.scenario.yaml", "--set", "dration=11m"), "--set dration=11m: error: unknown word 'dration'"),
        (("small.scenario.yaml", "--set", "seed=1; dration=11m"), "--set dration=11m: error: unknown word 'dration'"),
        (("smal",), "there is no scenario 'smal' (did you mean 'small.scenario.yaml'?)"),
    ],
)
def test_what_cannot_be_asked_for(argv: tuple[str, ...], said: str, cli: Cli) -> None:
    ran = cli("compare", *argv)
    assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert said in ran.err


def test_a_run_that_broke_is_said(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    Played.instead(monkeypatch, lambda _, seed: Judgement(trace(seed, broke="it fell \x1b[2J over"), []))
    ran = cli("compare", "small.scenario.yaml")
    assert ran.code == 5
    assert "it fell \\x1b[2J over" in ran.out
