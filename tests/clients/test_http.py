"""Every call of the HTTP interface as a method, against a whole server."""

from __future__ import annotations

from typing import Any, NotRequired, get_origin, get_type_hints

import pytest

from meetingsim.clients import (
    AccountHandle,
    NoSuchMeetingError,
    NotPermittedError,
    RegionBlockedError,
    RemovedError,
    Server,
    TicketUsedError,
    UnauthorisedError,
    answers,
    connect,
    guest,
    host,
)
from meetingsim.clients.words import JoinedWaitingRoom
from meetingsim.routers.world import World

from .test_whole import OPEN

pytestmark = pytest.mark.anyio


def fits(answer: Any, shape: type) -> None:
    """The answer has every field its type promises, and no other."""
    promised = get_type_hints(shape, include_extras=True)
    optional = {name for name, hint in promised.items() if get_origin(hint) is NotRequired}
    assert promised.keys() - optional <= answer.keys() <= promised.keys()


# Tickets.


async def test_a_ticket_is_a_link_that_opens_and_says_a_role(sdk: Server) -> None:
    meeting = await sdk.create_meeting("Algebra")
    await meeting.start()
    ticket = await meeting.create_ticket("Bo", role="cohost", email="bo@school.example")
    assert ticket.join_url.endswith(f"#ticket={ticket.ticket}")
    assert ticket.ticket not in repr(ticket)
    async with guest(ticket.join_url, "Bo") as bo:
        assert (bo.place, bo.view["me"]["role"]) == ("inside", "cohost")


async def test_a_ticket_for_one_is_no_use_on_a_second_device(sdk: Server) -> None:
    meeting = await sdk.create_meeting("Algebra", settings=OPEN)
    await meeting.start()
    ticket = await meeting.create_ticket("Mia", single_use=True)
    async with guest(meeting, "Mia", ticket=ticket.ticket, device="laptop"):
        with pytest.raises(TicketUsedError):
            async with guest(meeting, "Mia", ticket=ticket.ticket, device="phone"):
                pass


async def test_a_ticket_says_a_country_by_the_admins_token_alone(world: World, sdk: Server) -> None:
    meeting = await sdk.create_meeting("Algebra", settings=OPEN | {"region": {"mode": "deny", "countries": ["BR"]}})
    await meeting.start()
    ticket = await meeting.create_ticket("Mia", country="BR", device="laptop")
    with pytest.raises(RegionBlockedError) as raised:
        async with guest(ticket.join_url, "Mia"):
            pass
    assert raised.value.country == "BR"
    async with Server(world.base_url) as stranger:
        with pytest.raises(NotPermittedError, match="Only the admin"):
            await stranger.meeting(meeting.id, meeting.host_token).create_ticket("Mia", country="BR")


async def test_a_removed_mail_address_gets_no_new_ticket(sdk: Server) -> None:
    meeting = await sdk.create_meeting("Algebra", settings=OPEN)
    await meeting.start()
    ticket = await meeting.create_ticket("Mia", email="mia@school.example")
    async with guest(ticket.join_url, "Mia") as mia:
        await meeting.remove(mia.participant)
        await mia.closed()
    with pytest.raises(RemovedError):
        await meeting.create_ticket("Mia", email="MIA@school.example")


# Accounts and users.


async def test_an_accounts_meetings_know_its_users(sdk: Server) -> None:
    school = await sdk.create_account(
        "School",
        "head@school.example",
        admins=["deputy@school.example"],
        domains=["school.example"],
        defaults={"capacity": 12, "waiting_room": {"who": "not_in_account"}},
        region={"mode": "deny", "countries": ["KP"], "unknown": "allow"},
    )
    own = await school.create_user("Own", "own@school.example")
    assert own.user_token not in repr(own)
    meeting = await school.create_meeting("Algebra", settings={"passcode": "abc"})
    await meeting.start()
    assert (await meeting.get())["settings"]["capacity"] == 12
    async with guest(meeting, "Own", user_token=own.user_token) as inside, guest(meeting, "Mia") as mia:
        assert (inside.place, mia.place) == ("inside", "waiting")
    with pytest.raises(RegionBlockedError):
        async with guest(meeting, "Kim", country="KP"):
            pass


