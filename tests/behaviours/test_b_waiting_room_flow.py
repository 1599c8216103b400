"""Section B: knocking, being let in, being turned away, and what the host sees of it."""

from __future__ import annotations

import pytest

from tests.behaviours.cast import OPEN, admit, knock, names_inside, names_waiting, types
from tests.wire import Client, Meeting, Server

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    "name", ["Zoë van der Berg-O'Neil", "李小龍", "ثريا", "Mia 🦊", "<b>Mia</b>", "{{7*7}}", "p'; DROP TABLE people"]
)
async def test_the_host_sees_exactly_the_name_that_was_typed(server: Server, name: str) -> None:
    """In the notice and in the list, letter by letter.

    behaviour B19
    """
    meeting = await server.meeting()
    async with meeting.host() as host, meeting.connect() as mia:
        await mia.ask("join", **knock(meeting, name))
        notice = await host.event("joined_waiting_room", participant=mia.id)
        assert notice["person"]["name"] == name
        assert mia.view["me"]["name"] == name
        assert await names_waiting(meeting) == [name]


@pytest.mark.parametrize(
    ("typed", "shown"),
    [("Mi\u200ba\u202e", "Mia"), ("Ｍｉａ", "Mia"), ("  Mia\x1b\n ", "Mia")],
)
async def test_what_cannot_be_seen_in_a_name_is_taken_out_before_anybody_sees_it(
    server: Server, typed: str, shown: str
) -> None:
    """Compatibility forms are folded and invisible characters gone: the one way in which a name is not what was typed.

    behaviour B19
    """
    meeting = await server.meeting()
    async with meeting.host() as host, meeting.connect() as mia:
        await mia.ask("join", **knock(meeting, typed))
        assert (await host.event("joined_waiting_room"))["person"]["name"] == shown


async def test_a_nameless_knock_may_be_tried_again_and_then_asks_for_the_passcode(server: Server) -> None:
    """One socket, three tries: no name, no passcode, both. Nobody heard of the first two as of a person.

    behaviour B20
    """
    meeting = await server.meeting()
    async with meeting.host() as host, meeting.connect() as mia:
        assert await mia.refused("join", name="", passcode=meeting.made["passcode"]) == "name_required"
        assert await mia.refused("join", name="Mia") == "wrong_passcode"
        await mia.ask("join", **knock(meeting))
        assert mia.place == "waiting"
        await host.event("joined_waiting_room")
        assert [frame.get("name") for frame in host.frames if frame["type"] == "entry_refused"] == [None]


async def test_whoever_is_denied_is_told_so_and_waits_no_longer(server: Server) -> None:
    """The first time another try may help, the last time it may not, and after that they are refused at the door.

    behaviour B22
    """
    meeting = await server.meeting()
    async with meeting.host() as host:
        for close in (4004, 4503):
            async with meeting.guest() as mia:
                await host.ask("deny", participant=mia.id)
                code, frames = await mia.closed()
                assert (code, types(frames)) == (close, [])
            assert await names_waiting(meeting) == []
        async with meeting.connect() as mia:
            assert await mia.refused("join", **knock(meeting)) == "denied"
            assert (await mia.closed())[0] == 4503
        assert (await host.event("entry_refused"))["code"] == "denied"


@pytest.mark.parametrize("door", ["socket", "http"])
async def test_admitting_and_denying_do_the_same_through_either_door(server: Server, door: str) -> None:
    """A host at a console and a program over HTTP: the same events, the same frames, the same ends.

    behaviour B23
    """
    meeting = await server.meeting()

    async def do(host: Client, name: str, person: Client) -> None:
        if door == "socket":
            await host.ask(name, participant=person.id)
        else:
            assert (await meeting.control(name, participant=person.id)).status_code == 200

    async with meeting.host() as host, meeting.guest("Mia") as mia, meeting.guest("Ben") as ben:
        await host.settle()
        await do(host, "admit", mia)
        await do(host, "deny", ben)
        await mia.placed("inside")
        assert (await ben.closed())[0] == 4004
        await host.settle()
        told = [frame for frame in host.frames if frame["type"] in {"admitted", "denied"}]
        assert [(frame["type"], frame["participant"], frame["by"]) for frame in told] == [
            ("admitted", mia.id, host.id),
            ("denied", ben.id, host.id),
        ]
        kept = await meeting.journal("admitted", "denied")
        assert [event["because"]["door"] for event in kept] == [door, door]
        assert await names_inside(meeting) == ["Host", "Mia"]
        assert await names_waiting(meeting) == []


