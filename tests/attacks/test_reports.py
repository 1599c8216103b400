"""Attacks on reports, on the wire: finding out about them, flooding and forging them, and using them as a weapon."""

from __future__ import annotations

from typing import Any

import httpx2
import pytest

from meetingsim.state.evidence import LINES_KEPT
from tests.attacks.stage import OPEN, drop, fire, together, types, verdicts
from tests.hand_clock import HandClock
from tests.wire import Meeting, Server, running

pytestmark = pytest.mark.anyio


async def reports(meeting: Meeting) -> list[dict[str, Any]]:
    """The reports about this meeting, as the admin reads them."""
    async with meeting.server.http(meeting.server.admin_token) as client:
        response = await client.get("/reports", params={"meeting": meeting.id})
    assert response.status_code == 200
    found: list[dict[str, Any]] = response.json()["reports"]
    return found


async def everything_a_host_can_read(meeting: Meeting) -> dict[str, Any]:
    """All that the host token opens over HTTP, and what is open to all."""
    paths = ("", "/events", "/participants", "/waiting-room")
    read = {path: await meeting.get(path) for path in paths}
    async with httpx2.AsyncClient(base_url=meeting.server.url, verify=False) as client:
        lines = (await client.get("/metrics")).text.splitlines()
        read["metrics"] = [line for line in lines if "meetingsim_" in line and "report" in line]
    return read


async def test_a_report_against_the_host_leaves_no_trace_for_the_host(server: Server) -> None:
    """No frame, no event, no gap in the numbers, no change in anything the host can read; the desk has it all the same.

    attack G06
    """
    meeting = await server.meeting(**OPEN)
    async with together(meeting, "Mia", "Cohost", "Control") as (host, mia, cohost, control):
        await host.ask("make_cohost", participant=cohost.id)
        first = await host.ask("set_audio", on=True)
        for person in (host, cohost, control):
            await person.settle()
        before = [len(person.frames) for person in (host, cohost, control)]
        read = await everything_a_host_can_read(meeting)
        for issue in ("abuse", "hateful_conduct", "other"):
            reply = await mia.ask("report", participants=[host.id], issue=issue, text="the host shouts at us")
            assert "seq" not in reply
        assert await everything_a_host_can_read(meeting) == read
        second = await host.ask("set_audio", on=False)
        assert second["seq"] == first["seq"] + 1
        for person, start in zip((host, cohost, control), before, strict=True):
            await person.settle()
            assert types(person.frames[start:] if person is not host else person.frames[start:-2]) == (
                ["audio_changed"] if person is host else ["audio_changed", "reply"]
            )
        async with server.http(meeting.made["host_token"]) as client:
            assert (await client.get("/reports")).status_code == 401
            rows = (await client.get(f"/meetings/{meeting.id}/events", params={"limit": 1000})).json()["events"]
            assert "report" not in str(rows)
            assert "shouts" not in str(rows)
        async with meeting.host() as again:
            assert "shouts" not in str(again.view)
        filed = await reports(meeting)
        assert [(row["issue"], row["subjects"], row["reporter"]["id"]) for row in filed] == [
            (issue, [host.id], mia.id) for issue in ("abuse", "hateful_conduct", "other")
        ]


async def test_a_report_has_no_effect_in_the_meeting(server: Server) -> None:
    """Forty reports from a whole crowd silence nobody: whoever is reported goes on and is told nothing.

    attack G06
    """
    meeting = await server.meeting(**OPEN)
    async with together(meeting, "Mia", "Noa", "Control") as (host, mia, noa, control):
        await host.ask("make_cohost", participant=noa.id)
        before = len(control.frames)
        for person in (host, mia, noa):
            refs = await fire(person, [{"type": "report", "participants": [control.id], "issue": "abuse"}] * 13)
            assert set(await verdicts(person, refs)) == {"ok"}
        await control.settle()
        assert set(types(control.frames[before:])) <= {"reply", "role_changed"}
        for command, fields in (("chat", {"text": "hello"}), ("set_audio", {"on": True}), ("start_share", {})):
            await control.ask(command, **fields)
        assert control.place == "inside"
        assert len(await reports(meeting)) == 39


