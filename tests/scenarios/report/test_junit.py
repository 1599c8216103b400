"""junit.xml: what every CI reads, in the shape that all of them agree on."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

from meetingsim.scenarios.report import write_run
from meetingsim.scenarios.verdicts import Check, Judgement, Verdict
from tests.scenarios.report.samples import raid, scenario, source
from tests.scenarios.traces import Telling

SHAPE: dict[str, tuple[set[str], set[str], list[str]]] = {
    "testsuites": (set(), {"name", "time", "tests", "failures", "errors", "disabled"}, ["testsuite"]),
    "testsuite": (
        {"name", "tests", "failures"},
        {"errors", "skipped", "time", "timestamp", "hostname", "id", "package", "file"},
        ["properties", "testcase", "system-out", "system-err"],
    ),
    "properties": (set(), set(), ["property"]),
    "property": ({"name", "value"}, set(), []),
    "testcase": (
        {"name", "classname"},
        {"time", "status", "assertions", "file", "line"},
        ["skipped", "error", "failure", "system-out", "system-err"],
    ),
    "failure": ({"message"}, {"type"}, []),
    "error": ({"message"}, {"type"}, []),
    "skipped": (set(), {"message"}, []),
    "system-out": (set(), set(), []),
}
"""Of each element: attributes that it must have, that it may have, and its children in their order."""


def assert_shape(element: ElementTree.Element) -> None:
    must, may, children = SHAPE[element.tag]
    assert must <= set(element.attrib) <= must | may, element.tag
    order = [children.index(child.tag) for child in element]
    assert order == sorted(order), element.tag
    for child in element:
        assert_shape(child)


def written(judgement: Judgement, folder: Path) -> ElementTree.Element:
    raw = (write_run(scenario(), judgement, folder, source()) / "junit.xml").read_bytes()
    found = ElementTree.fromstring(raw)
    assert_shape(found)
    return found


def cases(root: ElementTree.Element) -> dict[str, ElementTree.Element]:
    return {case.attrib["name"]: case for case in root.iter("testcase")}


def test_a_case_for_each_check_and_the_counts_of_them(tmp_path: Path) -> None:
    root = written(raid(), tmp_path)
    (suite,) = root
    assert suite.attrib == {
        **{"name": "told-raid-3", "tests": "10", "failures": "4", "errors": "1", "skipped": "2", "time": "0"},
    }
    assert len(cases(root)) == 10


def test_each_verdict_is_what_a_ci_makes_of_it(tmp_path: Path) -> None:
    found = cases(written(raid(), tmp_path))
    assert {name: [child.tag for child in case] for name, case in found.items()} == {
        "out-is-out": ["failure"],
        "panic-is-fast": ["failure"],
        "never-comes-up": ["skipped"],
        "cut-by-the-end": ["error"],
        "removed.no-return": ["failure"],
        "seq.grows": [],
        "waiting.sees-nothing": [],
        "mirror.equals-view": ["skipped"],
        "removed_ratio": [],
        "exposure_seconds": ["failure"],
    }
    assert found["never-comes-up"][0].attrib["message"].startswith("VACUOUS: ")
    assert found["cut-by-the-end"][0].attrib["message"].startswith("UNDECIDED: ")
    assert found["mirror.equals-view"][0].attrib["message"] == "the target shows no view"


def test_a_failure_says_why_and_shows_its_witnesses(tmp_path: Path) -> None:
    case = cases(written(raid(), tmp_path))["out-is-out"]
    assert (case.attrib["classname"], case.attrib["line"]) == ("told-raid.expectation", "24")
    assert case.attrib["file"] == "scenarios/told-raid.scenario.yaml"
    said, first, second = (case[0].text or "").splitlines()
    assert (
        said
        == case[0].attrib["message"]
        == "raiders[29] was removed at 08:08.000 and joined again at 10:20.000 by the rule open"
    )
    assert "10:20.000 joined raiders[29] seq=" in first
    assert "08:08.000 removed raiders[29] seq=" in second
    assert r"Mia\u202e from class" in first


def test_a_broken_run_is_an_error_of_its_own(tmp_path: Path) -> None:
    judgement = Judgement(raid().trace)
    judgement.trace.broke = "the target ended with code 3"
    found = cases(written(judgement, tmp_path))
    assert [(name, case[0].tag, case[0].attrib["message"]) for name, case in found.items()] == [
        ("run", "error", "the target ended with code 3")
    ]


def test_an_allowed_vacuous_check_is_skipped_and_an_allowed_undecided_one_too(tmp_path: Path) -> None:
    checks = [
        Check("expectation", "hollow", Verdict.VACUOUS, green=True),
        Check("expectation", "cut", Verdict.UNDECIDED, green=True),
    ]
    found = cases(written(Judgement(Telling("told-raid").over(), checks), tmp_path))
    assert [case[0].tag for case in found.values()] == ["skipped", "skipped"]


def test_what_xml_cannot_have_is_replaced(tmp_path: Path) -> None:
    said = "a\x00b\x1b[31m <&>\"' ]]> \ud800 \ufffe \U0001f389\ttab"
    judgement = Judgement(Telling("told-raid").over(), [Check("expectation", "odd", Verdict.FAIL, said)])
    case = cases(written(judgement, tmp_path))["odd"]
    assert case[0].text == "a\ufffdb\ufffd[31m <&>\"' ]]> \ufffd \ufffd \U0001f389\ttab"
