"""Section E: who may unmute, who may mute whom, and what a bar does and does not do."""

from __future__ import annotations

from typing import Any

import pytest

from meetingsim.journal.protocol import JournalUnavailable
from tests.behaviours.cast import OPEN, admit, names_inside, row_of, types
from tests.wire import Server, running

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(("activity", "command"), [("audio", "set_audio"), ("video", "set_video")])
async def test_after_a_bar_is_lifted_unmuting_works_again(server: Server, activity: str, command: str) -> None:
    """Barred it is refused, lifted it is not.

    behaviour E94
    """
    meeting = await server.meeting(**OPEN)
    async with meeting.host() as host, meeting.guest() as mia:
        await host.ask("allow", activity=activity, allowed=False)
        assert await mia.refused(command, on=True) == "not_permitted"
        await host.ask("allow", activity=activity, allowed=True)
        await mia.ask(command, on=True)
        assert (await row_of(meeting, mia))[activity] is True


async def test_a_raised_hand_reaches_the_host_who_lets_that_one_person_unmute(server: Server) -> None:
    """Raising a hand is never barred; the permission is for the one who raised it.

    behaviour E95
    """
    meeting = await server.meeting(**OPEN)
    async with meeting.host() as host, meeting.guest("Mia") as mia, meeting.guest("Ben") as ben:
        await host.ask("allow", activity="audio", allowed=False)
        await mia.ask("raise_hand", up=True)
        hand = await host.event("hand_changed", up=True)
        await host.ask("allow", activity="audio", allowed=True, participant=hand["participant"])
        await mia.ask("set_audio", on=True)
        assert await ben.refused("set_audio", on=True) == "not_permitted"


async def test_somebody_just_made_cohost_can_allow_others(server: Server) -> None:
    """The rights are there with the next command.

    behaviour E97
    """
    meeting = await server.meeting(**OPEN)
    async with meeting.host() as host, meeting.guest("Cora") as cora, meeting.guest("Mia") as mia:
        await host.ask("allow", activity="audio", allowed=False)
        assert await cora.refused("allow", activity="audio", allowed=True, participant=mia.id) == "not_host"
        await host.ask("make_cohost", participant=cora.id)
        await cora.ask("allow", activity="audio", allowed=True, participant=mia.id)
        await mia.ask("set_audio", on=True)


async def test_being_asked_to_unmute_is_a_notice_and_unmutes_nobody(server: Server) -> None:
    """It is told to the person asked and to the hosts, to nobody else, and the microphone stays off.

    behaviour E98
    """
    meeting = await server.meeting(**OPEN)
    async with meeting.host() as host, meeting.guest("Mia") as mia, meeting.guest("Ben") as ben:
        await ben.settle()
        await host.ask("ask_to_unmute", participant=mia.id)
        asked = await mia.event("asked_to_unmute")
        assert (asked["participant"], asked["by"]) == (mia.id, host.id)
        assert types(await mia.settle()) == []
        assert types(await ben.settle()) == []
        assert (await row_of(meeting, mia))["audio"] is False


async def test_whoever_joins_while_audio_is_barred_is_told_and_cannot_unmute(server: Server) -> None:
    """The first picture says what one may do; somebody who joined before the bar sees the same in the event.

    behaviour E100
    """
    meeting = await server.meeting(**OPEN)
    async with meeting.host() as host, meeting.guest("Pia") as pia:
        assert pia.view["me"]["allowed"]["audio"] is True
        await host.ask("allow", activity="audio", allowed=False)
        assert (await pia.event("disallowed"))["activity"] == "audio"
        async with meeting.guest("Mia") as mia:
            assert mia.view["me"]["allowed"]["audio"] is False
            assert await mia.refused("set_audio", on=True) == "not_permitted"


async def test_barring_and_allowing_audio_does_not_mute_the_one_who_does_it(server: Server) -> None:
    """Not even with ``stop``, which mutes the participants.

    behaviour E101
    """
    meeting = await server.meeting(**OPEN)
    async with meeting.host() as host, meeting.guest() as mia:
        await host.ask("set_audio", on=True)
        await mia.ask("set_audio", on=True)
        await host.ask("allow", activity="audio", allowed=False, stop=True)
        await host.ask("allow", activity="audio", allowed=True)
        assert (await row_of(meeting, host))["audio"] is True
        assert (await row_of(meeting, mia))["audio"] is False


