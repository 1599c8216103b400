"""What GitHub shows of a run: annotations at the lines of the YAML, and the summary of the step."""

from __future__ import annotations

from meetingsim.scenarios.report import Source, annotations, step_summary
from meetingsim.scenarios.verdicts import Check, Judgement, Verdict
from tests.scenarios.report.samples import raid, scenario, source
from tests.scenarios.traces import Telling


def judged(*checks: Check) -> Judgement:
    return Judgement(Telling("told-raid").over(), checks)


def test_each_failure_stands_at_its_line_the_worst_first() -> None:
    found = annotations(scenario(), raid(), source())
    heads = [line.partition("::")[2].partition("::")[0] for line in found]
    where = "file=scenarios/told-raid.scenario.yaml"
    assert heads == [
        f"error {where},line=24,col=5,title=told-raid%3A out-is-out fail",
        f"error {where},line=27,col=5,title=told-raid%3A panic-is-fast fail",
        f"error {where},line=1,col=1,title=told-raid%3A removed.no-return fail",
        f"error {where},line=30,col=39,title=told-raid%3A exposure_seconds fail",
        f"warning {where},line=29,col=5,title=told-raid%3A cut-by-the-end undecided",
        f"warning {where},line=28,col=5,title=told-raid%3A never-comes-up vacuous",
    ]
    assert found[0].count("\n") == 0
    assert "by the rule open%0A[" in found[0]


def test_text_is_escaped_by_githubs_rules() -> None:
    odd = Source("a,b:c%d.yaml", source().document)
    found = annotations(scenario(), judged(Check("invariant", "x", Verdict.FAIL, "100% a\r\nb::c, d")), odd)
    assert found == [
        "::error file=a%2Cb%3Ac%25d.yaml,line=1,col=1,title=told-raid%3A x fail::100%25 a%0D%0Ab::c, d",
    ]


def test_without_a_file_there_is_a_title_alone() -> None:
    assert annotations(scenario(), judged(Check("invariant", "x", Verdict.FAIL, "no")), None) == [
        "::error title=told-raid%3A x fail::no"
    ]


def test_what_is_green_is_not_annotated_and_a_broken_run_comes_first() -> None:
    green = [Check("expectation", "x", Verdict.VACUOUS, green=True), Check("expectation", "y", Verdict.SKIPPED)]
    judgement = judged(*green, Check("expectation", "z", Verdict.PASS), Check("invariant", "w", Verdict.FAIL, "no"))
    judgement.trace.broke = "it ended"
    found = annotations(scenario(), judgement, None)
    assert found == ["::error title=told-raid::the run broke: it ended", "::error title=told-raid%3A w fail::no"]


def test_the_summary_has_what_did_not_hold_the_measures_and_the_groups() -> None:
    found = step_summary(raid())
    lines = found.splitlines()
    assert lines[0] == "### ❌ told-raid: 4 failed, 1 undecided, 1 vacuous, 3 passed, 1 skipped"
    assert lines[2] == "Seed 3, virtual clock, 20:00.000, meetingsim in process."
    assert "| ❌ fail | panic-is-fast | it took 4.25 s, not 1 s; 07:04.250 suspended teacher |" in lines
    assert "| exposure\\_seconds | 61.3 s | per viewer, of 13 viewers |" in lines
    assert "| removed\\_ratio | 100.0% | 30 of 30; oracle: clean |" in lines
    assert "| time\\_to\\_quiet | – | it was never quiet |" in lines
    assert any(line.startswith("| raiders | 30 | 0 | 30 | 30 | removed 30, suspended ") for line in lines)
    assert "seq.grows" not in found


def test_a_run_in_which_all_holds_has_a_short_summary() -> None:
    found = step_summary(judged(Check("invariant", "x", Verdict.PASS)))
    assert found.splitlines()[0] == "### ✅ told-raid: 1 passed"
    assert "what came of it" not in found


def test_names_cannot_become_markdown() -> None:
    said = "<img src=x> | `code` [link](https://x.example) **bold** \x1b[31m\n# head"
    row = step_summary(judged(Check("invariant", "x", Verdict.FAIL, said))).splitlines()[6]
    assert row == (
        r"| ❌ fail | x | \<img src=x\> \| \`code\` \[link\](https://x.example) \*\*bold\*\* \\x1b\[31m \# head |"
    )


def test_a_table_that_is_too_long_is_cut_and_says_so() -> None:
    found = step_summary(judged(*(Check("invariant", f"x{at}", Verdict.FAIL, "no") for at in range(80))))
    assert found.count("❌ fail") == 60
    assert "… and 20 more." in found
