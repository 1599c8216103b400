"""A run as JUnit's XML, which every CI reads: a suite a run, a case for each expectation, invariant and threshold."""

from __future__ import annotations

import re
from typing import Final
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from meetingsim.scenarios.report.guard import Known
from meetingsim.scenarios.report.source import Source
from meetingsim.scenarios.report.wording import line_of, verdict_line, with_verdict, witnesses
from meetingsim.scenarios.scenario import Scenario
from meetingsim.scenarios.verdicts import Check, Judgement, Verdict

_NOT_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit(scenario: Scenario, judgement: Judgement, digest: str, source: Source | None, known: Known) -> bytes:
    """The file. A vacuous check counts as skipped and says so, one that the end cut, or a broken run, as an error.

    No times: those of a virtual run are none that a CI could add up.
    """
    return _Suite(scenario, judgement, source, known).written(digest)


class _Suite:
    def __init__(self, scenario: Scenario, judgement: Judgement, source: Source | None, known: Known) -> None:
        self._scenario = scenario
        self._judgement = judgement
        self._source = source
        self._known = known
        self._suite = Element("testsuite")

    def written(self, digest: str) -> bytes:
        trace = self._judgement.trace
        properties = SubElement(self._suite, "properties")
        said = {"seed": trace.seed, "target": trace.target, "clock": trace.clock, "digest": digest}
        for name, value in said.items():
            SubElement(properties, "property", name=name, value=self._fit(str(value)))
        for check in self._judgement.checks:
            self._case(check)
        if trace.broke:
            self._broke(trace.broke)
        self._count()
        SubElement(self._suite, "system-out").text = self._fit(verdict_line(self._judgement))
        whole = Element("testsuites")
        whole.append(self._suite)
        indent(whole)
        return f'<?xml version="1.0" encoding="UTF-8"?>\n{tostring(whole, encoding="unicode")}\n'.encode()

    def _count(self) -> None:
        self._suite.set("name", f"{self._scenario.name}-{self._judgement.trace.seed}")
        self._suite.set("tests", str(len(self._suite.findall("testcase"))))
        for counted, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
            self._suite.set(counted, str(len(self._suite.findall(f"testcase/{tag}"))))
        self._suite.set("time", "0")

    def _case(self, check: Check) -> None:
        case = self._named(check.kind, check.id, check.place)
        if check.verdict is Verdict.FAIL:
            self._outcome(case, "failure", check)
        elif check.verdict is Verdict.UNDECIDED and not check.green:
            self._outcome(case, "error", check)
        elif check.verdict is not Verdict.PASS:
            SubElement(case, "skipped", message=self._fit(with_verdict(check)))

    def _named(self, kind: str, name: str, place: tuple[str | int, ...]) -> Element:
        case = SubElement(self._suite, "testcase", classname=f"{self._scenario.name}.{kind}", name=self._fit(name))
        case.set("time", "0")
        if self._source is not None:
            case.set("file", self._fit(self._source.path))
            case.set("line", str(self._source.position(place)[0]))
        return case

    def _outcome(self, case: Element, tag: str, check: Check) -> None:
        found = SubElement(case, tag, message=self._fit(with_verdict(check)), type=check.kind)
        rows = [line_of(fact) for fact in witnesses(check, self._judgement.trace)]
        marks = [f"oracle: {', '.join(check.oracle)}"] if check.oracle else []
        found.text = self._fit("\n".join([with_verdict(check), *rows, *marks]))

    def _broke(self, why: str) -> None:
        case = self._named("run", "run", ())
        SubElement(case, "error", message=self._fit(why), type="broke").text = self._fit(why)

    def _fit(self, text: str) -> str:
        """Without secrets, and without the characters that XML cannot have."""
        return _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", self._known.text(text))
