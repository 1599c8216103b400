"""A scenario file as tests: one for each expectation, invariant and threshold of it."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator
from typing import Any

import pytest

from meetingsim.pytest_plugin.runs import Loaded, called, load, runs_of
from meetingsim.scenarios import ScenarioInvalid
from meetingsim.scenarios.invariants import INVARIANTS
from meetingsim.scenarios.verdicts import Place

_SHORT = {"expectation": "expect", "invariant": "invariant", "threshold": "threshold"}


class ScenarioFile(pytest.File):
    """A ``*.scenario.yaml``; whatever is wrong with it is one error of the collection."""

    def collect(self) -> Iterator[CheckItem]:
        try:
            loaded = load(self.path, called(self.path, self.config))
        except ScenarioInvalid as error:
            raise self.CollectError("\n".join(mistake.shown() for mistake in error.mistakes)) from None
        except OSError as error:
            raise self.CollectError(f"{self.path} cannot be read: {error.strerror}") from None
        for kind, name, place in _checks(loaded):
            item: CheckItem = CheckItem.from_parent(self, name=f"{_SHORT[kind]}:{name}")
            item.stands_for(loaded, kind, name, place)
            yield item


def _checks(loaded: Loaded) -> Iterator[tuple[str, str, Place]]:
    for at, expectation in enumerate(loaded.scenario.expect):
        yield "expectation", expectation.id, ("expect", at)
    for name in INVARIANTS:
        yield "invariant", name, ()
    for name in loaded.scenario.thresholds:
        yield "threshold", name, ("thresholds", name)


class Unmet(AssertionError):
    """A check that did not pass; str() is all there is to say."""


class CheckItem(pytest.Item):
    """One check. The first of a file that is run plays it."""

    def stands_for(self, loaded: Loaded, kind: str, name: str, place: Place) -> None:
        """Says which check it is."""
        self._loaded = loaded
        self._check = kind, name
        self._line = loaded.source.position(place)[0]
        self.add_marker(pytest.mark.scenario(loaded.source.path))
        if self.config.pluginmanager.hasplugin("xdist"):
            self.add_marker(pytest.mark.xdist_group(loaded.source.path))

    def runtest(self) -> None:
        seed = self.config.getoption("sim_seed")
        told = runs_of(self.config).told(self._loaded, self._loaded.scenario.seed if seed is None else seed)
        if told.broke is not None:
            raise Unmet(told.broke)
        said = told.checks[self._check]
        if said.outcome == "failed":
            raise Unmet(said.text)
        if said.outcome != "passed":
            pytest.skip(said.brief)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        return str(excinfo.value) if isinstance(excinfo.value, Unmet) else super().repr_failure(excinfo)

    def reportinfo(self) -> tuple[os.PathLike[str] | str, int | None, str]:
        return self.path, self._line - 1, self.name


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """What is skipped is skipped at its line of the file, not where this module says so."""
    report = yield
    if isinstance(item, CheckItem) and report.skipped and isinstance(report.longrepr, tuple):
        path, line, _ = item.reportinfo()
        report.longrepr = str(path), (line or 0) + 1, report.longrepr[2]
    return report
