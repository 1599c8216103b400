"""What guest and host show at the door, and what they do not."""

from __future__ import annotations

from typing import Any

import pytest

from meetingsim.clients import MeetingHandle, Server, guest, host

from .conftest import Peer, Scripted

pytestmark = pytest.mark.anyio


class Door:
    """A script that lets one person in and out again, and keeps what they showed."""

    def __init__(self) -> None:
        self.shown: dict[str, Any] = {}
        self.authorization: str | None = None

    async def __call__(self, peer: Peer) -> None:
        assert peer.request is not None
        self.authorization = peer.request.headers.get("Authorization")
        self.shown = await peer.let_in()
        assert (await peer.ok())["type"] == "leave"
        await peer.socket.close(1000)


def handle(url: str, **document: Any) -> MeetingHandle:
    server = Server("http://127.0.0.1:9", "admin-token")
    return MeetingHandle(server, {"id": "1", "passcode": "482", "socket_url": url, **document})


async def test_a_guest_shows_the_meetings_passcode_and_no_token(scripted: Scripted) -> None:
    door = Door()
    async with scripted(door) as url, guest(handle(url), "Mia", device="laptop"):
        pass
    assert door.shown == {"type": "join", "ref": "1", "name": "Mia", "device": "laptop", "passcode": "482"}
    assert door.authorization is None


@pytest.mark.parametrize("origin", [{"country": "BR"}, {"address": "192.0.2.1"}])
async def test_whoever_says_where_they_come_from_shows_the_servers_token(
    scripted: Scripted, origin: dict[str, str]
) -> None:
    door = Door()
    async with scripted(door) as url, guest(handle(url), "Mia", **origin):
        pass
    assert door.shown.items() >= origin.items()
    assert door.authorization == "Bearer admin-token"


@pytest.mark.parametrize("credential", [{"ticket": "t"}, {"user_token": "u"}])
async def test_a_better_credential_goes_without_the_passcode(scripted: Scripted, credential: dict[str, str]) -> None:
    door = Door()
    async with scripted(door) as url, guest(handle(url), "Mia", **credential):
        pass
    assert door.shown == {"type": "join", "ref": "1", "name": "Mia", **credential}


async def test_a_guest_may_show_another_passcode(scripted: Scripted) -> None:
    door = Door()
    async with scripted(door) as url, guest(handle(url), "Mia", passcode=""):
        pass
    assert door.shown["passcode"] == ""


async def test_a_host_shows_the_host_token_alone(scripted: Scripted) -> None:
    door = Door()
    async with scripted(door) as url, host(handle(url, host_token="h"), "Teacher"):
        pass
    assert door.shown == {"type": "join", "ref": "1", "name": "Teacher", "host_token": "h"}
    assert door.authorization is None
