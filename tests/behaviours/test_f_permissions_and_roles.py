"""Section F: rights that are taken and given back, roles that are lent, and what nobody may claim."""

from __future__ import annotations

from typing import Any

import pytest

from tests.behaviours.cast import OPEN, admit, drop, knock, names_inside, resumed, row_of, types
from tests.wire import Client, Server

pytestmark = pytest.mark.anyio

EVERYTHING = {
    "audio": True,
    "video": True,
    "share": True,
    "annotate": True,
    "record": True,
    "rename": True,
    "profile_picture": True,
    "chat": "everyone_and_private",
}


async def fresh_view(person: Client) -> None:
    """The next picture that comes."""
    await person.until(lambda frame: frame["type"] == "view")


async def test_a_right_taken_while_in_use_stops_the_stream_for_everybody_and_leaves_the_person_inside(
    server: Server,
) -> None:
    """The event says what stopped, the next packet is refused, nobody receives it, and the person goes on chatting.

    behaviour F115
    """
    meeting = await server.meeting(**OPEN)
    async with meeting.host() as host, meeting.guest("Pia") as pia, meeting.guest("Mia") as mia:
        await mia.ask("start_share")
        await mia.send("media", kind="share", n=1)
        await pia.event("media", n=1)
        await host.ask("allow", activity="share", allowed=False, participant=mia.id)
        assert await mia.refused("media", kind="share", n=2) == "not_permitted"
        await mia.ask("chat", text="still here")
        seen = await pia.settle()
        assert types(seen) == ["disallowed", "message"]
        assert seen[0]["stopped"] == [{"participant": mia.id, "activities": ["share"]}]
        assert (await row_of(meeting, mia))["share"] is False


async def test_coming_back_on_an_old_session_does_not_bring_a_lost_right_back(server: Server) -> None:
    """The bar came while the connection was down; it is among what was missed, and it holds.

    behaviour F116
    """
    meeting = await server.meeting(**OPEN)
    async with meeting.host() as host, meeting.guest() as mia:
        await mia.ask("set_video", on=True)
        await drop(mia, host)
        await host.ask("allow", activity="video", allowed=False, participant=mia.id, stop=True)
        async with resumed(meeting, mia) as back:
            assert "disallowed" in types(back.frames)
            assert await back.refused("set_video", on=True) == "not_permitted"
            assert await back.refused("media", kind="video", n=1) == "not_permitted"


async def test_a_control_about_somebody_unknown_names_them_as_such(server: Server) -> None:
    """Over the socket and over HTTP, for each control that takes a participant.

    behaviour F118
    """
    meeting = await server.meeting()
    async with meeting.host() as host:
        controls: dict[str, dict[str, Any]] = {
            "admit": {},
            "deny": {},
            "put_in_waiting_room": {},
            "remove": {},
            "mute": {},
            "stop_video": {},
            "stop_share": {},
            "ask_to_unmute": {},
            "make_cohost": {},
            "revoke_cohost": {},
            "rename": {"name": "X"},
            "allow": {"activity": "audio", "allowed": False},
        }
        for name, fields in controls.items():
            assert await host.refused(name, participant="p0", **fields) == "no_such_participant"
            async with server.http(meeting.made["host_token"]) as http:
                body = {"participant": "p0", **fields}
                answer = await http.post(f"/meetings/{meeting.id}/controls/{name}", json=body)
            assert (answer.status_code, answer.json()["code"]) == (404, "no_such_participant")


@pytest.mark.parametrize("last", [True, False])
async def test_of_permissions_that_cross_the_last_in_the_journal_holds_for_everybody(
    server: Server, last: bool
) -> None:
    """Two hosts at odds, all at once: every client hears one order, and what it ends with is what is true.

    behaviour F119
    """
    meeting = await server.meeting(**OPEN)
    async with meeting.host() as host, meeting.guest("Cora") as cora, meeting.guest("Mia") as mia:
        await host.ask("make_cohost", participant=cora.id)
        await mia.settle()
        refs = []
        for _ in range(10):
            refs.append((host, await host.send("allow", activity="audio", allowed=last)))
            refs.append((cora, await cora.send("allow", activity="audio", allowed=not last)))
        for one, ref in refs:
            assert (await one.reply(ref))["ok"]
        await cora.ask("allow", activity="audio", allowed=not last)
        await host.ask("allow", activity="audio", allowed=last)
        heard = [(one["seq"], one["type"]) for one in await mia.settle()]
        assert heard == sorted(heard)
        kept = await meeting.journal("allowed", "disallowed")
        assert heard == [(event["seq"], event["type"]) for event in kept]
        assert heard[-1][1] == ("allowed" if last else "disallowed")
        async with meeting.guest("Late") as late:
            assert late.view["me"]["allowed"]["audio"] is last
        if last:
            await mia.ask("set_audio", on=True)
        else:
            assert await mia.refused("set_audio", on=True) == "not_permitted"