async def test_a_users_token_makes_meetings_of_the_account(sdk: Server) -> None:
    school = await sdk.create_account("School", "head@school.example")
    own = await school.create_user("Own", "own@school.example")
    meeting = await sdk.create_meeting("Algebra", token=own.user_token)
    by_account = sdk.meeting(meeting.id, school.token)
    assert (await by_account.get())["id"] == meeting.id
    assert school.token is not None
    assert school.token not in repr(school)


async def test_users_are_made_by_the_account_or_the_admin_and_by_nobody_else(world: World, sdk: Server) -> None:
    school = await sdk.create_account("School", "head@school.example")
    assert (await sdk.account(school.account).create_user("By admin", "a@school.example")).user
    async with Server(world.base_url) as stranger:
        with pytest.raises(UnauthorisedError):
            await AccountHandle(stranger, school.account).create_user("Nobody", "n@school.example")
        with pytest.raises(UnauthorisedError):
            await stranger.create_account("Other", "head@other.example")


# Reports.


async def test_the_removed_report_with_the_session_they_have_left(world: World, sdk: Server) -> None:
    meeting = await sdk.create_meeting("Algebra", settings=OPEN)
    async with host(meeting) as teacher, guest(meeting, "Mia") as mia:
        ticket = await meeting.create_ticket("Ann")
        async with guest(meeting, "Ann", ticket=ticket.ticket) as ann:
            subject = teacher.participant
            await teacher.remove(mia.participant)
            await mia.closed()
        async with Server(world.base_url) as outside:
            by_session = await outside.create_report(meeting.id, [subject], "abuse", text="late", token=mia.session)
            by_ticket = await outside.create_report(meeting.id, [subject], "spam", token=ticket.ticket)
            with pytest.raises(UnauthorisedError):
                await outside.create_report(meeting.id, [subject], "abuse")
    page = await sdk.reports(meeting=meeting.id)
    assert [(one["report"], one["issue"], one["text"], one["source"]) for one in page["reports"]] == [
        (by_session, "abuse", "late", "after_meeting"),
        (by_ticket, "spam", None, "after_meeting"),
    ]
    assert [one["reporter"]["id"] for one in page["reports"]] == [mia.participant, ann.participant]
    rest = await sdk.reports(page["next"] - 1, 5, meeting=meeting.id)
    assert [one["report"] for one in rest["reports"]] == [by_ticket]


# What is read.


async def test_answers_have_the_fields_that_their_types_promise(sdk: Server) -> None:
    meeting = await sdk.create_meeting("Algebra", settings={"waiting_room": {"enabled": True}})
    async with host(meeting) as teacher, guest(meeting, "Mia") as mia, guest(meeting, "Bo"):
        await teacher.admit(mia.participant)
        await teacher.open_breakout_rooms([{"name": "Red", "participants": [mia.participant]}])
        await teacher.report([mia.participant], "other")
        for row in await meeting.participants():
            fits(row, answers.ParticipantRow)
        (waiting,) = await meeting.waiting_room()
        fits(waiting, answers.WaitingRow)
        fits(await meeting.get(), answers.MeetingDocument)
        fits((await sdk.meetings())[0], answers.MeetingDocument)
        page = await sdk.reports()
        fits(page, answers.Reports)
        fits(page["reports"][0], answers.ReportDocument)
    fits(await sdk.health(), answers.Health)
    fits(await sdk.geo("53.0.0.1"), answers.LocatedAddress)
    fits(await sdk.plan("BR"), answers.CountryPlan)


