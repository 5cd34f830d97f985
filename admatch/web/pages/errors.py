"""Errors as pages, for browsers; programs get problem+json as before."""

import json
from collections.abc import Awaitable, Callable
from typing import Any, cast
from urllib.parse import quote

from fastapi import FastAPI, Request
from fastapi.responses import RedirectResponse, Response

from admatch.messages import Message, from_json
from admatch.web.pages.page import labels_of, render

_Handler = Callable[[Request, Exception], Awaitable[Response]]
_WITH_TEXT = (403, 404, 429, 500, 503)  # the others are shown as a general failure


def show_errors(app: FastAPI) -> None:
    """Show every error that a person meets as a page; to be called after ``handle_problems``."""
    for kind, handler in list(app.exception_handlers.items()):
        app.exception_handlers[kind] = _with_page(cast("_Handler", handler))


def _with_page(handler: _Handler) -> Any:  # noqa: ANN401 - Starlette's handlers have no one type
    async def show(request: Request, error: Exception) -> Response:
        answer = await handler(request, error)
        return error_page(request, answer) if _is_for_person(request) else answer

    return show


def _is_for_person(request: Request) -> bool:
    path, accepted = request.url.path, request.headers.get("Accept", "")
    return not path.startswith(("/api/", "/static/")) and "text/html" in accepted


def error_page(request: Request, answer: Response) -> Response:
    """Return the page of a problem; whoever has to sign in is redirected."""
    status = answer.status_code
    if status == 401:
        back = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        return RedirectResponse(f"/login?next={quote(back, safe='')}", 303)
    kind = status if status in _WITH_TEXT else 0
    detail = _detail(request, answer)
    wait = answer.headers.get("Retry-After", "")
    page = render(request, "error", status=status, kind=kind, code=status, detail=detail, wait=wait)
    if wait:
        page.headers["Retry-After"] = wait
    return page


def _detail(request: Request, answer: Response) -> str:
    """Return what the problem says, in the reader's language."""
    body = json.loads(bytes(answer.body)) if answer.body else {}
    message = from_json(body.get("message") or body.get("detail", ""))
    if isinstance(message, Message):
        return message.in_language(labels_of(request).language)
    return message
