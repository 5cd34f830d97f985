"""Errors as RFC 9457 problem+json: one clear sentence, never a trace."""

import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from admatch.errors import AdmatchError
from admatch.messages import Message, say
from admatch.tables.atomic import is_full
from admatch.web.api.sentence import Sentence
from admatch.web.invalid_fields import invalid_request
from admatch.web.store.queue import is_known
from admatch.web.work.worker_process import FaultError

_LOG = logging.getLogger(__name__)


class Problem(BaseModel):
    """What went wrong, in one sentence that says what to do."""

    type: str = "about:blank"
    title: str = Field(examples=["Unprocessable Content"])
    status: int = Field(examples=[422])
    detail: str = Field(examples=["report.csv: the file is empty; download it again"])
    message: Sentence = Field(description="The detail, so that it can be translated.")


class ProblemError(Exception):
    """An error that is answered as a problem."""

    def __init__(self, status: int, detail: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(detail)
        self.status, self.detail, self.headers = status, detail, dict(headers or {})


def problem(status: int, detail: str, headers: Mapping[str, str] | None = None) -> JSONResponse:
    """Return a problem as an answer."""
    body = Problem(
        title=HTTPStatus(status).phrase, status=status, detail=str(detail), message=detail
    )
    return JSONResponse(
        body.model_dump(), status, dict(headers or {}), media_type="application/problem+json"
    )


# The problems that every route may answer with, for the OpenAPI document.
PROBLEMS: dict[int | str, dict[str, Any]] = {
    status: {
        "model": Problem,
        "description": HTTPStatus(status).phrase,
        "content": {"application/problem+json": {}},
    }
    for status in (400, 401, 403, 404, 405, 409, 413, 415, 422, 429, 503)
}

_MISSING = {
    "audit": say("web.missing.audit"),
    "catalog": say("web.missing.catalog"),
    "decision": say("web.missing.decision"),
    "download": say("web.missing.download"),
    "language": say("web.missing.language"),
    "picture": say("web.missing.picture"),
    "product": say("web.missing.product"),
    "report": say("web.missing.report"),
    "run": say("web.missing.run"),
    "theme": say("web.missing.theme"),
}
_BY_STATUS = {
    400: say("web.request.unreadable"),
    404: say("web.request.no_address"),
    405: say("web.request.method"),
}


def not_found(what: str) -> ProblemError:
    """Return the problem of something that the account does not have."""
    return ProblemError(404, _MISSING[what])


def _deleted(request: Request) -> str | None:
    """Return what a request was about and is not there any more: files went while it was read."""
    for name, value in request.path_params.items():
        what = name.removesuffix("_id")
        if what in ("catalog", "report", "run"):
            return None if is_known(request.app.state.server.workspace, value) else what
    return None


def handle_problems(app: FastAPI) -> None:
    """Answer every error of the app as a problem."""

    @app.exception_handler(ProblemError)
    async def of_route(request: Request, error: ProblemError) -> JSONResponse:
        return problem(error.status, error.detail, error.headers)

    @app.exception_handler(AdmatchError)
    async def of_input(request: Request, error: AdmatchError) -> JSONResponse:
        return problem(422, error.message)

    @app.exception_handler(TimeoutError)
    async def of_waiting(request: Request, error: TimeoutError) -> JSONResponse:
        why = error.args[0] if error.args else None
        detail = why if isinstance(why, Message) else say("web.request.slow")
        return problem(503, detail, {"Retry-After": "30"})

    @app.exception_handler(OSError)
    async def of_disk(request: Request, error: OSError) -> JSONResponse:
        if is_full(error):
            return problem(503, say("web.server.no_room"), {"Retry-After": "600"})
        return await of_admatch(request, error)

    @app.exception_handler(RequestValidationError)
    async def of_fields(request: Request, error: RequestValidationError) -> JSONResponse:
        return problem(422, invalid_request(error.errors()))

    @app.exception_handler(HTTPException)
    async def of_http(request: Request, error: HTTPException) -> JSONResponse:
        detail = _BY_STATUS.get(error.status_code) or say(
            "web.request.refused", status=str(error.status_code)
        )
        return problem(error.status_code, detail, error.headers)

    @app.exception_handler(FaultError)
    @app.exception_handler(Exception)
    async def of_admatch(request: Request, error: Exception) -> JSONResponse:
        if gone := await run_in_threadpool(_deleted, request):
            return problem(404, _MISSING[gone])
        _LOG.error("%s %s", request.method, request.url.path, exc_info=error)
        return problem(500, say("web.server.failed"))
