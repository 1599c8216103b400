"""Spaces, reset and the clock: parallel tests never meet, a server is empty again, time goes where the tester says."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.live.storms import here
from tests.wire import Frame, Meeting, Server, running

pytestmark = pytest.mark.anyio
OPEN = {"waiting_room": {"enabled": False}}


@pytest.fixture(scope="module")
def limited() -> Iterator[Server]:
    """A server whose limits are on."""
    with running() as server:
        yield server


async def space(server: Server, **fields: Any) -> dict[str, str]:
    async with server.http(server.admin_token) as http:
        response = await http.post("/spaces", json=fields)
        assert response.status_code == 201, response.text
        return dict(response.json())


async def meeting_in(server: Server, token: str, **body: Any) -> Meeting:
    async with server.http(token) as http:
        response = await http.post("/meetings", json={"topic": "Class 6", "settings": OPEN, **body})
        assert response.status_code == 201, response.text
        return Meeting(server, response.json())


async def code_of(server: Server, token: str | None, method: str, path: str, **options: Any) -> str:
    async with server.http(token) as http:
        response = await http.request(method, path, **options)
        return str(response.json()["code"]) if response.status_code >= 400 else str(response.status_code)


async def test_a_spaces_token_sees_nothing_of_others(server: Server) -> None:
    one, two = await space(server), await space(server)
    theirs = await meeting_in(server, two["token"])
    outside = await server.meeting()
    async with server.http(one["token"]) as http:
        assert (await http.get("/meetings")).json() == {"meetings": []}
        for foreign in (theirs, outside):
            assert (await http.get(f"/meetings/{foreign.id}")).json()["code"] == "no_such_meeting"
            assert (await http.post(f"/meetings/{foreign.id}/controls/start")).json()["code"] == "no_such_meeting"
            assert (await http.delete(f"/meetings/{foreign.id}")).json()["code"] == "no_such_meeting"
            assert (await http.get(f"/meetings/{foreign.id}/events")).json()["code"] == "no_such_meeting"
        assert (await http.get("/reports")).json()["reports"] == []
        for method, path in (("POST", "/spaces"), ("DELETE", f"/spaces/{two['space']}"), ("POST", "/clock")):
            assert await code_of(server, one["token"], method, path, json={}) == "unauthorised"


async def test_within_its_space_the_token_is_the_admins(server: Server) -> None:
    own = await space(server)
    meeting = await meeting_in(server, own["token"], id="123456789")
    async with meeting.guest(country="BR", device="d-1") as mia:
        assert mia.frames[0]["view"]["me"]["place"] == "early"
        await meeting.control("start", token=own["token"])
        await meeting.control(
            "report", token=own["token"], participants=[mia.frames[0]["view"]["me"]["id"]], issue="spam"
        )
    async with server.http(own["token"]) as http:
        (report,) = (await http.get("/reports")).json()["reports"]
        assert report["meeting"] == meeting.id
        account = (await http.post("/accounts", json={"name": "School", "owner": "head@school.example"})).json()
        assert (await http.delete(f"/meetings/{meeting.id}")).status_code == 204
    by_account = await meeting_in(server, account["token"])
    async with server.http(own["token"]) as http:
        assert [one["id"] for one in (await http.get("/meetings")).json()["meetings"]] == [by_account.id]
    assert await code_of(server, server.admin_token, "GET", f"/meetings/{by_account.id}") == "200", (
        "the whole server's own"
    )
    async with server.http(server.admin_token) as http:
        assert report["report"] not in {
            one["report"] for one in (await http.get("/reports?limit=1000")).json()["reports"]
        }


async def test_an_id_is_taken_in_every_space_at_once(server: Server) -> None:
    own = await space(server)
    meeting = await server.meeting()
    assert await code_of(server, own["token"], "POST", "/meetings", json={"topic": "x", "id": meeting.id}) == "conflict"


async def test_a_deleted_space_is_gone_with_everybody_in_it(server: Server) -> None:
    own = await space(server)
    meeting = await meeting_in(server, own["token"])
    async with meeting.host() as host:
        async with server.http(own["token"]) as http:
            assert (await http.delete(f"/spaces/{own['space']}")).status_code == 204
        assert (await host.closed())[0] == 4502
    assert await code_of(server, own["token"], "GET", "/meetings") == "unauthorised"
    assert await code_of(server, server.admin_token, "GET", f"/meetings/{meeting.id}") == "no_such_meeting"
    assert await code_of(server, server.admin_token, "DELETE", f"/spaces/{own['space']}") == "not_permitted"


async def test_a_space_deleted_twice_at_once_is_deleted_once(server: Server) -> None:
    own = await space(server)
    gone = [code_of(server, server.admin_token, "DELETE", f"/spaces/{own['space']}") for _ in range(5)]
    assert sorted(await asyncio.gather(*gone)) == ["204", *["not_permitted"] * 4]


async def test_the_same_seed_makes_the_same_space(server: Server) -> None:
    made = []
    for _ in range(2):
        own = await space(server, seed=42)
        meeting = await meeting_in(server, own["token"])
        made.append([meeting.made[key] for key in ("id", "passcode", "host_token")])
        await code_of(server, server.admin_token, "DELETE", f"/spaces/{own['space']}")
    assert made[0] == made[1]
    other = await meeting_in(server, (await space(server, seed=43))["token"])
    assert other.id != made[0][0]


async def test_wrong_passcodes_in_one_space_close_no_door_in_another(limited: Server) -> None:
    one, two = await space(limited), await space(limited)
    meetings = [await meeting_in(limited, own["token"]) for own in (one, two)]
    codes: list[list[str]] = [[], []]
    for number, meeting in enumerate(meetings):
        for _ in range(11 if number == 0 else 1):
            async with meeting.connect() as client:
                codes[number].append(await client.refused("join", name="Mia", passcode="wrong"))
    assert codes[0][-1] == "rate_limited"
    assert codes[1] == ["wrong_passcode"]


async def test_networks_decided_in_one_space_are_no_other_ones(server: Server) -> None:
    one, two = await space(server), await space(server)
    said = {"networks": [{"network": "192.0.2.0/24", "country": "BR"}, {"network": "192.0.2.7/32", "country": None}]}
    async with server.http(one["token"]) as http:
        shown = {"networks": [{**one, "anonymous": None} for one in said["networks"]]}
        assert (await http.put("/geo/networks", json=said)).json() == shown
        assert (await http.get("/geo/networks")).json() == shown
        located = (await http.get("/geo/192.0.2.1")).json()
        assert (located["country"], located["source"]) == ("BR", "override")
        assert (await http.get("/geo/192.0.2.7")).json()["country"] is None
    async with server.http(two["token"]) as http:
        assert (await http.get("/geo/192.0.2.1")).json()["country"] is None
    meeting = await meeting_in(server, one["token"])
    await meeting.control("set_region_rule", mode="deny", countries=["BR"])
    async with meeting.connect() as client:
        await client.send("join", name="Mia", passcode=meeting.made["passcode"], address="192.0.2.1")
        assert (await client.closed())[0] == 4501
    wrong = {"networks": [{"network": "192.0.2.0/33", "country": "BR"}]}
    assert await code_of(server, one["token"], "PUT", "/geo/networks", json=wrong) == "malformed"
    wrong = {"networks": [{"network": "192.0.2.0/24", "country": "QQ"}]}
    assert await code_of(server, one["token"], "PUT", "/geo/networks", json=wrong) == "invalid_rule"


async def test_a_network_may_be_an_anonymisers(server: Server) -> None:
    own = await space(server)
    said = {"networks": [{"network": "203.0.113.7/24", "country": "NL", "anonymous": "vpn"}]}
    async with server.http(own["token"]) as http:
        (shown,) = (await http.put("/geo/networks", json=said)).json()["networks"]
    assert shown == {"network": "203.0.113.0/24", "country": "NL", "anonymous": "vpn"}
    meeting = await meeting_in(server, own["token"])
    await meeting.control("set_region_rule", mode="deny", countries=["RU"], anonymous="deny", unknown="allow")
    async with meeting.connect() as client:
        assert await client.refused("join", name="Mia", passcode="x", address="203.0.113.9") == "wrong_passcode"
        await client.send("join", name="Mia", passcode=meeting.made["passcode"], address="203.0.113.9")
        assert (await client.closed())[0] == 4501
    refused = (await meeting.journal("entry_refused", token=own["token"]))[-1]
    assert (refused["because"]["country"], refused["because"]["anonymous"]) == ("NL", "vpn")


async def test_spaces_outlive_a_restart_and_leave_nothing_when_deleted(tmp_path: Path) -> None:
    async with here_on_disk(tmp_path) as server:
        own, gone = await space(server), await space(server)
        meeting = await meeting_in(server, own["token"])
        said = {"networks": [{"network": "192.0.2.0/24", "country": "BR"}]}
        assert await code_of(server, own["token"], "PUT", "/geo/networks", json=said) == "200"
        await code_of(server, server.admin_token, "DELETE", f"/spaces/{gone['space']}")
        assert await code_of(server, own["token"], "POST", "/reset") == "conflict"
    assert [folder.name for folder in (tmp_path / "spaces").iterdir()] == [own["space"]]
    async with here_on_disk(tmp_path) as server:
        again = Meeting(server, {**meeting.made, "socket_url": meeting.made["socket_url"]})
        assert await code_of(server, own["token"], "GET", f"/meetings/{again.id}") == "200"
        assert await code_of(server, gone["token"], "GET", "/meetings") == "unauthorised"
        async with server.http(own["token"]) as http:
            assert (await http.get("/geo/192.0.2.9")).json()["country"] == "BR"


@asynccontextmanager
async def here_on_disk(folder: Path) -> AsyncIterator[Server]:
    from meetingsim.serving import serving
    from meetingsim.settings import ServerSettings

    async with serving(ServerSettings(port=0, data=folder)) as world:
        yield Server(world.base_url, world.admin_token, world)


async def test_a_reset_empties_a_space_and_that_of_the_server_everything() -> None:
    async with here(seed=7) as server:
        own = await space(server)
        first, inside = await server.meeting(), await meeting_in(server, own["token"])
        assert await code_of(server, own["token"], "POST", "/reset") == "204"
        assert await code_of(server, own["token"], "GET", f"/meetings/{inside.id}") == "no_such_meeting"
        assert await code_of(server, server.admin_token, "GET", f"/meetings/{first.id}") == "200"
        async with first.host() as host:
            assert await code_of(server, server.admin_token, "POST", "/reset") == "204"
            assert (await host.closed())[0] == 4502
        assert await code_of(server, own["token"], "GET", "/meetings") == "unauthorised"
        async with server.http(server.admin_token) as http:
            assert (await http.get("/meetings")).json() == {"meetings": []}
        assert await code_of(server, None, "POST", "/reset") == "unauthorised"


async def raid(server: Server, own: dict[str, str]) -> tuple[Meeting, list[Frame]]:
    """A small raid in a space, stopped by its host; every frame that the host got."""
    meeting = await meeting_in(server, own["token"])
    async with meeting.host() as host:
        async with server.http(own["token"]) as http:
            said = {"name": own["space"], "count": 10, "country": "BR", "behaviour": "raider"}
            assert (await http.post(f"/meetings/{meeting.id}/people", json=said)).status_code == 201
        await host.event("message")
        await host.ask("suspend")
        await host.settle()
    return meeting, host.frames


async def test_sixteen_raids_in_sixteen_spaces_never_meet(limited: Server) -> None:
    spaces = [await space(limited, seed=number) for number in range(16)]
    raids = await asyncio.gather(*(raid(limited, own) for own in spaces))
    for own, (meeting, frames) in zip(spaces, raids, strict=True):
        names = {frame["person"]["name"] for frame in frames if frame["type"] == "joined"}
        assert names == {f"{own['space']} {number}" for number in range(1, 11)}
        async with limited.http(own["token"]) as http:
            assert [one["id"] for one in (await http.get("/meetings")).json()["meetings"]] == [meeting.id]
            journal = (await http.get(f"/meetings/{meeting.id}/events?limit=1000")).json()["events"]
        assert [event["seq"] for event in journal] == list(range(1, len(journal) + 1))
        refused = [event for event in journal if event["type"] == "entry_refused"]
        assert refused == []
    metrics = httpx2.get(f"{limited.url}/metrics", verify=False).text
    assert not any(own["space"] in metrics for own in spaces)
