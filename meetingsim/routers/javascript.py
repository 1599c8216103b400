"""The client for JavaScript, served as it stands beside this file, so that a page or a test needs nothing but the server."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

from fastapi import APIRouter, Request, Response

_STATIC = Path(__file__).parent / "static"
_KINDS = {"client.js": "text/javascript; charset=utf-8", "client.d.ts": "text/plain; charset=utf-8"}


class _File:
    """A file in memory, and how it is answered."""

    def __init__(self, name: str) -> None:
        self._bytes = (_STATIC / name).read_bytes()
        self._headers = {
            "Content-Type": _KINDS[name],
            "ETag": f'"{sha256(self._bytes).hexdigest()[:32]}"',
            "Cache-Control": "no-cache",  # may be kept, and is asked after: another version may serve another one
        }

    def answer(self, request: Request) -> Response:
        """The file, or 304 for whoever has it already."""
        if self._is_known(request.headers.get("if-none-match", "")):
            return Response(status_code=304, headers=self._headers)
        return Response(self._bytes, headers=self._headers)

    def _is_known(self, said: str) -> bool:
        tags = {tag.strip().removeprefix("W/") for tag in said.split(",")}
        return bool(tags & {"*", self._headers["ETag"]})


def router() -> APIRouter:
    """The routes ``/client.js`` and ``/client.d.ts``. They are files, no part of the interface that OpenAPI describes."""
    routes = APIRouter(include_in_schema=False)
    module, types = _File("client.js"), _File("client.d.ts")

    @routes.get("/client.js")
    async def client_module(request: Request) -> Response:
        """The module."""
        return module.answer(request)

    @routes.get("/client.d.ts")
    async def client_types(request: Request) -> Response:
        """Its types."""
        return types.answer(request)

    return routes
