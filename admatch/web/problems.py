"""Errors as RFC 9457 problem+json: one clear sentence, never a trace."""

import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from admatch.errors import AdmatchError

_LOG = logging.getLogger(__name__)


class Problem(BaseModel):
    """What went wrong, in one sentence that says what to do."""

    type: str = "about:blank"
    title: str = Field(examples=["Unprocessable Content"])
    status: int = Field(examples=[422])
    detail: str = Field(examples=["the target ACOS is a share above 0, not 30; 30 % is 0.3"])


class ProblemError(Exception):
    """An answer that is a problem."""

    def __init__(self, status: int, detail: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(detail)
        self.status, self.detail, self.headers = status, detail, dict(headers or {})


def problem(status: int, detail: str, headers: Mapping[str, str] | None = None) -> JSONResponse:
    """Return the answer that tells a problem."""
    told = Problem(title=HTTPStatus(status).phrase, status=status, detail=detail)
    return JSONResponse(
        told.model_dump(), status, dict(headers or {}), media_type="application/problem+json"
    )


# What every route may answer, for the OpenAPI document.
PROBLEMS: dict[int | str, dict[str, Any]] = {
    status: {
        "model": Problem,
        "description": HTTPStatus(status).phrase,
        "content": {"application/problem+json": {}},
    }
    for status in (400, 401, 403, 404, 405, 409, 413, 415, 422, 429, 503)
}


def not_found(what: str) -> ProblemError:
    """Return the problem of something that the account does not have."""
    return ProblemError(404, f"there is no such {what}; it may have been deleted")


def tell_problems(app: FastAPI) -> None:
    """Let the app answer every error as a problem."""

    @app.exception_handler(ProblemError)
    async def told(request: Request, error: ProblemError) -> JSONResponse:
        return problem(error.status, error.detail, error.headers)

    @app.exception_handler(AdmatchError)
    async def refused(request: Request, error: AdmatchError) -> JSONResponse:
        return problem(422, str(error))

    @app.exception_handler(TimeoutError)
    async def late(request: Request, error: TimeoutError) -> JSONResponse:
        return problem(503, str(error) or "this takes too long just now", {"Retry-After": "30"})

    @app.exception_handler(RequestValidationError)
    async def unfit(request: Request, error: RequestValidationError) -> JSONResponse:
        return problem(422, _sentence(error))

    @app.exception_handler(HTTPException)
    async def plain(request: Request, error: HTTPException) -> JSONResponse:
        detail = str(error.detail)
        if error.status_code == 404:
            detail = "there is nothing at this address"
        return problem(error.status_code, detail, error.headers)

    @app.exception_handler(Exception)
    async def fault(request: Request, error: Exception) -> JSONResponse:
        _LOG.error("%s %s", request.method, request.url.path, exc_info=error)
        return problem(500, "admatch failed here; the server's log says why")


def _sentence(error: RequestValidationError) -> str:
    """Return what is wrong with a request: where, and what was expected."""
    first: Mapping[str, Any] = next(iter(error.errors()), {})
    place = ".".join(str(part) for part in first.get("loc", ()) if part not in ("body", "query"))
    told = str(first.get("msg", "the request cannot be understood"))
    more = len(error.errors()) - 1
    also = f" ({more} more like it)" if more > 0 else ""
    return f"{place or 'the request'}: {told[:1].lower()}{told[1:]}{also}"
