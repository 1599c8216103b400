"""The adapter of docs/how-to/adapters.md plays a scenario, talks as shown, and the page names every word of the protocol."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

from meetingsim.scenarios.reading import read_file
from meetingsim.scenarios.verdicts import Verdict
from meetingsim.targets.playing import Where, play
from meetingsim.targets.saying import BESIDE, PLACES
from tests.docs.pages import DOCS, ROOT, Block, blocks

TEXT = (DOCS / "how-to" / "adapters.md").read_text("utf-8")
SHORT = ROOT / "tests" / "targets" / "short.scenario.yaml"


def block(language: str) -> Block:
    """The page's only block of that language."""
    (found,) = (one for one in blocks(TEXT) if one.language == language)
    return found


def test_the_smallest_adapter_plays_a_scenario(tmp_path: Path) -> None:
    script = tmp_path / "adapter.py"
    # Told the time, the eight seconds of the scenario need not pass.
    script.write_text(block("python").text.replace('views=["client"]', 'views=["client"], clock="told"'))
    judgement = play(read_file(SHORT), where=Where(clock="real", command=shlex.join([sys.executable, str(script)])))
    assert judgement.trace.broke is None
    assert {"admit", "suspend", "remove"} & {*judgement.trace.lacking}
    assert (
        sum(fact.fact == "received" and fact.fields["frame"]["type"] == "message" for fact in judgement.trace.facts)
        > 50
    )
    verdicts = {check.id: check.verdict for check in judgement.checks}
    assert verdicts["suspend-silences"] is Verdict.SKIPPED
    assert verdicts["command.once"] is Verdict.PASS


def test_it_talks_as_the_page_shows() -> None:
    said = [(line[0], json.loads(line[2:])) for line in block("text").text.splitlines()]
    asked = "".join(json.dumps(line) + "\n" for who, line in said if who == ">")
    done = subprocess.run(
        [sys.executable, "-c", block("python").text],
        input=asked,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert [json.loads(line) for line in done.stdout.splitlines()] == [line for who, line in said if who == "<"]


def test_every_word_of_the_protocol_is_on_the_page() -> None:
    words = {word for code in re.findall(r"`([^`\n]+)`", TEXT) for word in re.findall(r"\w+", code)}
    facts = {"received", "placed", "disconnected", "report_filed"}
    answers = {
        "meeting",
        "passcode",
        "host_token",
        "settings",
        "lacks",
        "participant",
        "place",
        "session",
        "ticket",
        "seq",
    }
    hello = {"can", "views", "clock", "own", "told", "client", "server", "now"}
    assert {*BESIDE, *PLACES, *facts, *answers, *hello, "restart", "number", "role"} <= words
