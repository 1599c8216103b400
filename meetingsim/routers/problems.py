"""The one error shape: RFC 9457 ``application/problem+json`` with the refusal's code."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import orjson
import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.routing import compile_path

from meetingsim.journal.protocol import JournalUnavailable
from meetingsim.state.codes import REFUSALS
from meetingsim.state.control import Refuse

log = structlog.get_logger("meetingsim.http")
PROBLEM = "application/problem+json"
_BY_STATUS = {
    400: "malformed",
    401: "unauthorised",
    403: "not_permitted",
    404: "not_found",
    405: "method_not_allowed",
    413: "too_large",
    415: "malformed",
    422: "malformed",
    503: "unavailable",
}
"""The code of what the framework itself refuses; ``not_found`` and ``method_not_allowed`` are about the path alone."""


def problem(code: str, detail: str, *, status: int | None = None, **more: Any) -> Response:
    """A refusal as a response."""
    known = REFUSALS.get(code)
    number = status or (known.status if known else 500)
    body = {
        "type": "about:blank",
        "title": HTTPStatus(number).phrase,
        "status": number,
        "detail": detail,
        "code": code,
        "temporary": known.temporary if known else False,
        "rule": code,
        "door": "http",
        **more,
    }
    headers = {"WWW-Authenticate": "Bearer"} if number == 401 else {}
    return Response(orjson.dumps(body), number, headers=headers, media_type=PROBLEM)


def install(app: FastAPI) -> None:
    """Makes every error of the app, the framework's own too, one shape."""

    @app.exception_handler(Refuse)
    async def _refuse(_: Request, error: Refuse) -> Response:
        refusal = error.refusal
        return problem(refusal.code, refusal.detail, **dict(refusal.because))

    @app.exception_handler(RequestValidationError)
    async def _invalid(_: Request, error: RequestValidationError) -> Response:
        parts = [f"{'.'.join(str(step) for step in one['loc'])}: {one['msg']}" for one in error.errors()[:5]]
        return problem("malformed", "; ".join(parts) + ".")

    @app.exception_handler(HTTPException)
    async def _http(request: Request, error: HTTPException) -> Response:
        code = _BY_STATUS.get(error.status_code, "malformed")
        response = problem(code, str(error.detail), status=error.status_code)
        response.headers.update(error.headers or {})
        if error.status_code == 405:
            response.headers["Allow"] = ", ".join(_methods(app, request.url.path))
        return response

    @app.exception_handler(JournalUnavailable)
    async def _unavailable(_: Request, error: JournalUnavailable) -> Response:
        return problem("unavailable", str(error))

    @app.exception_handler(Exception)
    async def _unexpected(request: Request, error: Exception) -> Response:
        log.error("unexpected", path=request.url.path, exc_info=error)
        return problem("unavailable", "The server failed at this; its log says why.", status=500)


def _methods(app: FastAPI, path: str) -> list[str]:
    """Every method a path has; the framework names those of the first route alone. The most literal template counts."""
    paths = app.openapi()["paths"]
    found = [template for template in paths if compile_path(template)[0].match(path)]
    own = min(found, key=lambda template: template.count("{"), default=None)
    return sorted(method.upper() for method in paths[own]) if own else []
