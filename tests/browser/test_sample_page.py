"""The sample page in a real browser: two people from two countries, and what was ever told to the page."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.async_api import Browser, Page, WebSocket, expect

from tests.browser.conftest import CHROMIUM
from tests.wire import Meeting, Server

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.xdist_group("browser"),
    pytest.mark.skipif(not CHROMIUM.exists(), reason="apt-get install chromium brings /usr/bin/chromium"),
]


@dataclass
class Guest:
    """Somebody with a browser of their own, and every frame that it received, seen from outside of the page."""

    page: Page
    frames: list[dict[str, Any]] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def listen(self) -> None:
        """From now on everything is noted."""
        self.page.on("websocket", self._note_socket)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _note_socket(self, socket: WebSocket) -> None:
        socket.on("framereceived", lambda data: self.frames.append(json.loads(data)))

    async def knocks(self, name: str) -> None:
        """Says the name and joins; the link is in the form already."""
        await self.page.get_by_label("Your name").fill(name)
        await self.page.get_by_role("button", name="Join").click()


async def opened(browser: Browser, origin: str, link: str) -> Guest:
    """The sample page, opened with a link."""
    context = await browser.new_context(viewport={"width": 1000, "height": 720})
    guest = Guest(await context.new_page())
    guest.listen()
    await guest.page.goto(f"{origin}/#{link}")
    return guest


async def personal_link(meeting: Meeting, name: str, **where: str) -> str:
    """A link that says where its bearer comes from."""
    async with meeting.server.http(meeting.server.admin_token) as client:
        made = await client.post(f"/meetings/{meeting.id}/tickets", json={"name": name, **where})
    assert made.status_code == 201, made.text
    return str(made.json()["join_url"])


async def test_one_waits_talks_and_comes_in_and_the_other_is_kept_out_by_country(
    browser: Browser, origin: str, allowing: Server
) -> None:
    meeting = await allowing.meeting(
        waiting_room={"title": "One moment, please", "description": "We look at each of you."}
    )
    mia = await opened(browser, origin, await personal_link(meeting, "Mia", country="BR", device="Mia laptop"))
    kim = await opened(browser, origin, await personal_link(meeting, "Kim", country="KP", device="Kim laptop"))
    async with meeting.host("Prof. Ito") as host:
        await host.ask("set_region_rule", mode="deny", countries=["KP"], unknown="allow")

        await kim.knocks("Kim")
        await expect(kim.page.get_by_role("alert")).to_have_text("This meeting is not open to where you are.")
        await host.event("entry_refused", code="region_blocked", country="KP")
        assert [frame["type"] for frame in kim.frames] == ["reply"]

        await mia.knocks("Mia")
        knock = await host.event("joined_waiting_room")
        await expect(mia.page.get_by_role("heading", name="One moment, please")).to_be_visible()
        await expect(mia.page.get_by_text("We look at each of you.")).to_be_visible()
        await host.ask("waiting_room_chat", text="Who are you?", to=knock["participant"])
        talk = mia.page.get_by_role("log", name="Chat with the hosts")
        await expect(talk).to_contain_text("Who are you?")
        await mia.page.get_by_label("Write to the hosts").fill("Mia, from class 6")
        await mia.page.get_by_label("Write to the hosts").press("Enter")
        assert (await host.event("waiting_room_message", from_name="Mia"))["text"] == "Mia, from class 6"
        outside = list(mia.frames)

        await host.ask("admit", participant=knock["participant"])
        await expect(mia.page.get_by_role("heading", name="Here: 2")).to_be_visible()
        await expect(mia.page.get_by_role("listitem").filter(has_text="Prof. Ito")).to_contain_text("host, muted")
        await host.ask("chat", text="Good morning, <b>Mia</b>")
        chat = mia.page.get_by_role("log", name="Chat")
        await expect(chat).to_contain_text("Prof. ItoGood morning, <b>Mia</b>")
        await mia.page.get_by_label("Write to everyone").fill("Good morning")
        await mia.page.get_by_role("button", name="Send").click()
        assert (await host.event("message", text="Good morning"))["from"] == knock["participant"]
        await mia.page.get_by_role("button", name="Unmute").click()
        await host.event("audio_changed", participant=knock["participant"], on=True)
        await host.ask("suspend")
        await expect(mia.page.get_by_role("button", name="Unmute")).to_be_disabled()
        await expect(mia.page.get_by_label("Write to everyone")).to_be_disabled()
        await host.ask("ask_to_unmute", participant=knock["participant"])
        await expect(mia.page.get_by_role("status")).to_have_text("The hosts ask you to unmute.")
        await expect(mia.page.get_by_role("button", name="Unmute")).to_be_enabled()
        await host.ask("remove", participant=knock["participant"])
        await expect(mia.page.get_by_role("alert")).to_have_text("You were removed from this meeting.")

    assert mia.complaints == kim.complaints == []
    assert_nothing_leaked(outside, mia.frames, meeting)


def assert_nothing_leaked(outside: list[dict[str, Any]], frames: list[dict[str, Any]], meeting: Meeting) -> None:
    """Outside a page knows nothing of those inside; a participant's never knows countries, the passcode or Kim."""
    assert {frame["type"] for frame in outside} == {"view", "reply", "waiting_room_message"}
    views = [frame["view"] for frame in outside if frame["type"] == "view"]
    assert views
    assert all(set(view) == {"me", "meeting", "waiting_messages"} for view in views)
    assert {frame["type"] for frame in frames} >= {"view", "reply", "message", "audio_changed", "suspended"}
    told = json.dumps(frames)
    for secret in ("country", "Kim", "KP", meeting.made["passcode"], meeting.made["host_token"], "origin_known"):
        assert secret not in told, secret


async def test_the_end_of_a_meeting_and_leaving_are_said(browser: Browser, origin: str, allowing: Server) -> None:
    meeting = await allowing.meeting(waiting_room={"enabled": False})
    guest = await opened(browser, origin, meeting.made["join_url"])
    async with meeting.host() as host:
        await guest.knocks("Mia")
        await guest.page.get_by_role("button", name="Leave").click()
        await expect(guest.page.get_by_role("alert")).to_have_text("You left the meeting.")
        await host.event("left")
        await guest.knocks("Mia")
        await expect(guest.page.get_by_role("heading", name="Here: 2")).to_be_visible()
        await host.ask("end")
        await expect(guest.page.get_by_role("alert")).to_have_text("The meeting has ended.")
    assert guest.complaints == []


async def test_a_page_of_an_origin_that_is_not_allowed_cannot_load_the_client(
    browser: Browser, origin: str, server: Server
) -> None:
    meeting = await server.meeting()
    guest = await opened(browser, origin, meeting.made["join_url"])
    await guest.knocks("Mia")
    await expect(guest.page.get_by_role("alert")).to_have_text("The server cannot be reached.")
    assert guest.frames == []
