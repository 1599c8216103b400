"""Attacks on removal, on the wire: what the removed still get, and by what they try to come back."""

from __future__ import annotations

from typing import Any

import pytest

from meetingsim.geo.plan import address_of
from tests.attacks.stage import (
    OPEN,
    drop,
    fire,
    knock,
    resume_refused,
    resumed,
    together,
    turned_away,
    types,
)
from tests.wire import Client, Meeting, Server

pytestmark = pytest.mark.anyio


async def remove(host: Client, person: Client, **fields: Any) -> None:
    """The host removes somebody."""
    await host.ask("remove", participant=person.id, **fields)


async def names_inside(meeting: Meeting) -> list[str]:
    """Who is inside, as the host reads it over HTTP."""
    return [row["name"] for row in (await meeting.get("/participants"))["participants"]]


# The open socket.


async def test_the_removed_get_4500_and_nothing_more(server: Server) -> None:
    """Of the removal and of all that follows the removed hear nothing but the close; a control client hears it all.

    attack C08
    """
    meeting = await server.meeting(**OPEN)
    async with together(meeting, "Mia", "Control") as (host, mia, control):
        before = len(mia.frames)
        await remove(host, mia)
        await host.ask("chat", text="now that she is gone")
        await host.ask("set_audio", on=True)
        await host.send("media", kind="audio", n=1)
        await host.ask("lock")
        await control.event("locked")
        assert types(control.frames)[-5:] == ["removed", "message", "audio_changed", "media", "locked"]
        assert await mia.closed() == (4500, [])
        assert mia.frames[before:] == []


async def test_commands_in_flight_at_a_removal_have_no_effect_after_it(server: Server) -> None:
    """Fifty commands that were under way are void: none is accepted after the removal, none is answered.

    attack C08
    """
    meeting = await server.meeting(**OPEN)
    async with together(meeting, "Mia", "Control") as (host, mia, control):
        await mia.ask("set_audio", on=True)
        await control.event("audio_changed")
        chat = {"type": "chat", "text": "still here"}
        media = {"type": "media", "kind": "audio", "n": 1}
        await fire(mia, [chat, media] * 5)
        await control.event("message")
        await host.send("remove", participant=mia.id)
        await fire(mia, [chat, media] * 25)
        removed = await control.event("removed", participant=mia.id)
        await host.settle()
        late = await control.settle()
        assert "message" in types(control.frames)
        assert not [frame for frame in late if frame.get("from") == mia.id]
        code, rest = await mia.closed()
        assert code == 4500
        assert not [frame for frame in mia.frames + rest if frame.get("seq", 0) >= removed["seq"]]
        mine = [row["seq"] for row in await meeting.journal("message") if row["from"] == mia.id]
        assert mine
        assert max(mine) < removed["seq"]


async def test_the_streams_of_the_removed_stop_for_everybody(server: Server) -> None:
    """Nobody sees the removed share, talk or record any more, and nobody's view lists them.

    attack C08, attack E11
    """
    meeting = await server.meeting(**OPEN, allow={"record": True})
    async with together(meeting, "Mia", "Control") as (host, mia, control):
        for command, fields in (("set_audio", {"on": True}), ("set_video", {"on": True})):
            await mia.ask(command, **fields)
        await mia.ask("start_share")
        await mia.ask("start_recording")
        await remove(host, mia)
        await control.event("removed", participant=mia.id)
        async with meeting.guest("New") as new:
            assert [row["name"] for row in new.view["participants"]] == ["Host", "Control", "New"]
            assert not any(row["share"] or row["recording"] for row in new.view["participants"])
        await control.ask("start_share")


async def test_whoever_is_put_back_to_waiting_loses_every_stream_and_right_at_once(server: Server) -> None:
    """Back in the waiting room, they hear nothing and send nothing, and the rights given to them are gone for good.

    attack C08
    """
    meeting = await server.meeting(**OPEN)
    async with together(meeting, "Mia", "Control") as (host, mia, control):
        await host.ask("make_cohost", participant=mia.id)
        await mia.ask("set_audio", on=True)
        await host.ask("put_in_waiting_room", participant=mia.id)
        await mia.placed("waiting")
        before = len(mia.frames)
        await mia.send("media", kind="audio", n=1)
        assert await mia.refused("admit", participant=mia.id) == "not_inside"
        await host.ask("chat", text="without her")
        await control.event("message")
        assert "media" not in types(control.frames)
        await mia.settle()
        assert set(types(mia.frames[before:])) == {"reply"}
        await host.ask("admit", participant=mia.id)
        await mia.placed("inside")
        me = next(row for row in mia.view["participants"] if row["id"] == mia.id)
        assert (me["role"], me["audio"], mia.view["messages"]) == ("participant", False, [])


# Coming back.


