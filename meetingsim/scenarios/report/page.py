"""report.html: one file for people, which opens from the disk and asks nobody for anything."""

from __future__ import annotations

import base64
import hashlib
import html
from functools import cache
from pathlib import Path
from typing import Final

from meetingsim.scenarios.report.course import Course
from meetingsim.scenarios.report.guard import Known
from meetingsim.scenarios.report.payload import payload
from meetingsim.scenarios.report.source import Source
from meetingsim.scenarios.scenario import Scenario
from meetingsim.scenarios.verdicts import Judgement

_STATIC: Final = Path(__file__).parent / "static"
_SCRIPTS: Final = ("run", "scale", "draw", "lanes", "pointing", "detail", "checks", "journal", "report")
"""In the order in which they need each other."""


def page(
    scenario: Scenario, judgement: Judgement, course: Course, digest: str, source: Source | None, known: Known
) -> str:
    """The page's text."""
    before, after = _frame()
    data = known.json(payload(scenario, judgement, course, digest, source)).decode()
    return before.replace("{{title}}", html.escape(scenario.name)) + _in_script(data) + after


def _in_script(data: str) -> str:
    """JSON that no text in it can end: in a script nothing but ``<`` is looked at."""
    for mark in "<>&\u2028\u2029":
        data = data.replace(mark, f"\\u{ord(mark):04x}")
    return data


@cache
def _frame() -> tuple[str, str]:
    """What stands before and after the data. The policy names style and script by their hash: nothing else ever runs."""
    style = _read("report.css")
    parts = "\n".join(_read(f"{name}.js") for name in _SCRIPTS)
    script = f'"use strict";\n(() => {{\n{parts}\n}})();'
    whole = _read("report.html")
    for name, text in (("style", style), ("script", script)):
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        whole = whole.replace(f"{{{{{name} hash}}}}", digest).replace(f"{{{{{name}}}}}", text)
    before, after = whole.split("{{data}}")
    return before, after


def _read(name: str) -> str:
    return (_STATIC / name).read_text(encoding="utf-8")
