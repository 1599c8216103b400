"""Every setting of the server, typed, from flags or from ``MEETINGSIM_…`` in the environment."""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network, ip_address
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import SplitResult, urlsplit

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict


class ServerSettings(BaseSettings):
    """How a server runs. Flags win over the environment."""

    model_config = SettingsConfigDict(
        env_prefix="MEETINGSIM_", env_ignore_empty=True, extra="ignore", hide_input_in_errors=True
    )

    host: str = Field("127.0.0.1", description="The address to listen on.")
    port: int = Field(8765, ge=0, le=65535, description="The port; 0 takes a free one.")
    data: Path | None = Field(None, description="A folder that keeps everything; without one it is kept in memory.")
    geoip_db: Path | None = Field(None, description="A GeoIP2 or GeoLite2 country or city database of your own.")
    anonymous_db: Path | None = Field(None, description="A GeoIP2 Anonymous IP database of your own.")
    public_url: str | None = Field(None, description="How clients reach the server, where that is not its own address.")
    allow_origin: Annotated[list[str], NoDecode] = Field(
        default_factory=list, description="Other web origins that may use the server from a browser."
    )
    quiet_door: bool = Field(False, description="Refuse alike whatever is refused before the credential holds.")
    seed: int | None = Field(None, description="Make ids, passcodes and tokens reproducible. For tests alone.")
    clock: Literal["real", "manual"] = Field("real", description="Follow the machine's clock, or be moved by hand.")
    limits: Literal["on", "off"] = Field(
        "on", description="Limit guesses and commands, or not, for tests of other things."
    )
    record_frames: bool = Field(False, description="Keep every frame that people were sent, for the admin to read.")
    admin_token: SecretStr | None = Field(None, description="The admin token; made unless given.")
    trusted_proxies: Annotated[list[IPv4Network | IPv6Network], NoDecode] = Field(
        default_factory=list, description="Networks whose forwarding headers are believed."
    )

    @field_validator("allow_origin", "trusted_proxies", mode="before")
    @classmethod
    def _from_text(cls, value: object) -> object:
        """In the environment lists are written with commas."""
        return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value

    @field_validator("admin_token")
    @classmethod
    def _is_token(cls, value: SecretStr | None) -> SecretStr | None:
        """A header carries printable ASCII, and white space around a token is lost there."""
        token = value.get_secret_value() if value is not None else "none"
        if not token or not token.isascii() or not token.isprintable() or " " in token:
            raise ValueError("a token is printable ASCII without spaces")
        return value

    @field_validator("public_url")
    @classmethod
    def _is_url(cls, value: str | None) -> str | None:
        if value is None:
            return None
        parts = _split(value)
        if parts is None or parts.query or parts.fragment:
            raise ValueError(f"{value!a} is no public URL: it looks like https://meet.example")
        return value.rstrip("/")

    @field_validator("allow_origin")
    @classmethod
    def _are_origins(cls, value: list[str]) -> list[str]:
        for origin in value:
            parts = _split(origin)
            if parts is None or origin.rstrip("/") != f"{parts.scheme}://{parts.netloc}":
                raise ValueError(f"{origin!a} is no origin: it looks like https://app.example")
        return [origin.rstrip("/") for origin in value]

    @property
    def loopback(self) -> bool:
        """Whether the server listens to this machine alone."""
        return is_loopback(self.host)


def is_loopback(host: str) -> bool:
    """Whether an address, or the name localhost, is this machine alone."""
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


def _split(url: str) -> SplitResult | None:
    """The parts of an http or https URL that names a server and nobody's password; None for any other text."""
    try:
        parts = urlsplit(url)
        usable = parts.scheme in {"http", "https"} and parts.hostname and "@" not in parts.netloc and parts.port != 0
    except ValueError:
        return None
    return parts if usable else None
