"""Section F, of handing a meeting over and getting it back."""

from __future__ import annotations

import pytest

from tests.behaviours.cast import OPEN
from tests.wire import Server

pytestmark = pytest.mark.anyio


async def test_a_new_host_has_the_hosts_rights_and_the_owner_gets_them_back_by_joining(server: Server) -> None:
    """behaviour F128"""
    meeting = await server.meeting(**OPEN)
    async with meeting.host() as owner, meeting.guest("Mia") as mia:
        await owner.ask("make_host", participant=mia.id)
        assert owner.view["me"]["role"] == "cohost"
        await mia.until(lambda frame: frame["type"] == "view" and frame["view"]["me"]["role"] == "host")
        await mia.ask("set_region_rule", mode="off", countries=[], present="keep")
        assert await owner.refused("set_region_rule", mode="off") == "not_host"
        assert await mia.refused("remove", participant=owner.id) == "protected"
        async with meeting.host() as again:
            assert again.id == owner.id
            assert again.view["me"]["role"] == "host"
            await mia.until(lambda frame: frame["type"] == "view" and frame["view"]["me"]["role"] == "cohost")
            await again.ask("revoke_cohost", participant=mia.id)
            await mia.until(lambda frame: frame["type"] == "view" and frame["view"]["me"]["role"] == "participant")


async def test_in_an_accounts_meeting_the_account_moderates_by_its_token_and_no_user_by_theirs(server: Server) -> None:
    """behaviour F133"""
    school = await server.account()
    token = await school.user("Own", "own@school.example")
    meeting = await school.meeting(token, **OPEN)
    async with meeting.host(), meeting.connect() as own:
        await own.ask("join", name="Own", user_token=token)
        assert own.view["me"]["role"] == "participant"
        assert await own.refused("lock") == "not_host"
    assert (await meeting.control("lock", token=token)).status_code == 401
    assert (await meeting.control("lock", token=school.made["token"])).status_code == 200