async def test_a_permission_for_one_leaves_all_others_barred(server: Server) -> None:
    """Also those who join later, and only for the one activity.

    behaviour E103
    """
    meeting = await server.meeting(**OPEN)
    async with meeting.host() as host, meeting.guest("Mia") as mia, meeting.guest("Ben") as ben:
        for activity in ("audio", "video"):
            await host.ask("allow", activity=activity, allowed=False)
        await host.ask("allow", activity="audio", allowed=True, participant=mia.id)
        await mia.ask("set_audio", on=True)
        assert await mia.refused("set_video", on=True) == "not_permitted"
        async with meeting.guest("Late") as late:
            for person in (ben, late):
                assert await person.refused("set_audio", on=True) == "not_permitted"


async def test_a_bar_with_stop_mutes_all_once_and_says_who_did_it(server: Server) -> None:
    """A second one mutes nobody again, lifting it unmutes nobody, and without ``stop`` nobody is muted at all.

    behaviour E104
    """
    meeting = await server.meeting(**OPEN)
    async with meeting.host() as host, meeting.guest("Mia") as mia, meeting.guest("Ben") as ben:
        for person in (mia, ben):
            await person.ask("set_audio", on=True)
        await host.ask("allow", activity="audio", allowed=False)
        assert [(await row_of(meeting, one))["audio"] for one in (mia, ben)] == [True, True]
        await ben.settle()
        await host.ask("allow", activity="audio", allowed=False, stop=True)
        assert "seq" not in await host.ask("allow", activity="audio", allowed=False, stop=True)
        await host.ask("allow", activity="audio", allowed=True)
        bar, lifted = await ben.settle()
        assert (bar["type"], bar["by"]) == ("disallowed", host.id)
        assert bar["stopped"] == [
            {"participant": mia.id, "activities": ["audio"]},
            {"participant": ben.id, "activities": ["audio"]},
        ]
        assert (lifted["type"], lifted["activity"]) == ("allowed", "audio")
        assert [(await row_of(meeting, one))["audio"] for one in (mia, ben)] == [False, False]


async def test_when_two_hosts_bar_audio_at_once_the_second_is_accepted_and_changes_nothing(server: Server) -> None:
    """One event, told once; only one of the two replies names it.

    behaviour E106
    """
    meeting = await server.meeting(**OPEN)
    async with meeting.host() as host, meeting.guest("Cora") as cora, meeting.guest("Mia") as mia:
        await host.ask("make_cohost", participant=cora.id)
        await mia.settle()
        sent = [(one, await one.send("allow", activity="audio", allowed=False)) for one in (host, cora)]
        replies = [await one.reply(ref) for one, ref in sent]
        assert [reply["ok"] for reply in replies] == [True, True]
        assert ["seq" in reply for reply in replies].count(True) == 1
        assert types(await mia.settle()) == ["disallowed"]


async def test_only_a_host_inside_bars_an_activity_and_only_one_that_exists(server: Server) -> None:
    """A participant, somebody waiting, a stranger over HTTP, an unknown activity: each is refused and nothing is barred.

    behaviour E107
    """
    meeting = await server.meeting()
    async with meeting.host() as host, meeting.guest("Mia") as mia, meeting.guest("Ben") as ben:
        await admit(host, mia)
        bar = {"activity": "audio", "allowed": False}
        assert await mia.refused("allow", **bar) == "not_host"
        assert await ben.refused("allow", **bar) == "not_inside"
        async with server.http("host_0123456789") as http:
            answer = await http.post(f"/meetings/{meeting.id}/controls/allow", json=bar)
        assert (answer.status_code, answer.json()["code"]) == (401, "unauthorised")
        assert await host.refused("allow", activity="smell", allowed=False) == "malformed"
        await mia.ask("set_audio", on=True)