async def test_those_who_wait_stay_when_everyone_inside_leaves_and_are_released_by_the_end(server: Server) -> None:
    """An empty room lets nobody in and sends nobody away: only the end of the meeting does.

    behaviour B25
    """
    meeting = await server.meeting()
    async with meeting.host() as host, meeting.guest("Pia") as pia, meeting.guest("Mia") as mia:
        await admit(host, pia)
        await pia.ask("leave")
        await host.ask("leave")
        await mia.settle()
        assert mia.place == "waiting"
        assert await names_waiting(meeting) == ["Mia"]
        assert (await meeting.control("end")).status_code == 200
        assert (await mia.closed())[0] == 4502


async def test_turning_the_waiting_room_off_lets_those_who_wait_in_by_order_of_their_knocks(server: Server) -> None:
    """By themselves: nobody has to knock again.

    behaviour B26
    """
    meeting = await server.meeting()
    async with meeting.host() as host, meeting.guest("Mia") as mia, meeting.guest("Ben") as ben:
        await host.ask("set_waiting_room", enabled=False)
        await mia.placed("inside")
        await ben.placed("inside")
        assert await names_inside(meeting) == ["Host", "Mia", "Ben"]
        assert [event["participant"] for event in await meeting.journal("admitted")] == [mia.id, ben.id]


async def test_the_passcode_typed_while_waiting_lets_nobody_in(server: Server) -> None:
    """Neither on the connection that waits nor on a second one: it was shown once already, and only opens the door.

    behaviour B28
    """
    meeting = await server.meeting()
    async with meeting.host() as host, meeting.guest() as mia:
        assert await mia.refused("join", **knock(meeting)) == "conflict"
        await mia.ask("waiting_room_chat", text=meeting.made["passcode"])
        async with meeting.guest() as second:
            assert second.place == "waiting"
            await host.settle()
            assert await names_inside(meeting) == ["Host"]
            assert await names_waiting(meeting) == ["Mia"]


async def test_turning_the_waiting_room_on_throws_nobody_out(server: Server) -> None:
    """Three inside see that it is on and stay; whoever comes next waits.

    behaviour B29
    """
    meeting = await server.meeting(**OPEN)
    async with meeting.host() as host, meeting.guest("Pia") as pia, meeting.guest("Mia") as mia:
        await pia.event("joined", participant=mia.id)
        await host.ask("set_waiting_room", enabled=True)
        for person in (pia, mia):
            assert types(await person.settle()) == ["waiting_room_set"]
        assert await names_inside(meeting) == ["Host", "Pia", "Mia"]
        async with meeting.guest("Ben") as ben:
            assert ben.place == "waiting"


async def test_a_host_who_comes_later_passes_and_sees_who_knocked_and_sees_it_again_on_coming_back(
    server: Server,
) -> None:
    """The guest who came first does not have to knock again, neither for the host's first coming nor for the second.

    behaviour B31
    """
    meeting = await server.meeting()
    async with meeting.guest() as mia:
        assert mia.place == "early"
        async with meeting.host() as host:
            assert host.place == "inside"
            assert [row["id"] for row in host.view["waiting"]] == [mia.id]
            await mia.placed("waiting")
        async with meeting.host() as host:
            assert [row["id"] for row in host.view["waiting"]] == [mia.id]
            await admit(host, mia)


async def test_each_row_says_why_somebody_waits_and_a_step_for_all_goes_by_it(server: Server) -> None:
    """There is one queue: whoever was put back is marked so, and is not swept in with those who knocked.

    behaviour B34
    """
    meeting = await server.meeting()
    async with meeting.host() as host, meeting.guest("Pia") as pia, meeting.guest("Mia") as mia:
        await admit(host, pia)
        await host.ask("put_in_waiting_room", participant=pia.id)
        rows = (await meeting.get("/waiting-room"))["waiting"]
        assert [(row["name"], row["why"]) for row in rows] == [("Mia", "waiting_room"), ("Pia", "put_back")]
        await host.ask("set_waiting_room", enabled=False)
        await mia.placed("inside")
        await pia.settle()
        assert pia.place == "waiting"
        assert await names_waiting(meeting) == ["Pia"]


async def test_denying_each_empties_the_queue_and_each_is_told(server: Server) -> None:
    """One command a person, in one go: nobody is forgotten, and each socket says that it was refused.

    behaviour B35
    """
    meeting = await server.meeting()
    async with (
        meeting.host() as host,
        meeting.guest("Mia") as mia,
        meeting.guest("Ben") as ben,
        meeting.guest("Cem") as cem,
    ):
        refs = [await host.send("deny", participant=person.id) for person in (mia, ben, cem)]
        assert [(await host.reply(ref))["ok"] for ref in refs] == [True, True, True]
        assert [(await person.closed())[0] for person in (mia, ben, cem)] == [4004, 4004, 4004]
        assert await names_waiting(meeting) == []