async def test_an_admission_by_an_old_picture_is_a_conflict(server: Server) -> None:
    """Whoever decides on what they saw may say so, and an entry that changed since is not decided.

    behaviour F119
    """
    meeting = await server.meeting()
    async with meeting.host() as host, meeting.guest() as mia:
        seen = (await host.event("joined_waiting_room", participant=mia.id))["seq"]
        await host.ask("rename", participant=mia.id, name="Not Mia")
        assert await host.refused("admit", participant=mia.id, if_seq=seen) == "conflict"
        assert await names_inside(meeting) == ["Host"]
        renamed = next(frame["seq"] for frame in host.frames if frame["type"] == "renamed")
        await host.ask("admit", participant=mia.id, if_seq=renamed)
        await mia.placed("inside")


async def test_a_right_given_back_lets_one_start_again_and_starts_nothing_by_itself(server: Server) -> None:
    """While it is gone every packet is refused; afterwards the camera is turned on by its owner or not at all.

    behaviour F121
    """
    meeting = await server.meeting(**OPEN)
    async with meeting.host() as host, meeting.guest("Pia") as pia, meeting.guest("Mia") as mia:
        await mia.ask("set_video", on=True)
        await host.ask("allow", activity="video", allowed=False, stop=True)
        for n in range(3):
            assert await mia.refused("media", kind="video", n=n) == "not_permitted"
        await host.ask("allow", activity="video", allowed=True)
        assert await mia.refused("media", kind="video", n=3) == "not_permitted"
        await pia.settle()
        await mia.ask("set_video", on=True)
        await mia.send("media", kind="video", n=4)
        assert (await pia.event("media"))["n"] == 4
        assert [frame["n"] for frame in pia.frames if frame["type"] == "media"] == [4]


async def test_where_only_audio_is_allowed_every_other_source_is_refused(server: Server) -> None:
    """By its own name: what may be heard does not open what may be seen.

    behaviour F122
    """
    only_audio = {name: False for name in EVERYTHING if name not in {"audio", "chat"}}
    meeting = await server.meeting(**OPEN, allow={**only_audio, "chat": "nobody"})
    async with meeting.host(), meeting.guest() as mia:
        await mia.ask("set_audio", on=True)
        for command, fields in {
            "set_video": {"on": True},
            "start_share": {},
            "annotate": {},
            "start_recording": {},
            "set_profile_picture": {"on": True},
            "rename": {"name": "Other"},
            "chat": {"text": "hello"},
        }.items():
            assert await mia.refused(command, **fields) == "not_permitted"
        assert await mia.refused("media", kind="video", n=1) == "not_permitted"


async def test_whoever_is_inside_is_on_everybodys_list(server: Server) -> None:
    """Host, cohost, recorder: nobody can be there unseen, nor ask to be.

    behaviour F124
    """
    meeting = await server.meeting(**OPEN)
    async with meeting.host() as host, meeting.guest("Cora") as cora, meeting.connect() as ghost:
        await host.ask("make_cohost", participant=cora.id)
        assert await ghost.refused("join", **knock(meeting, "Ghost"), hidden=True) == "malformed"
        await cora.ask("start_recording")
        async with meeting.guest("Mia") as mia:
            rows = {row["name"]: row["recording"] for row in mia.view["participants"]}
            assert rows == {"Host": False, "Cora": True, "Mia": False}
            for witness in (host, cora):
                await witness.event("joined", participant=mia.id)


async def test_only_the_admin_deletes_a_meeting(server: Server) -> None:
    """The host token ends one and does not delete it; a stranger is not even told that it exists.

    behaviour F125
    """
    meeting = await server.meeting()
    for token, answer in ((meeting.made["host_token"], (403, "not_permitted")), (None, (401, "unauthorised"))):
        async with server.http(token) as http:
            refused = await http.delete(f"/meetings/{meeting.id}")
        assert (refused.status_code, refused.json()["code"]) == answer
    assert (await meeting.get(""))["id"] == meeting.id
    async with server.http(server.admin_token) as http:
        assert (await http.delete(f"/meetings/{meeting.id}")).status_code == 204
        assert (await http.get(f"/meetings/{meeting.id}")).json()["code"] == "no_such_meeting"


