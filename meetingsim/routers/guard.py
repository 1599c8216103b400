"""What is looked at before any route: Host, Origin, content type and the size of a body, for HTTP and the socket alike."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from meetingsim.routers.problems import problem
from meetingsim.routers.wire import LARGEST_BODY
from meetingsim.routers.world import World
from meetingsim.settings import is_loopback

_BODIES = frozenset({"POST", "PUT", "PATCH"})
_LOCAL_NAMES = ("localhost", "127.0.0.1", "[::1]")
LINGER = 3.0
"""Seconds in which the rest of a body that is too large is read and thrown away."""
_ALLOWED_HEADERS = "authorization, content-type, last-event-id"


class Guard:
    """An ASGI middleware. A refused socket gets its 403 instead of the upgrade."""

    def __init__(self, app: ASGIApp, world: World) -> None:
        self._app = app
        self._world = world

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        origin = headers.get("origin")
        if refused := self._refusal(scope, headers, origin):
            await refused(scope, receive, send)
        elif scope["type"] == "http":
            await self._http(scope, receive, send, headers, origin)
        else:
            await self._app(scope, receive, send)

    def _refusal(self, scope: Scope, headers: Headers, origin: str | None) -> Response | None:
        if headers.get("host", "").lower() not in self._own_hosts(scope) | self._public_host():
            return problem("not_permitted", "Use the server's own address, or the one given as --public-url.")
        if origin is not None and origin.lower() not in self._origins(scope):
            return problem("not_permitted", f"The origin {origin!r} is not allowed here; --allow-origin allows one.")
        if scope["type"] == "http" and scope["method"] in _BODIES and _has_body(headers):
            kind = headers.get("content-type", "").partition(";")[0].strip().lower()
            if kind != "application/json":
                return problem("malformed", "Send the body as application/json.")
        return None

    def _own_hosts(self, scope: Scope) -> set[str]:
        """The address it listens on, by every name it has there."""
        settings = self._world.settings
        server, port = scope.get("server") or (settings.host, settings.port)
        names = {_bracketed(settings.host), _bracketed(server)}
        if is_loopback(server):
            names.update(_LOCAL_NAMES)
        hosts = {f"{name}:{port}" for name in names}
        if port == 80:
            hosts |= names
        return {host.lower() for host in hosts}

    def _public_host(self) -> set[str]:
        public = self._world.settings.public_url
        return {urlsplit(public).netloc.lower()} if public else set()

    def _origins(self, scope: Scope) -> set[str]:
        own = {f"http://{host}" for host in self._own_hosts(scope)}
        public = self._world.settings.public_url
        allowed = {*self._world.settings.allow_origin, *([_origin_of(public)] if public else [])}
        return own | {origin.lower() for origin in allowed}

    async def _http(self, scope: Scope, receive: Receive, send: Send, headers: Headers, origin: str | None) -> None:
        if origin is not None and scope["method"] == "OPTIONS" and "access-control-request-method" in headers:
            await _preflight(origin)(scope, receive, send)
            return

        async def send_allowed(message: Message) -> None:
            if origin is not None and message["type"] == "http.response.start":
                message.setdefault("headers", []).extend(_cors(origin))
            await send(message)

        if _says_too_large(headers):
            await _refuse_too_large(receive, send_allowed)
            return
        try:
            await self._app(scope, _Body(receive).receive, send_allowed)
        except _TooLarge:
            await _refuse_too_large(receive, send_allowed)


def _says_too_large(headers: Headers) -> bool:
    said = headers.get("content-length", "")
    return said.isdecimal() and (len(said) > 9 or int(said) > LARGEST_BODY)


class _TooLarge(Exception):
    """A body that said nothing of its size, or lied, grew too large."""


class _Body:
    """Counts what comes in, so that a body is refused before it is held."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._size = 0

    async def receive(self) -> Message:
        message = await self._receive()
        self._size += len(message.get("body", b""))
        if self._size > LARGEST_BODY:
            raise _TooLarge
        return message


async def _refuse_too_large(receive: Receive, send: Send) -> None:
    """Answers at once and throws away what still comes, for a while.

    Closed with bytes unread, TCP sends a reset, and the client may lose the answer to it.
    """
    response = problem("too_large", f"A body has at most {LARGEST_BODY:,} bytes.")
    response.headers["connection"] = "close"
    await send({"type": "http.response.start", "status": response.status_code, "headers": response.raw_headers})
    await send({"type": "http.response.body", "body": response.body, "more_body": True})
    with suppress(TimeoutError):
        async with asyncio.timeout(LINGER):
            while (await receive()).get("more_body", False):
                pass
    await send({"type": "http.response.body", "body": b"", "more_body": False})


def _has_body(headers: Headers) -> bool:
    return headers.get("content-length", "0") != "0" or "transfer-encoding" in headers


def _cors(origin: str) -> list[tuple[bytes, bytes]]:
    return [(b"access-control-allow-origin", origin.encode()), (b"vary", b"Origin")]


def _preflight(origin: str) -> Response:
    return Response(
        status_code=204,
        headers={
            "access-control-allow-origin": origin,
            "access-control-allow-methods": "GET, POST, PATCH, PUT, DELETE",
            "access-control-allow-headers": _ALLOWED_HEADERS,
            "access-control-max-age": "600",
            "vary": "Origin",
        },
    )


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host and not host.startswith("[") else host


def _origin_of(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
