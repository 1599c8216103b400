"""``meetingsim why``: where somebody is, and the decisions that brought them there, as sentences with reasons."""

from __future__ import annotations

import re

import pytest

from meetingsim.clients import MeetingHandle, Server

from .conftest import Cli, Service

EVIL = "\u009b31mMia\u202e"


async def story(server: Server, meeting: MeetingHandle, name: str) -> str:
    """Somebody who waited, was let in, was caught by a suspend, and was put back."""
    (mia,) = await meeting.hold(name, country="BR", device="tablet")
    await meeting.admit(mia.id)
    await meeting.suspend()
    await meeting.put_in_waiting_room(mia.id)
    return mia.id


@pytest.fixture
def told(service: Service) -> tuple[str, str]:
    """A meeting, and somebody in it."""
    meeting = service.meeting()
    return meeting.id, service.call(lambda server: story(server, server.meeting(meeting.id), "Mia"))


def test_the_chain_is_told_in_order_each_with_its_reason(told: tuple[str, str], service: Service, cli: Cli) -> None:
    meeting, mia = told
    ran = cli("why", meeting, "mia", **service.where)
    assert (ran.code, ran.err) == (0, "")
    now, *chain = ran.lines
    assert now == f"Mia [{mia}] waits (participant, from BR)"
    sentences = [line.split(maxsplit=2)[-1] for line in chain if "because" not in line]
    assert sentences == [
        f"Mia waits [{mia}] (waiting_room)",
        "Mia comes from BR",
        "Mia was admitted by admin",
        *[one for one in sentences if one.startswith("admin suspended participant activities: ")],
        "Mia was put in the waiting room by admin (put_back)",
    ]
    reasons = [match[1] for line in chain if (match := re.match(r" +because rule (\w+); door \w+", line))]
    assert reasons == ["waiting_room", "admit", "suspend", "put_back"]
    assert "country BR" in ran.out


def test_by_id_it_is_the_same_and_as_json_what_the_server_says(
    told: tuple[str, str], service: Service, cli: Cli
) -> None:
    meeting, mia = told
    assert cli("why", meeting, mia, **service.where).out == cli("why", meeting, "Mia", **service.where).out
    (said,) = cli("why", meeting, "Mia", "--json", **service.where).json
    assert (said["person"]["id"], said["person"]["place"]) == (mia, "waiting")
    assert [event["because"]["rule"] for event in said["chain"] if event["because"]] == [
        *("waiting_room", "admit", "suspend", "put_back")
    ]


def test_of_somebody_who_is_gone(service: Service, cli: Cli) -> None:
    meeting = service.meeting()

    async def removed(server: Server) -> None:
        (ben,) = await server.meeting(meeting.id).hold("Ben", device="phone")
        await server.meeting(meeting.id).remove(ben.id)

    service.call(removed)
    ran = cli("why", meeting.id, "Ben", **service.where)
    assert ran.lines[0].endswith("was removed (participant)")
    assert "Ben was removed by admin" in ran.out
    assert "because rule remove" in ran.out


def test_a_name_cannot_command_the_terminal(service: Service, cli: Cli) -> None:
    meeting = service.meeting()
    mia = service.call(lambda server: story(server, server.meeting(meeting.id), EVIL))
    ran = cli("why", meeting.id, mia, **service.where)
    assert ran.code == 0
    assert "Mia" in ran.out
    assert not set(ran.out) & set("\x1b\x9b\u202e")


def test_who_is_not_there_and_who_was_refused(service: Service, cli: Cli) -> None:
    meeting = service.meeting()
    ran = cli("why", meeting.id, "\x1b[2JKim", **service.where)
    assert (ran.code, ran.out) == (1, "")
    assert ran.err == (
        "meetingsim: nobody is called '\\x1b[2JKim'; who was refused at the door is in"
        f" meetingsim events {meeting.id} --type entry_refused\n"
    )
    ran = cli("why", meeting.id, "p" + "0" * 16, **service.where)
    assert (ran.code, ran.out) == (1, "")
    assert ran.err.startswith("meetingsim: refused, no_such_participant")


def test_several_of_one_name_are_told_apart_by_id(service: Service, cli: Cli) -> None:
    meeting = service.meeting()

    async def twins(server: Server) -> list[str]:
        handle = server.meeting(meeting.id)
        return [one.id for device in "ab" for one in await handle.hold("Mia", device=device)]

    ids = service.call(twins)
    ran = cli("why", meeting.id, "Mia", **service.where)
    assert (ran.code, ran.out) == (1, "")
    assert ran.err == f"meetingsim: several people are called 'Mia': say one of {', '.join(ids)}\n"