async def test_rights_come_with_the_role_and_someone_waiting_has_none(server: Server) -> None:
    """A host has all, a participant what the meeting allows, whoever waits nothing; no credential brings a list of its own.

    behaviour F127
    """
    meeting = await server.meeting(allow={"share": False})
    async with meeting.host() as host, meeting.guest() as mia:
        assert host.view["me"]["allowed"] == EVERYTHING
        assert mia.view["me"]["allowed"] == {**dict.fromkeys(EVERYTHING, False), "chat": "nobody"}
        await admit(host, mia)
        assert mia.view["me"]["allowed"] == {**EVERYTHING, "share": False, "record": False}
        async with meeting.connect() as eve:
            assert await eve.refused("join", **knock(meeting, "Eve"), allowed={"record": True}) == "malformed"


async def test_a_revoked_cohost_has_exactly_the_rights_from_before(server: Server) -> None:
    """Also the bars: what was forbidden to the person before the promotion is forbidden after it, and nothing else.

    behaviour F128
    """
    meeting = await server.meeting(**OPEN)
    async with meeting.host() as host, meeting.guest() as mia:
        await host.ask("allow", activity="share", allowed=False, participant=mia.id)
        await host.ask("make_cohost", participant=mia.id)
        await fresh_view(mia)
        assert mia.view["me"]["allowed"] == EVERYTHING
        await mia.ask("start_share")
        await mia.ask("stop_share")
        await host.ask("revoke_cohost", participant=mia.id)
        await fresh_view(mia)
        assert mia.view["me"]["allowed"] == {**EVERYTHING, "share": False, "record": False}
        assert mia.view["me"]["bars"] == ["share"]
        assert await mia.refused("start_share") == "not_permitted"
        assert await mia.refused("make_cohost", participant=mia.id) == "not_host"


async def test_a_revoked_cohost_cannot_record_any_more(server: Server) -> None:
    """While cohost they could; the bar on recording that participants have by default is back at once.

    behaviour F130
    """
    meeting = await server.meeting(**OPEN)
    async with meeting.host() as host, meeting.guest() as mia:
        assert await mia.refused("start_recording") == "not_permitted"
        await host.ask("make_cohost", participant=mia.id)
        await mia.ask("start_recording")
        await mia.ask("stop_recording")
        await host.ask("revoke_cohost", participant=mia.id)
        assert await mia.refused("start_recording") == "not_permitted"


async def test_only_the_holder_of_the_host_token_is_host_and_nobody_becomes_it_by_being_there(server: Server) -> None:
    """Neither the first to come nor the last to stay; the holder is host again on coming back.

    behaviour F131, F133
    """
    meeting = await server.meeting(**OPEN, join_before_host=True)
    async with meeting.guest("First") as first, meeting.guest("Second") as second:
        assert (first.place, first.view["me"]["role"]) == ("inside", "participant")
        async with meeting.host() as host:
            assert host.view["me"]["role"] == "host"
            await host.ask("leave")
        await second.event("left", participant=host.id)
        await first.settle()
        assert "role_changed" not in types(first.frames + second.frames)
        assert [(await row_of(meeting, one))["role"] for one in (first, second)] == ["participant"] * 2
        assert await first.refused("lock") == "not_host"
        async with meeting.host() as host:
            assert host.view["me"]["role"] == "host"


async def test_with_a_promotion_the_hosts_part_of_the_picture_appears_and_with_its_end_it_goes(server: Server) -> None:
    """Who waits, countries and settings; each change of role comes with a fresh picture.

    behaviour F134
    """
    meeting = await server.meeting()
    async with meeting.host() as host, meeting.guest("Mia", country="DE") as mia, meeting.guest("Ben") as ben:
        await admit(host, mia)
        assert mia.view["waiting"] == []
        assert "settings" not in mia.view["meeting"]
        await host.ask("make_cohost", participant=mia.id)
        await fresh_view(mia)
        assert mia.view["me"]["role"] == "cohost"
        assert [row["id"] for row in mia.view["waiting"]] == [ben.id]
        assert mia.view["meeting"]["settings"]["passcode"] == meeting.made["passcode"]
        assert next(row for row in mia.view["participants"] if row["id"] == mia.id)["country"] == "DE"
        await host.ask("revoke_cohost", participant=mia.id)
        await fresh_view(mia)
        assert mia.view["me"]["role"] == "participant"
        assert mia.view["waiting"] == []
        assert "settings" not in mia.view["meeting"]
        assert not [row for row in mia.view["participants"] if "country" in row]
        assert await mia.refused("admit", participant=ben.id) == "not_host"
