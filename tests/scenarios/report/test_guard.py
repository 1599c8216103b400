"""No secret leaves in a file, wherever somebody forgot one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from meetingsim.scenarios import read
from meetingsim.scenarios.report import annotations, digest_of, read_trace, step_summary, write_run
from meetingsim.scenarios.report.guard import without_secrets
from meetingsim.scenarios.report.tracefile import encoded_rows
from meetingsim.scenarios.trace import Trace
from meetingsim.scenarios.verdicts import Check, Judgement, Measure, Verdict
from tests.scenarios.report.samples import YAML, raid, source
from tests.scenarios.traces import Telling

TICKET = "eyJhbGciOiJIUzI1NiJ9.eyJuYW1lIjoiTWlhIn0.c2lnbmF0dXJlLW9mLXRoaXM"
SESSION = "session_" + "5ec2e7" * 8
HOST = "host_" + "0123456789abcdef" * 3
SECRETS = (TICKET, SESSION.removeprefix("session_"), HOST.removeprefix("host_"), "open-sesame-2026", "s3cret-of-a-step")
LINK = f"https://meet.example/j/12345678901#passcode=open-sesame-2026&ticket={TICKET}"


def leaky() -> Judgement:
    """A run in which every part has a secret in it."""
    judgement = raid()
    trace = judgement.trace
    trace.target = f"https://meet.example Bearer {HOST}"
    trace.settings = {"passcode": "open-sesame-2026"}
    trace.broke = f"the line with {SESSION} was lost"
    trace.lacking = {"crash": f"refused with {TICKET}"}
    trace.oracles = {"clean": f"knows {HOST}"}
    told = Telling()
    told.trace = trace
    told.happens(1, "sent", "class[0]", n=1, line=1, command="join", ticket=TICKET, passcode="open-sesame-2026")
    told.happens(2, "sent", "class[0]", n=2, line=1, command="join", attempt={"passcode": "0123456789abcdef"})
    told.reads(3, {"type": "view", "session": SESSION, "view": {"me": {"host_token": HOST}}}, "class[0]")
    told.reads(4, {"type": "message", "text": f"come to {LINK} or say s3cret-of-a-step"}, "class[0]")
    told.event(5, "message", "class[0]", text=LINK, because={"rule": "open", "token": "never-shaped-like-one"})
    told.happens(6, "refused", "class[0]", header=f"Authorization: Bearer {HOST}", authorization="bearer of nothing")
    last = tuple(fact.n for fact in trace.facts[-6:])
    said = f"{LINK} was said, and {SESSION}, and open-sesame-2026"
    judgement.checks = [
        *judgement.checks,
        Check("expectation", "leaky", Verdict.FAIL, said, last, ("expect", 0), oracle=(f"rule {TICKET}",)),
        Check("expectation", "hollow", Verdict.VACUOUS, said, last, ("expect", 1)),
    ]
    judgement.measures["leak"] = Measure("leak", 1, "count", said, (f"rule {HOST}",))
    return judgement


def leaky_scenario() -> Any:
    step = "- {at: 2m, who: class, do: [{join: {passcode: s3cret-of-a-step}}, {chat: {text: say open-sesame-2026!}}]}\n"
    return read(YAML.replace("timeline:\n", f"timeline:\n  {step}"))


def test_none_of_the_five_files_has_a_secret(tmp_path: Path) -> None:
    folder = write_run(leaky_scenario(), leaky(), tmp_path, source())
    found = {path.name: path.read_text() for path in folder.iterdir()}
    assert sorted(found) == ["junit.xml", "report.html", "scenario.resolved.yaml", "summary.json", "trace.jsonl"]
    for name, text in found.items():
        assert [secret for secret in SECRETS if secret in text] == [], name
        assert "never-shaped-like-one" not in text, name
        assert "0123456789abcdef" not in text, name
    for name in ("junit.xml", "report.html", "summary.json", "trace.jsonl"):
        assert "redacted" in found[name], name


def test_neither_annotations_nor_the_summary_of_a_step_have_one() -> None:
    judgement = leaky()
    text = "\n".join([*annotations(leaky_scenario(), judgement, source()), step_summary(judgement)])
    assert [secret for secret in SECRETS[:3] if secret in text] == []
    assert f"passcode={SECRETS[3]}" not in text


def test_what_a_scenario_says_itself_is_hidden_and_makes_no_other_digest(tmp_path: Path) -> None:
    judgement = raid()
    told = Telling()
    told.trace = judgement.trace
    told.event(5, "message", "class[0]", text="the code is open-sesame-2026, hurry")
    text = (write_run(leaky_scenario(), judgement, tmp_path) / "trace.jsonl").read_text()
    assert "open-sesame-2026" not in text
    assert "the code is <redacted>, hurry" in text
    assert f'"digest":"{digest_of(judgement.trace)}"' in text


def test_what_the_trace_knows_to_be_a_secret_is_in_no_digest() -> None:
    first, second = raid().trace, raid().trace
    for trace, secret in ((first, "4711-lecture"), (second, "redacted-1")):
        trace.secrets = (secret, "class", "x")
        told = Telling()
        told.trace = trace
        told.event(5, "message", "class[0]", text=f"the code of this class is {secret}")
    assert digest_of(first) == digest_of(second)
    last = encoded_rows(first)[-1].decode()
    assert '"text":"the code of this class is <redacted>"' in last
    assert '"actor":"class[0]"' in last


@pytest.mark.parametrize("passcode", ["class", "message", "raider", "told-raid", "abc", "panic"])
def test_a_passcode_that_is_a_word_of_the_scenario_is_hidden_under_its_key_alone(passcode: str, tmp_path: Path) -> None:
    spoken = read(YAML.replace("open-sesame-2026", passcode))
    judgement = raid()
    folder = write_run(spoken, judgement, tmp_path, source())
    again = read((folder / "scenario.resolved.yaml").read_text())
    assert again.meeting.passcode == "redacted-1"
    assert again.model_dump(exclude={"meeting"}) == spoken.model_dump(exclude={"meeting"})
    assert as_rows(read_trace(folder / "trace.jsonl")) == as_rows(judgement.trace)


def as_rows(trace: Trace) -> list[Any]:
    return [(fact.fact, fact.actor, fact.fields) for fact in trace.facts]


KEPT = [
    '{"session":"<redacted>"}',
    '{"ticket":"0123456789abcdef"}',  # a digest, so that two can be compared
    '{"text":"a session: \\"session\\":\\"abc\\""}',
    '{"code":"region_blocked","passcode":null,"ticket":7}',
    '{"device":"device of students[3]","digest":"' + "0123456789abcdef" * 4 + '"}',
]


@pytest.mark.parametrize("text", KEPT)
def test_what_is_no_secret_stays(text: str) -> None:
    assert without_secrets(text.encode()).decode() == text


def test_a_value_with_quotes_in_it_is_hidden_to_its_end() -> None:
    assert without_secrets(b'{"passcode":"a\\"b,\\\\","x":1}') == b'{"passcode":"<redacted>","x":1}'
