"""``meetingsim run``: what is played, what is said of it, what it leaves, and with which exit code it ends."""

from __future__ import annotations

import gc
import json
import sys
from pathlib import Path

import pytest

from meetingsim.scenarios import Scenario
from meetingsim.scenarios.target import TargetFailed
from meetingsim.scenarios.verdicts import Check, Judgement, Measure, Verdict
from tests.scenarios.report import samples

from .conftest import Cli, Service, run
from .runs import SCENARIO, Played, check, trace

PASS, FAIL, VACUOUS, UNDECIDED, SKIPPED = Verdict
MISSED = check(FAIL, "0.5", kind="threshold", name="removed_ratio")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a scenario, in which the command runs."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GITHUB_ACTIONS", raising=False)
    (tmp_path / "small.scenario.yaml").write_text(SCENARIO)
    (tmp_path / "told-raid.scenario.yaml").write_text(samples.YAML)
    return tmp_path


def judged(*checks: Check, broke: str | None = None) -> Judgement:
    return Judgement(trace(broke=broke), checks)


def test_whoever_calls_it_has_their_collector_as_it_was(cli: Cli, tmp_path: Path) -> None:
    assert gc.isenabled()
    assert cli("run", "breakout-escape", "--report", str(tmp_path)).code == 0
    assert gc.isenabled()