async def test_the_removed_do_not_get_back_in_with_the_same_device(server: Server) -> None:
    """The same device, the right passcode and a new name are refused for good; the hosts are told who tried.

    attack C01
    """
    meeting = await server.meeting()
    async with together(meeting, "Mia", "Control") as (host, mia, _):
        await remove(host, mia)
        for name in ("Mia", "Somebody Else"):
            again = knock(meeting, name, device="device of Mia")
            assert await turned_away(meeting, **again) == ("removed", 4503)
        told = [await host.event("entry_refused", name=name) for name in ("Mia", "Somebody Else")]
        assert [frame["code"] for frame in told] == ["removed", "removed"]
        assert await names_inside(meeting) == ["Host", "Control"]
        assert (await meeting.get("/waiting-room"))["waiting"] == []


async def test_the_removed_do_not_get_back_in_with_their_session(server: Server) -> None:
    """The session of the removed is void, whether they were connected or had dropped, and it says so.

    attack C02
    """
    meeting = await server.meeting(**OPEN)
    async with together(meeting, "Mia", "Noa") as (host, mia, noa):
        await drop(noa, host)
        await remove(host, mia)
        await remove(host, noa)
        for person in (mia, noa):
            assert await resume_refused(meeting, person) == ("removed", 4503)
        assert await names_inside(meeting) == ["Host"]


async def test_a_removal_holds_for_every_registration_of_the_device(server: Server) -> None:
    """Who was removed once is kept out under the other names of the same device, at the door, in the queue and on return.

    attack C05
    """
    meeting = await server.meeting(**OPEN)
    async with together(meeting, "Mia", "Alias", device="one device") as (host, mia, alias):
        await host.ask("set_waiting_room", enabled=True)
        async with meeting.guest("Third", device="one device") as third:
            await remove(host, mia)
            assert await host.refused("admit", participant=third.id) == "removed"
            await host.ask("admit_all")
            await host.ask("set_waiting_room", enabled=False)
            await third.settle()
            assert third.place == "waiting"
        assert await turned_away(meeting, **knock(meeting, "Fourth", device="one device")) == ("removed", 4503)
        await drop(alias, host)
        assert await resume_refused(meeting, alias) == ("removed", 4503)


async def test_without_a_device_the_removed_wait_as_unidentified(server: Server) -> None:
    """Whoever shows nothing that a removal could be matched by waits, even with the waiting room off, and is marked.

    attack C07
    """
    meeting = await server.meeting(**OPEN)
    async with together(meeting, "Mia") as (host, mia):
        await remove(host, mia)
        async with meeting.connect() as client:
            await client.ask("join", name="Anybody", passcode=meeting.made["passcode"])
            assert client.place == "waiting"
            told = await host.event("joined_waiting_room", participant=client.id)
            assert told["person"]["why"] == "unidentified"
            await host.ask("set_waiting_room", enabled=True)
            await host.ask("set_waiting_room", enabled=False)
            await client.settle()
            assert client.place == "waiting"


async def test_a_new_address_is_no_way_back_and_the_neighbour_is_not_punished(server: Server) -> None:
    """By default the device counts and not the address: the roaming raider stays out, the neighbour behind it comes in.

    attack C07
    """
    meeting = await server.meeting(**OPEN)
    here, there = "198.51.100.7", "203.0.113.9"
    async with together(meeting, "Mia", address=here) as (host, mia):
        await remove(host, mia)
        assert await turned_away(meeting, **knock(meeting, "Mia", address=there)) == ("removed", 4503)
        async with meeting.guest("Neighbour", address=here) as neighbour:
            assert neighbour.place == "inside"


async def test_a_removal_by_address_holds_where_the_host_chose_it(server: Server) -> None:
    """With ``match: [address]`` the neighbour is refused as well and the journal says by what; another address comes in.

    attack C07
    """
    meeting = await server.meeting(**OPEN, removal={"match": ["address"]})
    here = address_of("BR", 7)
    async with together(meeting, "Mia", address=here) as (host, mia):
        await remove(host, mia)
        mapped = f"::ffff:{here}"
        for address in (here, mapped):
            assert await turned_away(meeting, **knock(meeting, "Neighbour", address=address)) == ("removed", 4503)
        rows = await meeting.journal("entry_refused")
        assert [row["because"]["matched"] for row in rows] == ["address", "address"]
        async with meeting.guest("Mia", address=address_of("BR", 8)) as back:
            assert back.place == "inside"


async def test_the_refused_are_not_told_what_gave_them_away(server: Server) -> None:
    """Neither the device nor the rule that matched is in the answer to somebody who was removed.

    attack C07, attack H10
    """
    meeting = await server.meeting(**OPEN)
    async with together(meeting, "Mia") as (host, mia):
        await remove(host, mia)
        async with meeting.connect() as client:
            reply = await client.reply(await client.send("join", **knock(meeting, "Mia")))
            assert reply["error"]["rule"] == "removed"
            assert "matched" not in reply["error"]
            assert "device" not in str(reply["error"])


# Somebody else's seat.