async def test_neither_a_participant_nor_somebody_waiting_mutes_another(server: Server) -> None:
    """Nor stops a video or a share; the host's microphone and everybody else's stay as they are.

    behaviour E109
    """
    meeting = await server.meeting()
    async with (
        meeting.host() as host,
        meeting.guest("Mia") as mia,
        meeting.guest("Ben") as ben,
        meeting.guest("Eve") as eve,
    ):
        await admit(host, mia, ben)
        for person in (host, ben):
            await person.ask("set_audio", on=True)
        for target in (host, ben):
            for command in ("mute", "stop_video", "stop_share"):
                assert await mia.refused(command, participant=target.id) == "not_host"
                assert await eve.refused(command, participant=target.id) == "not_inside"
        assert [(await row_of(meeting, one))["audio"] for one in (host, ben)] == [True, True]


async def test_each_way_in_which_muting_can_fail_has_an_answer_of_its_own(server: Server) -> None:
    """No target, no such meeting, no such person, not inside; a stranger is not even told whether a meeting exists.

    behaviour E110
    """
    meeting = await server.meeting()
    nowhere = "/meetings/10000000000/controls/mute"
    async with meeting.host() as host, meeting.guest() as mia:
        answers = {
            "no target": await meeting.control("mute"),
            "nobody": await meeting.control("mute", participant="p0"),
            "waiting": await meeting.control("mute", participant=mia.id),
        }
        async with server.http(server.admin_token) as http:
            answers["no meeting"] = await http.post(nowhere, json={"participant": mia.id})
        async with server.http() as http:
            answers["stranger"] = await http.post(nowhere, json={"participant": mia.id})
        assert {name: (answer.status_code, answer.json()["code"]) for name, answer in answers.items()} == {
            "no target": (422, "malformed"),
            "nobody": (404, "no_such_participant"),
            "waiting": (409, "not_inside"),
            "no meeting": (404, "no_such_meeting"),
            "stranger": (401, "unauthorised"),
        }
        assert await host.refused("set_audio") == "malformed"


async def test_a_mute_that_cannot_be_stored_is_refused_and_nobody_is_muted(monkeypatch: pytest.MonkeyPatch) -> None:
    """The server says that it is at fault and for now; what was so before is still so, and goes on.

    behaviour E110
    """
    with running(limits="off") as server:
        meeting = await server.meeting(**OPEN)
        async with meeting.host() as host, meeting.guest() as mia:
            await mia.ask("set_audio", on=True)

            async def broken(*_: Any) -> None:
                raise JournalUnavailable("the disk is full")

            with monkeypatch.context() as patch:
                patch.setattr(server.world.journal, "append", broken)
                answer = await meeting.control("mute", participant=mia.id)
            assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
            assert answer.json()["temporary"] is True
            assert types(await mia.settle()) == []
            assert (await row_of(meeting, mia))["audio"] is True
            await host.ask("mute", participant=mia.id)
            assert (await row_of(meeting, mia))["audio"] is False


async def test_everyone_starts_muted_and_those_inside_are_unaffected_by_who_comes(server: Server) -> None:
    """Audio, video and share are off until oneself turns them on.

    behaviour E112
    """
    meeting = await server.meeting(**OPEN)
    async with meeting.host() as host, meeting.guest("Pia") as pia:
        await pia.ask("set_audio", on=True)
        async with meeting.guest("Mia") as mia:
            mine = next(row for row in mia.view["participants"] if row["id"] == mia.id)
            assert [mine[stream] for stream in ("audio", "video", "share", "recording")] == [False] * 4
            assert (await row_of(meeting, pia))["audio"] is True
            assert types(await host.settle()).count("audio_changed") == 1
        assert await names_inside(meeting) == ["Host", "Pia", "Mia"]


async def test_the_answer_to_a_mute_over_http_shows_the_person_muted(server: Server) -> None:
    """By the joined host where there is one, and by the admin's token as the admin.

    behaviour E113
    """
    meeting = await server.meeting(**OPEN)
    async with meeting.host() as host, meeting.guest() as mia:
        for token, by in ((None, host.id), (server.admin_token, "admin")):
            await mia.ask("set_audio", on=True)
            answer = await meeting.control("mute", token=token, participant=mia.id)
            [event] = answer.json()["events"]
            shown = {key: event[key] for key in ("type", "participant", "on", "by")}
            assert shown == {"type": "audio_changed", "participant": mia.id, "on": False, "by": by}
            assert (await row_of(meeting, mia))["audio"] is False
            await mia.event("audio_changed", on=False)
