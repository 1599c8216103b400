"""One exception for each code of the contract, and what it tells."""

from __future__ import annotations

import pytest

from meetingsim import clients
from meetingsim.clients import RefusedError, refusals, words
from meetingsim.clients.refusals import BY_CODE, refusal_of
from meetingsim.state.codes import REFUSALS


@pytest.mark.parametrize("code", sorted(REFUSALS))
def test_every_code_has_its_own_exception(code: str) -> None:
    error = refusal_of({"code": code, "detail": "Because."})
    assert type(error) is BY_CODE[code]
    assert type(error) is not RefusedError
    assert (error.code, error.detail, str(error)) == (code, "Because.", f"{code}: Because.")
    assert (error.status, error.temporary) == (REFUSALS[code].status, REFUSALS[code].temporary)


def test_no_two_codes_share_an_exception() -> None:
    assert len(set(BY_CODE.values())) == len(REFUSALS)


def test_every_exception_is_exported_and_none_is_named_like_an_event() -> None:
    names = {error.__name__ for error in BY_CODE.values()}
    assert names <= set(clients.__all__)
    assert not names & set(words.__all__)


def test_everything_exported_is_there() -> None:
    assert all(hasattr(clients, name) for name in clients.__all__)


def test_a_newer_servers_code_is_a_refusal_too() -> None:
    error = refusal_of({"code": "asleep", "temporary": True}, status=418)
    assert type(error) is RefusedError
    assert (error.code, error.status, error.temporary) == ("asleep", 418, True)


def test_what_the_server_says_goes_before_what_the_table_says() -> None:
    assert refusal_of({"code": "full", "temporary": False}, status=503).temporary is False
    assert refusal_of({"code": "full"}, status=503).status == 503


def test_because_is_all_that_the_error_says_besides() -> None:
    error = refusal_of({"type": "about:blank", "status": 403, "code": "removed", "rule": "removed", "door": "http"})
    assert error.because == {"rule": "removed", "door": "http"}


def test_what_the_refused_are_told_stands_in_attributes() -> None:
    told = {"code": "region_blocked", "rule": "region_blocked", "door": "resume", "country": "KP", "source": "plan"}
    error = refusal_of(told)
    assert (error.rule, error.door, error.country, error.source) == ("region_blocked", "resume", "KP", "plan")


def test_what_they_are_not_told_is_none() -> None:
    error = refusal_of({"code": "region_blocked", "country": None})
    assert (error.rule, error.door, error.country, error.source) == (None, None, None, None)


def test_an_error_without_a_code_is_still_one() -> None:
    assert refusal_of({}).code == "unknown"
    assert refusals.refusal_of({"title": "Bad Gateway"}, status=502).detail == "Bad Gateway"