async def test_countries_and_their_addresses(sdk: Server) -> None:
    assert (await sdk.geo("53.0.0.1"))["country"] == "DE"
    plan = await sdk.plan("BR")
    assert plan["country"] == "BR"
    assert (await sdk.geo(plan["ipv4"].split("/")[0]))["country"] == "BR"


async def test_the_journal_by_type_by_pages_and_by_waiting(sdk: Server) -> None:
    meeting = await sdk.create_meeting("Algebra")
    await meeting.start()
    for _ in range(2):
        await meeting.lock()
        await meeting.unlock()
    first = await meeting.events(types=["locked", "unlocked"], limit=3)
    assert [event.type for event in first.events] == ["locked", "unlocked", "locked"]
    rest = await meeting.events(first.next, ["locked", "unlocked"])
    assert [event.type for event in rest.events] == ["unlocked"]
    assert (await meeting.events(rest.next, wait=0.01)).events == ()
    done = await meeting.end()
    waited = await meeting.events(rest.next, wait=5)
    assert [(event.type, event.seq) for event in waited.events] == [("ended", done.seq)]


async def test_a_deleted_meeting_is_gone(sdk: Server) -> None:
    meeting = await sdk.create_meeting("Algebra")
    await meeting.delete()
    with pytest.raises(NoSuchMeetingError):
        await sdk.meeting(meeting.id).get()


async def test_breakout_rooms_a_new_host_a_return_and_a_deleted_line_by_http(sdk: Server) -> None:
    meeting = await sdk.create_meeting("Algebra", settings=OPEN)
    async with host(meeting) as teacher, guest(meeting, "Mia", device="laptop") as mia:
        await meeting.open_breakout_rooms([{"name": "Red"}])
        await meeting.join_breakout_room("Red", participant=mia.participant)
        await mia.seen(lambda view: view["me"].get("room") == "Red")
        await meeting.close_breakout_rooms()
        await mia.seen(lambda view: "room" not in view["me"])
        await mia.chat("synthetic insult")
        line = await teacher.wait_for("message")
        await meeting.delete_message(line["message"])
        await teacher.wait_for("message_deleted")
        await meeting.make_host(mia.participant)
        await mia.seen(lambda view: view["me"]["role"] == "host")
        async with guest(meeting, "Bo", device="phone") as bo:
            await meeting.remove(bo.participant)
            await bo.closed()
            await meeting.let_return(bo.participant)
        async with guest(meeting, "Bo", device="phone") as again:
            assert again.place == "inside"


# What the refused are told.


async def test_the_refused_learn_rule_door_and_their_own_country_and_no_more(sdk: Server) -> None:
    meeting = await sdk.create_meeting("Algebra", settings=OPEN)
    async with host(meeting) as teacher:
        await teacher.set_region_rule("deny", countries=["KP", "BR"])
        with pytest.raises(RegionBlockedError) as raised:
            async with guest(meeting, "Kim", country="KP"):
                pass
    refused = raised.value
    assert (refused.rule, refused.door, refused.country, refused.source) == ("region_blocked", "socket", "KP", "plan")
    assert set(refused.because) == {"rule", "door", "country", "source"}
    assert "BR" not in str(refused)


async def test_a_refused_control_says_which_one_and_no_country(sdk: Server) -> None:
    meeting = await sdk.create_meeting("Algebra")
    await meeting.start()
    async with connect(meeting.socket_url, token=sdk.token) as kim:
        await kim.join("Kim", passcode=meeting.passcode, country="KP")
        await meeting.set_region_rule("deny", countries=["KP"])
        with pytest.raises(RegionBlockedError) as raised:
            await meeting.admit(kim.participant)
    assert (raised.value.rule, raised.value.door, raised.value.country) == ("admit", "http", None)


async def test_the_knock_names_nobodys_country(sdk: Server) -> None:
    meeting = await sdk.create_meeting("Algebra")
    async with host(meeting) as teacher, guest(meeting, "Mia", country="BR"):
        knock = await teacher.wait_for(JoinedWaitingRoom)
        assert "country" not in knock