def test_what_came_of_a_run_for_people(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    Played.instead(monkeypatch, lambda _, __: samples.raid())
    ran = cli("run", "told-raid.scenario.yaml")
    assert (ran.code, ran.err) == (1, "")
    told = "raiders[29] was removed at 08:08.000 and joined again at 10:20.000 by the rule open"
    digest = ran.lines[-2].split()[1]
    assert len(digest) == 64
    assert ran.lines == [
        "told-raid  seed 3  20m, virtual clock, meetingsim in process",
        f"  fail       out-is-out: {told}",
        "             told-raid.scenario.yaml:24, at 10:20.000",
        "  fail       panic-is-fast: it took 4.25 s, not 1 s",
        "             told-raid.scenario.yaml:27, at 07:04.250",
        f"  fail       invariant removed.no-return: {told}",
        "             at 10:20.000",
        "  fail       threshold exposure_seconds: 61.3 per viewer",
        "             told-raid.scenario.yaml:30",
        "  vacuous    never-comes-up: its condition never came up",
        "  undecided  cut-by-the-end: the run ended before its window did",
        "  skipped    invariant mirror.equals-view: the target cannot show it: the target shows no view",
        "  pass       seq.grows, waiting.sees-nothing, removed_ratio",
        "  exposure_seconds  61.3 s  limit < 45 per viewer",
        "  removed_ratio     100.0%  limit >= 0.9  oracle: clean",
        "  time_to_quiet          –",
        f"  digest     {digest}",
        "  report     meetingsim-out/told-raid-3/report.html",
    ]


def test_many_passes_are_counted(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    checks = [check(PASS), *(check(PASS, kind="invariant", name=f"rule-{n}") for n in range(9))]
    Played.instead(monkeypatch, lambda _, __: judged(*checks))
    ran = cli("run", "small.scenario.yaml")
    assert (ran.code, ran.lines[1]) == (0, "  pass       1 expectation, 9 invariants")


def test_one_object_a_run_for_programs(cli: Cli, monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    Played.instead(monkeypatch, lambda _, seed: Judgement(trace(seed), [check(PASS)]))
    ran = cli("run", "--json", "small.scenario.yaml", "--seeds", "3", "--report", "out")
    assert (ran.code, ran.err) == (0, "")
    assert [(one["name"], one["seed"], one["exit_code"]) for one in ran.json] == [("small", n, 0) for n in (5, 6, 7)]
    for one in ran.json:
        assert one.pop("folder") == f"out/small-{one['seed']}"
        assert one == json.loads((folder / "out" / f"small-{one['seed']}" / "summary.json").read_text())


def test_what_a_run_leaves(cli: Cli, monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    Played.instead(monkeypatch, lambda _, __: samples.raid())
    cli("run", "told-raid.scenario.yaml")
    left = {one.name for one in (folder / "meetingsim-out" / "told-raid-3").iterdir()}
    assert left == {"trace.jsonl", "summary.json", "scenario.resolved.yaml", "junit.xml", "report.html"}


@pytest.mark.parametrize(
    ("runs", "code"),
    [
        ([judged(check(PASS), check(SKIPPED), check(VACUOUS, green=True))], 0),
        ([judged(check(PASS), check(VACUOUS))], 4),
        ([judged(check(UNDECIDED))], 4),
        ([judged(check(VACUOUS), MISSED)], 3),
        ([judged(check(FAIL), MISSED)], 1),
        ([judged(check(FAIL), broke="the server is gone")], 5),
        ([judged(MISSED), judged(check(VACUOUS))], 3),
        ([judged(MISSED), judged(check(FAIL))], 1),
        ([judged(check(FAIL)), judged(broke="the server is gone")], 5),
        ([judged(check(FAIL)), judged(check(PASS))], 1),
    ],
)
def test_the_exit_code_is_the_worst(
    runs: list[Judgement], code: int, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    Played.instead(monkeypatch, lambda _, seed: runs[seed - 5])
    assert cli("run", "small.scenario.yaml", "--seeds", str(len(runs))).code == code
    Played.instead(monkeypatch, lambda _, seed: runs[5 - seed])
    assert cli("run", "small.scenario.yaml", "--seeds", str(len(runs)), "--seed", str(6 - len(runs))).code == code


def test_a_file_that_is_no_scenario_is_said_and_the_others_are_played(
    cli: Cli, monkeypatch: pytest.MonkeyPatch, folder: Path
) -> None:
    (folder / "bad.yaml").write_text(SCENARIO.replace("role: host", "role: hots"))
    played = Played.instead(monkeypatch, lambda _, __: judged(check(FAIL)))
    ran = cli("run", "bad.yaml", "small.scenario.yaml", "none.yaml")
    assert ran.code == 2
    assert ran.err.splitlines()[0].startswith("bad.yaml:6:16: error: this should be ")
    assert ran.err.splitlines()[1:3] == [
        "      host: {role: hots, country: US}",
        "                   ^",
    ]
    assert ran.err.splitlines()[3:] == ["meetingsim: none.yaml cannot be read: No such file or directory"]
    assert len(played.asked) == 1
    assert ran.lines[0].startswith("small  seed 5")


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (
            ("clas-raid",),
            "there is no scenario 'clas-raid' (did you mean 'class-raid'?); meetingsim list names what is shipped",
        ),
        (
            ("smal",),
            "there is no scenario 'smal' (did you mean 'small.scenario.yaml'?); meetingsim list names what is shipped",
        ),
        (("qqq",), "there is no scenario 'qqq'; meetingsim list names what is shipped"),
        ((), "missing argument 'FILE_OR_NAME...'; see meetingsim run --help"),
        (("./",), "./ cannot be read: Is a directory"),
        (("small.scenario.yaml", "--seeds", "0"), "invalid value for '--seeds'"),
        (("small.scenario.yaml", "--seed", "-1"), "invalid value for '--seed'"),
        (("small.scenario.yaml", "--url", "http://127.0.0.1:1", "--target", "true"), "say --url or --target"),
        (("small.scenario.yaml", "--url", "http://127.0.0.1:1", "--clock", "virtual"), "leave --clock virtual out"),
        (("small.scenario.yaml", "--target", "true", "--clock", "real"), "leave --clock out"),
        (
            ("small.scenario.yaml", "--target", "meetingsim-no-such-adapter x"),
            "no command 'meetingsim-no-such-adapter'",
        ),
        (("small.scenario.yaml", "--target", "'"), '--target "\'" is no command: No closing quotation'),
        (("small.scenario.yaml", "--target", ""), "--target: there is no command ''"),
        (("small.scenario.yaml", "--report", "small.scenario.yaml"), "cannot be written: Not a directory"),
        (
            ("small.scenario.yaml", "--set", "nonsense"),
            "--set nonsense: error: say a part of the scenario and its value",
        ),
        (("\x1b[2J",), "there is no scenario '\\x1b[2J'"),
    ],
)
def test_what_cannot_be_asked_for(argv: tuple[str, ...], said: str, cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    Played.instead(monkeypatch, lambda _, __: judged(check(PASS)))
    ran = cli("run", *argv)
    assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert said in ran.err


def test_two_files_of_one_name_would_write_one_report(cli: Cli, monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    played = Played.instead(monkeypatch, lambda _, __: judged(check(PASS)))
    (folder / "copy.scenario.yaml").write_text(SCENARIO)
    ran = cli("run", "small.scenario.yaml", "copy.scenario.yaml")
    both = "small.scenario.yaml and copy.scenario.yaml are both named 'small': give one of them another name"
    assert (ran.code, ran.err) == (2, f"meetingsim: {both}\n")
    assert not played.asked
    assert cli("run", "small.scenario.yaml", "small.scenario.yaml").code == 0


@pytest.mark.parametrize(
    ("argv", "where"),
    [
        ((), ("virtual", None, None, None)),
        (("--clock", "real"), ("real", None, None, None)),
        (("--url", "http://127.0.0.1:1", "--token", "secret"), ("real", "http://127.0.0.1:1", "secret", None)),
        (("--target", "true x"), ("real", None, None, "true x")),
        (("--set", "clock=real"), ("real", None, None, None)),
        (("--set", "clock=real", "--clock", "virtual"), ("virtual", None, None, None)),
    ],
)
def test_where_it_is_played(
    argv: tuple[str, ...], where: tuple[str | None, ...], cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    played = Played.instead(monkeypatch, lambda _, __: judged(check(PASS)))
    assert cli("run", "small.scenario.yaml", *argv, MEETINGSIM_URL="http://127.0.0.1:2").code == 0
    [(_, _, asked)] = played.asked
    assert (asked.clock, asked.url, asked.token, asked.command) == where


def test_the_admins_token_of_the_environment_will_do(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    played = Played.instead(monkeypatch, lambda _, __: judged(check(PASS)))
    cli("run", "small.scenario.yaml", "--url", "http://127.0.0.1:1", MEETINGSIM_ADMIN_TOKEN="secret")
    assert played.asked[0][2].token == "secret"


def test_of_several_runs_it_is_said_how_they_came_out(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    came = [judged(check(PASS)), judged(check(FAIL)), judged(MISSED), judged(check(VACUOUS)), judged(check(PASS))]
    Played.instead(monkeypatch, lambda _, seed: came[seed - 5])
    ran = cli("run", "small.scenario.yaml", "--seeds", "5")
    assert ran.lines[-1] == "5 runs: 2 green, 1 failed, 1 missed a threshold, 1 vacuous or undecided"


def test_a_scenario_is_changed_before_it_is_played(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    played = Played.instead(monkeypatch, lambda _, __: judged(check(PASS)))
    for said in (
        ("--set", "actors.guests={count: 7}", "--set", "seed=9"),
        ("--set", "actors.guests={count: 7}; seed=9"),
    ):
        assert cli("run", "small.scenario.yaml", *said).code == 0
    for scenario, seed, _ in played.asked:
        assert (seed, scenario.actors["guests"].count) == (9, 7)


def test_shipped_scenarios_go_by_their_names_and_reports_name_no_place_of_this_machine(
    cli: Cli, monkeypatch: pytest.MonkeyPatch, folder: Path
) -> None:
    def failing(scenario: Scenario, seed: int) -> Judgement:
        return Judgement(trace(seed, name=scenario.name), [check(FAIL, "it did", name=scenario.expect[0].id)])

    Played.instead(monkeypatch, failing)
    ran = cli("run", "class-raid")
    assert (ran.code, ran.lines[0].split()[0]) == (1, "class-raid")
    assert ran.lines[2].strip().startswith("meetingsim/scenarios/library/class-raid.scenario.yaml:")
    (folder / "class-raid").write_text(SCENARIO)
    assert cli("run", "class-raid").lines[0].split()[0] == "small", "a file is meant before a name"


def test_a_target_that_cannot_begin_is_one_line_and_the_next_is_played(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    def judge(_: Scenario, seed: int) -> Judgement:
        if seed == 5:
            raise TargetFailed("Nobody answers at http://127.0.0.1:1.")
        return judged(check(FAIL))

    Played.instead(monkeypatch, judge)
    ran = cli("run", "small.scenario.yaml", "--seeds", "2")
    assert (ran.code, ran.err) == (5, "meetingsim: nobody answers at http://127.0.0.1:1\n")
    assert ran.lines[0].startswith("small  seed 5")


def test_why_a_run_broke_is_said(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    Played.instead(monkeypatch, lambda _, __: judged(broke="the adapter\nended with \x1b[31mcode 3"))
    ran = cli("run", "small.scenario.yaml")
    assert (ran.code, ran.lines[1]) == (5, "  broke      the adapter\\x0aended with \\x1b[31mcode 3")


def test_what_others_chose_is_harmless(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also the passcode that a scenario says itself is told nobody."""
    said = "offensive-name-17 \x1b[2J\u202e\x07 said open-sesame-2026"
    measure = Measure("removed_ratio", 1.0, "ratio", "", ("\x1b[31mclean",))

    def hostile(_: Scenario, seed: int) -> Judgement:
        return Judgement(trace(seed, name="told-raid"), [check(FAIL, said)], {"removed_ratio": measure})

    Played.instead(monkeypatch, hostile)
    for more in ((), ("--json",)):
        ran = cli("run", "told-raid.scenario.yaml", *more)
        assert not {"\x1b", "\u202e", "\x07"} & {*ran.out, *ran.err}
        assert "offensive-name-17" in ran.out
        assert "open-sesame-2026" not in ran.out


def test_ctrl_c(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_: Scenario, __: int) -> Judgement:
        raise KeyboardInterrupt

    Played.instead(monkeypatch, interrupted)
    ran = cli("run", "small.scenario.yaml", "--seeds", "9")
    assert (ran.code, ran.out, ran.err) == (130, "", "")


def test_on_github(cli: Cli, monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    Played.instead(monkeypatch, lambda _, __: samples.raid())
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(folder / "summary.md"))
    ran = cli("run", "told-raid.scenario.yaml")
    assert "::error file=told-raid.scenario.yaml,line=24,col=5,title=told-raid%3A out-is-out fail::" in ran.out
    ran = cli("run", "told-raid.scenario.yaml", "--json")
    assert len(ran.json) == 1
    assert ran.err.startswith("::error file=told-raid.scenario.yaml,line=24")
    assert (folder / "summary.md").read_text().count("### ❌ told-raid") == 2


REAL = """\
meetingsim: 1
name: real
duration: 2m
meeting: {waiting_room: {enabled: false}}
actors:
  host: {role: host, country: US}
  guests: {count: 3, country: DE, behavior: attendee, arrive: {over: 20s, profile: poisson}}
timeline:
  - {at: 1m, id: stop, who: host, do: lock}
expect:
  - {id: locks, eventually: locked, within: 90s}
  - {id: all-come, scope: {between: [30s, 1m]}, always: "count(actor.group == 'guests' and actor.place == 'inside') == 3"}
"""


def test_a_run_is_the_same_again_and_another_with_another_seed(cli: Cli, folder: Path) -> None:
    (folder / "real.scenario.yaml").write_text(REAL)
    ran = cli("run", "real.scenario.yaml", "--json", "--seeds", "2")
    again = cli("run", "real.scenario.yaml", "--json", "--report", "again")
    assert (ran.code, ran.err, again.code) == (0, "", 0)
    assert ran.json[0]["digest"] == again.json[0]["digest"] != ran.json[1]["digest"]
    assert (folder / "meetingsim-out/real-1/trace.jsonl").read_bytes() == (
        folder / "again/real-1/trace.jsonl"
    ).read_bytes()
    assert {(one["id"], one["verdict"]) for one in ran.json[0]["checks"]} >= {("locks", "pass"), ("all-come", "pass")}


def test_a_change_makes_it_fail_at_its_line(cli: Cli, folder: Path) -> None:
    (folder / "real.scenario.yaml").write_text(REAL)
    ran = cli("run", "real.scenario.yaml", "--set", "timeline.stop=", "--set", "expect.0.within=1m")
    assert ran.code == 1
    assert ran.lines[1].startswith("  fail       locks: ")
    assert ran.lines[2].strip().startswith("real.scenario.yaml:11")


def test_the_starter_runs_green(cli: Cli) -> None:
    """In a process of its own: what a person sees who types what ``new`` says."""
    cli("new", "mine")
    ran = run("run", "mine.scenario.yaml")
    assert (ran.code, ran.err) == (0, "")
    assert ran.lines[0].startswith("mine  seed 1")
    assert not [line for line in ran.lines if line.split()[0] in {"fail", "vacuous", "undecided"}]


def test_a_server_that_runs_is_played_against(cli: Cli, service: Service, folder: Path) -> None:
    """Two seconds of real time, over real sockets."""
    (folder / "real.scenario.yaml").write_text(REAL)
    changes = ("duration=2s", "timeline.stop.at=1s", "actors.guests.arrive=", "expect.all-come=")
    quick = [word for change in changes for word in ("--set", change)]
    ran = cli("run", "real.scenario.yaml", *quick, "--url", service.url, "--token", service.admin_token, "--json")
    [said] = ran.json
    assert (ran.code, said["clock"], said["target"]) == (0, "real", "server")
    assert {(one["id"], one["verdict"]) for one in said["checks"]} >= {("locks", "pass"), ("seq.grows", "pass")}
    wrong = cli("run", "real.scenario.yaml", "--url", service.url, "--token", "wrong")
    assert (wrong.code, wrong.out, wrong.err.count("\n")) == (5, "", 1)
    assert "does not take this admin token" in wrong.err


def test_nobody_answers_and_nothing_starts(cli: Cli) -> None:
    ran = cli("run", "small.scenario.yaml", "--url", "http://127.0.0.1:1")
    assert (ran.code, ran.out, ran.err.count("\n")) == (5, "", 1)
    assert "nobody answers at http://127.0.0.1:1" in ran.err
    ran = cli("run", "small.scenario.yaml", "--target", f"{sys.executable} -c 'print(1)'")
    assert (ran.code, ran.out, ran.err.count("\n")) == (5, "", 1)
    assert "adapter" in ran.err