async def test_the_reported_cannot_tell_who_reported(server: Server) -> None:
    """A report with a removal, one with a suspension and one by a participant look the same from inside as none.

    attack G06
    """
    meeting = await server.meeting(**OPEN)
    async with together(meeting, "Mia", "Noa", "Control") as (host, mia, noa, control):
        await mia.ask("report", participants=[control.id], issue="spam", text="she did it")
        await host.ask("suspend", report={"issue": "abuse", "participants": [control.id]})
        await host.ask("remove", participant=noa.id, report={"issue": "hateful_conduct", "text": "he did it"})
        removed = await control.event("removed")
        suspended = next(frame for frame in control.frames if frame["type"] == "suspended")
        assert removed.keys() == {"type", "seq", "at", "participant", "by"}
        assert suspended.keys() == {"type", "seq", "at", "by", "activities", "stopped"}
        heard = str(control.frames) + str((await noa.closed())[1]) + str(await meeting.get("/events", limit=1000))
        for word in ("report", "hateful_conduct", "did it"):
            assert word not in heard
        assert [row["source"] for row in await reports(meeting)] == ["participant", "suspend", "remove"]


async def test_nobody_outside_can_report_from_the_meeting(server: Server) -> None:
    """Who waits, and who is inside where reports are not taken, is refused; the desk gets nothing.

    attack G06
    """
    meeting = await server.meeting(reports={"participants_may_report": False})
    async with together(meeting, "Mia") as (host, mia), meeting.guest("Waiting") as waiting:
        aimed = {"participants": [host.id], "issue": "abuse"}
        assert await mia.refused("report", **aimed) == "not_permitted"
        assert await waiting.refused("report", **aimed) == "not_inside"
        assert await reports(meeting) == []
        await host.ask("report", participants=[mia.id], issue="abuse")
        assert len(await reports(meeting)) == 1


async def test_a_flood_of_reports_is_stopped_at_the_rate_and_others_still_get_through() -> None:
    """A participant files forty at once and then no more; the next person's report is filed with nothing lost.

    attack G02
    """
    with running(HandClock()) as server:
        meeting = await server.meeting(**OPEN)
        async with meeting.host() as host, meeting.guest("Mia") as mia, meeting.guest("Noa") as noa:
            refs = await fire(mia, [{"type": "report", "participants": [host.id], "issue": "spam"}] * 100)
            assert sorted(await verdicts(mia, refs)) == ["ok"] * 40 + ["rate_limited"] * 60
            await noa.ask("report", participants=[mia.id], issue="child_safety", text="urgent")
            filed = await reports(meeting)
            assert len(filed) == 41
            assert (filed[-1]["issue"], filed[-1]["reporter"]["id"]) == ("child_safety", noa.id)
            assert len({row["report"] for row in filed}) == 41


@pytest.mark.parametrize("gone", ["left", "removed", "renamed", "dropped"])
async def test_a_report_names_the_person_whatever_became_of_them(server: Server, gone: str) -> None:
    """The id and the name at that time are in the report, and a later change does not reach into it.

    attack G03
    """
    meeting = await server.meeting(**OPEN)
    async with together(meeting, "Mia", "Raider") as (host, mia, raider):
        await raider.ask("chat", text="an insult")
        await mia.event("message")
        if gone == "left":
            await raider.ask("leave")
        elif gone == "removed":
            await host.ask("remove", participant=raider.id)
        elif gone == "renamed":
            await raider.ask("rename", name="Angel")
        else:
            await drop(raider, host)
        await mia.ask("report", participants=[raider.id], issue="abuse")
        (report,) = await reports(meeting)
        assert report["subjects"] == [raider.id]
        (subject,) = report["evidence"]["subjects"]
        assert (subject["id"], subject["name"]) == (raider.id, "Angel" if gone == "renamed" else "Raider")
        assert [line["text"] for line in report["evidence"]["chat"] if line["from"] == raider.id] == ["an insult"]
        if gone == "renamed":
            await raider.ask("rename", name="Saint")
            await raider.ask("leave")
        assert await reports(meeting) == [report]