async def test_a_step_for_all_reaches_everybody_who_waits_or_those_who_had_knocked_by_then(server: Server) -> None:
    """Whatever a console shows of the queue: its scope is said in the command and is exact.

    behaviour B37
    """
    meeting = await server.meeting()
    async with meeting.host() as host, meeting.guest("Mia") as mia, meeting.guest("Ben") as ben:
        seen = (await host.event("joined_waiting_room", participant=ben.id))["seq"]
        async with meeting.guest("Cem") as cem:
            await host.ask("admit_all", up_to=seen)
            await mia.placed("inside")
            await ben.placed("inside")
            await cem.settle()
            assert cem.place == "waiting"
            await host.ask("admit_all")
            await cem.placed("inside")
        assert await names_waiting(meeting) == []


async def test_everyone_waiting_reads_what_the_host_puts_up_and_what_the_host_writes(server: Server) -> None:
    """The sign over the waiting room, and a line to all who wait; both come by themselves.

    behaviour B38
    """
    meeting = await server.meeting()
    async with meeting.host() as host, meeting.guest("Mia") as mia, meeting.guest("Ben") as ben:
        async with server.http(meeting.made["host_token"]) as http:
            said = {"settings": {"waiting_room": {"description": "We start at ten."}}}
            assert (await http.patch(f"/meetings/{meeting.id}", json=said)).status_code == 200
        await host.ask("waiting_room_chat", text="Five more minutes.")
        for person in (mia, ben):
            assert (await person.event("waiting_room_message"))["text"] == "Five more minutes."
            assert person.view["meeting"]["waiting_room"]["description"] == "We start at ten."


async def test_those_who_wait_see_their_place_in_the_queue_and_move_up(server: Server) -> None:
    """From 1; when the first is let in, the others move up.

    behaviour B40
    """
    meeting = await server.meeting()
    async with meeting.host() as host, meeting.guest("Mia") as mia, meeting.guest("Ben") as ben:
        async with meeting.guest("Cem") as cem:
            assert [one.view["me"]["position"] for one in (mia, ben, cem)] == [1, 2, 3]
            await admit(host, mia)
            for person, position in ((ben, 1), (cem, 2)):
                await person.until(lambda frame: frame["type"] == "view")
                assert person.view["me"]["position"] == position
        assert "position" not in mia.view["me"]


async def test_a_change_of_the_waiting_room_is_told_once_to_everyone_inside_and_not_again(server: Server) -> None:
    """One event a change, with the new state in it; asking for what is so already tells nobody anything.

    behaviour B53
    """
    meeting = await server.meeting()
    async with meeting.host() as host, meeting.guest("Pia") as pia, meeting.guest("Mia") as mia:
        await admit(host, pia)
        await pia.settle()
        await mia.settle()
        assert "seq" in await host.ask("set_waiting_room", enabled=True, who="not_invited")
        assert "seq" not in await host.ask("set_waiting_room", enabled=True, who="not_invited")
        told = await pia.settle()
        assert [(one["type"], one["enabled"], one["who"], one["by"]) for one in told] == [
            ("waiting_room_set", True, "not_invited", host.id)
        ]
        assert types(await mia.settle()) == []


async def test_without_the_passcode_one_cannot_even_wait(server: Server) -> None:
    """With it one may: the passcode comes before the waiting room, and the host hears no name of those without.

    behaviour B55
    """
    meeting = await server.meeting()
    async with meeting.host() as host, meeting.connect() as mia:
        assert await mia.refused("join", name="Mia", passcode="not it") == "wrong_passcode"
        assert await names_waiting(meeting) == []
        refused = await host.event("entry_refused")
        assert (refused["code"], refused["count"], "name" in refused) == ("wrong_passcode", 1, False)
        await mia.ask("join", **knock(meeting))
        assert await names_waiting(meeting) == ["Mia"]


async def test_a_participant_may_leave_and_come_back_while_the_waiting_room_is_on(server: Server) -> None:
    """Leaving is answered and closed as such; coming back leads through the waiting room like everybody's first time.

    behaviour B56
    """
    meeting = await server.meeting()

    async def come_and_go(host: Client, at: Meeting) -> None:
        async with at.guest() as mia:
            assert mia.place == "waiting"
            await admit(host, mia)
            await mia.ask("leave")
            assert (await mia.closed())[0] == 1000
            await host.event("left", participant=mia.id)

    async with meeting.host() as host:
        await come_and_go(host, meeting)
        await come_and_go(host, meeting)
        assert await names_inside(meeting) == ["Host"]
