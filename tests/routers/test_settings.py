"""Settings out of flags and the environment: what is taken, and what is refused before anything starts."""

from __future__ import annotations

from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from meetingsim.settings import ServerSettings


@pytest.fixture(autouse=True)
def _clean(monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    for name in [*os.environ]:
        if name.startswith("MEETINGSIM_"):
            monkeypatch.delenv(name)


def test_the_defaults_are_a_private_server_in_memory() -> None:
    settings = ServerSettings()
    assert (settings.host, settings.port, settings.data, settings.admin_token) == ("127.0.0.1", 8765, None, None)
    assert (settings.quiet_door, settings.limits, settings.clock, settings.seed) == (False, "on", "real", None)
    assert settings.loopback


def test_the_environment_says_everything_that_flags_can(monkeypatch: pytest.MonkeyPatch) -> None:
    said = {
        "HOST": "::1",
        "PORT": "0",
        "DATA": "/srv/meetings",
        "PUBLIC_URL": "https://meet.example/",
        "ALLOW_ORIGIN": "https://a.example, http://b.example:8080/",
        "TRUSTED_PROXIES": "192.0.2.0/24,2001:db8::/32",
        "QUIET_DOOR": "true",
        "SEED": "7",
        "LIMITS": "off",
        "ADMIN_TOKEN": "secret",
    }
    for name, value in said.items():
        monkeypatch.setenv(f"MEETINGSIM_{name}", value)
    settings = ServerSettings()
    assert (settings.host, settings.port, settings.data) == ("::1", 0, Path("/srv/meetings"))
    assert settings.public_url == "https://meet.example"
    assert settings.allow_origin == ["https://a.example", "http://b.example:8080"]
    assert settings.trusted_proxies == [ip_network("192.0.2.0/24"), ip_network("2001:db8::/32")]
    assert (settings.quiet_door, settings.seed, settings.limits) == (True, 7, "off")
    assert settings.admin_token is not None
    assert settings.admin_token.get_secret_value() == "secret"
    assert "secret" not in repr(settings)


def test_flags_win_over_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MEETINGSIM_PORT", "1")
    monkeypatch.setenv("MEETINGSIM_ALLOW_ORIGIN", "https://a.example")
    settings = ServerSettings(port=2, allow_origin=["https://b.example"])
    assert (settings.port, settings.allow_origin) == (2, ["https://b.example"])


@pytest.mark.parametrize("name", ["ADMIN_TOKEN", "PORT", "DATA", "SEED", "PUBLIC_URL", "ALLOW_ORIGIN"])
def test_an_empty_variable_says_nothing(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"MEETINGSIM_{name}", "")
    assert getattr(ServerSettings(), name.lower()) == ServerSettings.model_fields[name.lower()].get_default(
        call_default_factory=True
    )


def test_what_other_programs_say_is_no_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MEETINGSIM_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("MEETINGSIM_TOKEN", "host_x")
    assert ServerSettings().admin_token is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("port", -1),
        ("port", 65_536),
        ("clock", "sundial"),
        ("limits", "some"),
        ("public_url", "meet.example"),
        ("public_url", "ftp://meet.example"),
        ("public_url", "https://"),
        ("public_url", "https://meet.example?x=1"),
        ("public_url", "https://me:secret@meet.example"),
        ("public_url", "http://["),
        *(("allow_origin", [bad]) for bad in ("*", "null", "app.example", "https://", "https://a.example/path")),
        *(
            ("allow_origin", [bad])
            for bad in ("https://a.example?x", "https://me@a.example", "http://a:port", "http://[")
        ),
        ("trusted_proxies", ["192.0.2.1/24"]),
        ("trusted_proxies", ["proxy.example"]),
        ("admin_token", ""),
        ("admin_token", "two words"),
        ("admin_token", " padded"),
        ("admin_token", "grüße"),
    ],
)
def test_what_is_no_setting(name: str, value: Any) -> None:
    with pytest.raises(ValidationError) as caught:
        ServerSettings(**{name: value})
    assert {error["loc"][0] for error in caught.value.errors()} == {name}
    if name == "admin_token" and value:
        assert value not in str(caught.value)
