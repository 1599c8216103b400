"""report.html as a text: what it knows stays bounded, no name can get out of it, and nothing but its own script may run."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from meetingsim.scenarios.report import moments, write_run
from meetingsim.scenarios.report.course import course_of
from meetingsim.scenarios.report.payload import payload
from meetingsim.scenarios.verdicts import Check, Judgement, Verdict
from tests.scenarios.report.samples import raid, scenario, source
from tests.scenarios.traces import Telling

HOSTILE = "</script><script>alert(1)</script><!--<img src=x onerror=alert(2)>\u2028{{data}}&amp;"


def page_of(judgement: Judgement, folder: Path) -> str:
    return (write_run(scenario(), judgement, folder, source()) / "report.html").read_text()


def data_of(text: str) -> dict[str, Any]:
    """What the page reads out of itself."""
    inner = text.partition('<script type="application/json" id="run">')[2].partition("</script>")[0]
    found: dict[str, Any] = json.loads(inner)
    return found


def payload_of(judgement: Judgement) -> dict[str, Any]:
    return payload(scenario(), judgement, course_of(judgement.trace), "digest", source())


def test_the_page_asks_for_nothing_that_is_not_in_it(tmp_path: Path) -> None:
    text = page_of(raid(), tmp_path)
    assert re.findall(r"https?://[^\s\"']+", text) == []
    assert re.findall(r"(?:src|href)=\"(?!data:,|#)[^\"]*\"", text) == []
    assert "@import" not in text
    assert "url(" not in text


def test_the_policy_lets_only_the_pages_own_style_and_script_run(tmp_path: Path) -> None:
    text = page_of(raid(), tmp_path)
    for tag, directive in (("style", "style-src"), ("script", "script-src")):
        (inner,) = re.findall(rf"<{tag}>(.*?)</{tag}>", text, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(inner.encode()).digest()).decode()
        assert f"{directive} 'sha256-{digest}'" in text
    assert "default-src 'none'" in text
    assert "{{" not in text.split('<script type="application/json"')[0]


def test_no_name_gets_out_of_the_data(tmp_path: Path) -> None:
    text = page_of(raid(name=HOSTILE), tmp_path)
    assert text.count("<script") == 2
    assert text.count("</script>") == 2
    assert "\u2028" not in text
    assert data_of(text)["people"][-2]["names"][0] == HOSTILE.replace("\u2028", r"\u2028")


def test_the_data_has_checks_with_words_and_lines_and_the_people_behind_ids() -> None:
    found = payload_of(raid())
    first = found["checks"][0]
    assert first["words"] == [["each", "removed"], ["never", "joined where person == each.person"]]
    assert (first["line"], first["said"]) == (
        24,
        "raiders[29] was removed at 08:08.000 and joined again at 10:20.000 by the rule open",
    )
    assert [check["verdict"] for check in found["checks"]] == [
        *["fail"] * 4,
        *["undecided", "vacuous", "skipped"],
        *["pass"] * 3,
    ]
    assert found["run"]["exit"] == 1
    joined = found["fields"][first["witnesses"][0]]
    assert found["people"][found["ids"][joined["participant"]]]["ref"] == "raiders[29]"
    assert joined["because"]["rule"] == "open"
    assert found["measures"][0] == {
        **{"id": "exposure_seconds", "value": "61.3 s", "said": "per viewer, of 13 viewers", "oracle": []},
        **{"limit": "< 45 per viewer", "verdict": "fail"},
    }
    assert found["faults"] == [
        {
            **{"since": 420_000, "until": 450_000, "on": "raiders", "groups": [2]},
            "said": "latency 400ms±200ms, drop 5%",
        }
    ]


def test_the_moments_can_be_put_together_again() -> None:
    judgement = raid()
    columns = payload_of(judgement)["moments"]
    n = at = 0
    people = list(judgement.trace.members)
    for place, step in enumerate(columns["n"]):
        n, at = n + step, at + columns["at"][place]
        fact = judgement.trace.facts[n]
        assert (fact.at, fact.fact) == (at, columns["kinds"][columns["kind"][place]])
        who = columns["who"][place]
        assert fact.actor == (people[who] if who >= 0 else None)
    removed = columns["kinds"].index("removed")
    by = {columns["by"][place] for place, kind in enumerate(columns["kind"]) if kind == removed}
    assert by == {people.index("teacher")}


def test_around_a_failures_witness_there_is_what_that_person_sent_and_received() -> None:
    judgement = raid()
    columns = payload_of(judgement)["moments"]
    kinds = {columns["kinds"][kind] for kind in columns["kind"]}
    assert {"received", "sent", "joined", "removed"} <= kinds
    assert "accepted" not in kinds
    judgement.checks = [replace(check, verdict=Verdict.PASS) for check in judgement.checks]
    columns = payload_of(judgement)["moments"]
    assert "received" not in {columns["kinds"][kind] for kind in columns["kind"]}


def test_without_a_journal_what_was_accepted_is_shown() -> None:
    told = Telling("told-raid", views=frozenset({"client"}))
    told.cast("class", 2)
    told.accepts(5, told.sends(4, "class[0]", "chat", text="hello"))
    found = payload_of(Judgement(told.over()))
    assert found["moments"]["kinds"] == ["accepted"]
    assert [fields["text"] for fields in found["fields"].values()] == ["hello"]


def test_of_too_much_the_rest_is_left_out_and_that_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(moments, "MOST_SHOWN", 120)
    monkeypatch.setattr(moments, "MOST_WITH_FIELDS", 50)
    judgement = raid()
    found = payload_of(judgement)
    shown = found["moments"]
    assert len(shown["n"]) <= 120
    assert len(found["fields"]) == 50
    kinds = [shown["kinds"][kind] for kind in shown["kind"]]
    assert kinds.count("removed") == 30
    assert kinds.count("suspended") == 1
    counted, *cut, without = [said.partition(" (")[0] for said in found["left_out"]]
    assert counted.endswith(" facts are counted and not drawn")
    assert len(cut) == 3
    assert all(re.fullmatch(r"[\d,]+ of [\d,]+ facts are not drawn", said) for said in cut)
    left_out = sum(int(said.split()[0].replace(",", "")) for said in (counted, *cut))
    assert left_out + len(shown["n"]) == len(judgement.trace.facts)
    assert without == f"{len(shown['n']) - 50} facts are drawn without their fields"


def test_a_long_text_and_a_long_list_are_cut() -> None:
    told = Telling("told-raid")
    told.cast("host", role="host")
    deep: dict[str, Any] = {}
    inner = deep
    for _ in range(12):
        inner["in"] = inner = {}
    told.event(5, "message", "host", text="x" * 1_000, many=list(range(500)), deep=deep, odd="a\u202eb")
    (fields,) = payload_of(Judgement(told.over()))["fields"].values()
    assert fields["text"] == "x" * 400 + "… (600 more)"
    assert fields["many"] == [*range(12), "… 488 more"]
    assert fields["odd"] == r"a\u202eb"
    assert json.dumps(fields["deep"]).count("in") == 6


def test_an_empty_run_has_a_page(tmp_path: Path) -> None:
    found = data_of(page_of(Judgement(Telling("told-raid", duration=0).over()), tmp_path))
    assert (found["checks"], found["people"], found["moments"]["n"], found["left_out"]) == (
        [],
        [],
        [],
        ["1 facts are counted and not drawn (run_over 1)"],
    )


def test_names_of_a_person_are_all_those_they_came_with() -> None:
    (last,) = [person for person in payload_of(raid())["people"] if person["ref"] == "raiders[29]"]
    assert last["names"] == ["offensive-name-17", "again", r"Mia\u202e from class"]
    assert last["removed"] == 1


def test_witnesses_of_a_check_are_counted_where_they_are_too_many() -> None:
    trace = raid().trace
    check = Check("invariant", "many", Verdict.FAIL, "", tuple(range(50)))
    (found,) = payload_of(Judgement(trace, [check]))["checks"]
    assert (len(found["witnesses"]), found["more"]) == (20, 30)