async def test_a_copied_host_token_takes_the_seat_over_for_all_to_see(server: Server) -> None:
    """The older connection is told that it was replaced, the hosts are told of it, and its late frames do nothing.

    attack C10
    """
    meeting = await server.meeting(**OPEN)
    async with together(meeting, "Cohost", "Control") as (host, cohost, control):
        await host.ask("make_cohost", participant=cohost.id)
        # Deaf for a moment, so that its command is sent after it was replaced.
        host.socket.transport.pause_reading()
        async with meeting.host("Thief") as thief:
            assert thief.id == host.id
            await host.send("lock")
            host.socket.transport.resume_reading()
            assert (await host.closed())[0] == 4003
            await cohost.event("connection_replaced", participant=host.id)
            await thief.ask("chat", text="it is me")
            await control.event("message")
            assert "locked" not in types(control.frames)
            assert [row["role"] for row in thief.view["participants"]].count("host") == 1


async def test_a_copied_session_replaces_the_victim_and_both_sides_notice(server: Server) -> None:
    """There is one connection a person: the copy closes the victim's with 4003, and the hosts are told.

    attack C10
    """
    meeting = await server.meeting(**OPEN)
    async with together(meeting, "Mia") as (host, mia), resumed(meeting, mia) as thief:
        assert (await mia.closed())[0] == 4003
        await host.event("connection_replaced", participant=mia.id)
        await thief.settle()
        assert await names_inside(meeting) == ["Host", "Mia"]


async def test_the_victims_device_gives_nobody_the_victims_seat(server: Server) -> None:
    """A copied device makes another person: no role, no approval, no message, no place of the victim passes.

    attack C10, attack C11
    """
    meeting = await server.meeting()
    async with together(meeting, "Mia") as (host, mia):
        await host.ask("make_cohost", participant=mia.id)
        await host.ask("chat", text="for Mia alone", to=mia.id)
        async with meeting.guest("Mia", device="device of Mia") as thief:
            assert thief.id != mia.id
            assert (thief.place, thief.view["me"]["role"]) == ("waiting", "participant")
            assert "for Mia alone" not in str(thief.frames)
            await mia.settle()
            assert mia.place == "inside"


@pytest.mark.parametrize(
    ("command", "fields", "code"),
    [
        ("join", {"passcode": "wrong"}, "wrong_passcode"),
        ("join", {"passcode": None, "ticket": "forged"}, "ticket_invalid"),
        ("join", {"host_token": "forged"}, "unauthorised"),
        ("join", {"country": "BR"}, "region_blocked"),
        ("resume", {"session": "session_forged", "epoch": "x", "after": 0}, "resume_lost"),
    ],
)
async def test_a_check_that_fails_concerns_its_caller_alone(
    server: Server, command: str, fields: dict[str, Any], code: str
) -> None:
    """With the victim's name and device, a failing join or resume moves nobody but the one who sent it.

    attack C11
    """
    meeting = await server.meeting(**OPEN, region={"mode": "deny", "countries": ["BR"]})
    async with together(meeting, "Mia", country="DE") as (host, mia):
        victim = knock(meeting) if command == "join" else {}
        async with meeting.connect() as client:
            assert await client.refused(command, **{**victim, **fields}) == code
        await mia.settle()
        await host.settle()
        assert mia.place == "inside"
        assert not {"reconnecting", "connection_replaced", "removed", "left"} & set(types(host.frames))
        assert await names_inside(meeting) == ["Host", "Mia"]


async def test_a_decision_about_somebody_waiting_is_made_anew_when_they_are_let_in(server: Server) -> None:
    """Rules that changed after the knock hold at the admission: nobody gets in on what was judged before.

    attack C15
    """
    meeting = await server.meeting(capacity=3)
    async with (
        together(meeting, "Control") as (host, control),
        meeting.guest("Mia", country="BR") as mia,
        meeting.guest("Noa", country="DE") as noa,
        meeting.guest("Ida", country="BR") as ida,
    ):
        await host.ask("admit", participant=ida.id)
        assert await host.refused("admit", participant=mia.id) == "full"
        await host.ask("remove", participant=control.id)
        await host.ask("set_region_rule", mode="deny", countries=["BR"])
        assert await host.refused("admit", participant=mia.id) == "region_blocked"
        await host.ask("admit_all")
        await noa.placed("inside")
        await mia.settle()
        assert mia.place == "waiting"
        await host.ask("set_region_rule", mode="off")
        assert await host.refused("admit", participant=mia.id) == "full"


async def test_a_removal_undone_by_nobody_survives_the_change_of_every_other_rule(server: Server) -> None:
    """Unlocking, turning the waiting room off and dropping the region rule do not bring the removed back.

    attack C15
    """
    meeting = await server.meeting()
    async with together(meeting, "Mia") as (host, mia):
        await remove(host, mia)
        for command, fields in (
            ("unlock", {}),
            ("set_waiting_room", {"enabled": False}),
            ("set_region_rule", {"mode": "off"}),
        ):
            await host.ask(command, **fields)
        assert await turned_away(meeting, **knock(meeting)) == ("removed", 4503)
        assert await host.refused("admit", participant=mia.id) == "not_waiting"