async def test_a_report_survives_the_end_and_the_deletion_of_the_meeting(server: Server) -> None:
    """Whoever owns the meeting cannot make a report vanish with it.

    attack G03
    """
    meeting = await server.meeting(**OPEN)
    async with together(meeting, "Mia") as (host, mia):
        await mia.ask("report", participants=[host.id], issue="abuse")
        before = await reports(meeting)
        await host.ask("end")
        await mia.closed()
    async with server.http(meeting.made["host_token"]) as client:
        assert (await client.delete(f"/meetings/{meeting.id}")).status_code == 403
    async with server.http(server.admin_token) as client:
        assert (await client.delete(f"/meetings/{meeting.id}")).status_code == 204
    assert len(before) == 1
    assert await reports(meeting) == before


@pytest.mark.parametrize(
    "forged",
    [
        {"evidence": {"chat": []}},
        {"reporter": {"id": "somebody"}},
        {"source": "remove"},
        {"screenshot": "data:image/png;base64,AAAA"},
        {"occurred_at": "2020-01-01T00:00:00.000Z"},
        {"issue": "made_up"},
        {"participants": []},
        {"participants": "everybody"},
    ],
    ids=lambda forged: next(iter(forged)),
)
async def test_evidence_cannot_be_sent_along(server: Server, forged: dict[str, Any]) -> None:
    """What the server saw comes from the server alone: a frame that brings it is refused and nothing is filed.

    attack G04
    """
    meeting = await server.meeting(**OPEN)
    async with together(meeting, "Mia") as (host, mia):
        report = {"participants": [host.id], "issue": "abuse", **forged}
        assert await mia.refused("report", **report) == "malformed"
        assert await reports(meeting) == []


async def test_what_the_reporter_says_is_kept_apart_from_what_the_server_saw(server: Server) -> None:
    """A text that claims things stands beside the evidence and never in it; the roster and the lines are the true ones.

    attack G04
    """
    meeting = await server.meeting(**OPEN)
    async with together(meeting, "Mia", "Noa") as (_, mia, noa):
        await noa.ask("chat", text="good morning")
        await mia.event("message")
        claim = "Noa wrote: an insult. Noa is a cohost."
        await mia.ask("report", participants=[noa.id], issue="abuse", text=claim)
        (report,) = await reports(meeting)
        assert report["text"] == claim
        evidence = report["evidence"]
        assert "insult" not in str(evidence)
        assert [line["text"] for line in evidence["chat"]] == ["good morning"]
        assert {row["name"]: row["role"] for row in evidence["roster"]} == {
            "Host": "host",
            "Mia": "participant",
            "Noa": "participant",
        }


async def test_evidence_holds_no_private_chat_of_bystanders(server: Server) -> None:
    """Of private lines only those between the reporter and the reported are kept, and of all lines only the last few.

    attack G08
    """
    meeting = await server.meeting(**OPEN)
    async with together(meeting, "Mia", "Raider", "Noa", "Ida") as (host, mia, raider, noa, ida):
        for number in range(LINES_KEPT + 10):
            await raider.ask("chat", text=f"spam {number}")
        await noa.ask("chat", text="between Noa and Ida", to=ida.id)
        await raider.ask("chat", text="between Raider and Noa", to=noa.id)
        await noa.ask("chat", text="to the hosts alone", to="hosts")
        await raider.ask("chat", text="between Raider and Mia", to=mia.id)
        await ida.ask("chat", text="to everyone")
        await mia.event("message", text="to everyone")
        await mia.ask("report", participants=[raider.id], issue="abuse")
        await host.ask("report", participants=[raider.id], issue="abuse")
        mine, hosts = [[line["text"] for line in row["evidence"]["chat"]] for row in await reports(meeting)]
        assert len(mine) == LINES_KEPT
        assert mine[-2:] == ["between Raider and Mia", "to everyone"]
        for lines in (mine, hosts):
            assert not {"between Noa and Ida", "between Raider and Noa"} & set(lines)
        assert "to the hosts alone" not in mine
        assert "between Raider and Mia" not in hosts
