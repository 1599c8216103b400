"""Section D, of removals that are taken back, and of users who may not remove."""

from __future__ import annotations

import pytest

from tests.behaviours.cast import OPEN, knock
from tests.wire import Server

pytestmark = pytest.mark.anyio


async def test_a_removal_that_is_taken_back_lets_the_person_in_again(server: Server) -> None:
    """behaviour D74"""
    meeting = await server.meeting(**OPEN)
    async with meeting.host() as host, meeting.guest("Mia") as mia:
        await host.ask("remove", participant=mia.id)
        assert (await mia.closed())[0] == 4500
        async with meeting.connect() as again:
            assert await again.refused("join", **knock(meeting)) == "removed"
        await host.ask("let_return", participant=mia.id)
        assert "seq" not in await host.ask("let_return", participant=mia.id)
        async with meeting.connect() as back:
            await back.ask("join", **knock(meeting))
            assert back.place == "inside"
            assert back.id != mia.id


async def test_a_users_token_removes_nobody_over_http(server: Server) -> None:
    """behaviour D67"""
    school = await server.account()
    token = await school.user("Own", "own@school.example")
    meeting = await school.meeting(**OPEN)
    async with meeting.host(), meeting.guest("Mia") as mia:
        answer = await meeting.control("remove", token=token, participant=mia.id)
        assert (answer.status_code, answer.json()["code"]) == (401, "unauthorised")
        answer = await meeting.control("remove", token=school.made["token"], participant=mia.id)
        assert answer.status_code == 200
        assert (await mia.closed())[0] == 4500
