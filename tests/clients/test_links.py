"""Whatever people are sent leads to the same meeting."""

from __future__ import annotations

import pytest

from meetingsim.clients import Invitation, LinkInvalid, invitation

HOME = "http://127.0.0.1:8765"


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        ("12345678901", Invitation(HOME, "12345678901")),
        (" 123 4567-8901 ", Invitation(HOME, "12345678901")),
        (f"{HOME}/j/123", Invitation(HOME, "123")),
        (f"{HOME}/j/123/", Invitation(HOME, "123")),
        (f"{HOME}/j/123#passcode=a%20b", Invitation(HOME, "123", "a b")),
        (f"{HOME}/j/123?passcode=482", Invitation(HOME, "123", "482")),
        (f"{HOME}/j/123?passcode=old#passcode=new", Invitation(HOME, "123", "new")),
        (f"{HOME}/j/123#ticket=t.1&passcode=9", Invitation(HOME, "123", "9", "t.1")),
        ("ws://127.0.0.1:8765/api/v1/meetings/123/socket", Invitation(HOME, "123")),
        ("wss://meet.example/api/v1/meetings/123/socket", Invitation("https://meet.example", "123")),
        (f"{HOME}/api/v1/meetings/123", Invitation(HOME, "123")),
        ("https://meet.example/behind/j/123", Invitation("https://meet.example/behind", "123")),
        ("http://[::1]:9/j/123", Invitation("http://[::1]:9", "123")),
    ],
)
def test_links(link: str, expected: Invitation) -> None:
    assert invitation(link) == expected


def test_a_bare_id_is_looked_for_where_one_says() -> None:
    assert invitation("123", url="https://meet.example/").socket_url == (
        "wss://meet.example/api/v1/meetings/123/socket"
    )


@pytest.mark.parametrize(
    "link", ["", "a/b", "<script>", f"{HOME}/", f"{HOME}/j/", "ftp://x.example/j/1", "http:///j/1"]
)
def test_what_is_no_link_says_so(link: str) -> None:
    with pytest.raises(LinkInvalid):
        invitation(link)


@pytest.mark.parametrize("url", ["", "127.0.0.1:8765", "ws://127.0.0.1:1", "http://"])
def test_what_is_no_server_says_so(url: str) -> None:
    with pytest.raises(LinkInvalid, match="http://127"):
        invitation("123", url=url)


def test_secrets_do_not_stand_in_its_repr() -> None:
    assert "hush" not in repr(invitation(f"{HOME}/j/123#passcode=hush&ticket=hush"))
