"""What every request passes first: checks of host and size, security headers, the access log."""

import logging
import re
import time
from collections.abc import Callable
from logging.handlers import RotatingFileHandler
from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from admatch.messages import say
from admatch.web.problems import ProblemError, problem

_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: blob:",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
}
PLAIN = 2 * 2**20  # bytes of a body that is no upload: verdicts on 100,000 decisions take 1.2 MB
_DIGITS = 18  # of a length; more are never meant
_LOG_SIZE = 5 * 2**20  # bytes of one file of the access log
_HOST = re.compile(r"(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::\d{1,5})?", re.IGNORECASE | re.ASCII)


class RequestGuard:
    """Refuses requests that no route should see, and adds the security headers to every answer.

    ``hosts`` are the names that the server answers to; empty: any. ``largest`` is the most bytes of
    an upload; other bodies have at most ``PLAIN``. ``why_refused`` judges a request by its head.
    """

    def __init__(
        self,
        app: ASGIApp,
        hosts: tuple[str, ...],
        largest: int,
        secure: bool,
        why_refused: Callable[[Request], ProblemError | None],
    ) -> None:
        self._app, self._hosts, self._largest, self._secure = app, hosts, largest, secure
        self._why_refused = why_refused

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        send_with_headers = self._with_headers(send, scope["path"])
        largest = self._largest if _is_upload(headers) else min(PLAIN, self._largest)
        refusal = self._refusal(headers, largest) or await self._refused_upload(scope, headers)
        if refusal is not None:
            answer = problem(refusal.status, refusal.detail, refusal.headers)
            await answer(scope, receive, send_with_headers)
            return
        body = _LimitedBody(receive, largest)
        await self._app(
            scope, body, _RefusedIfTooLarge(body, scope, send_with_headers, _too_large(largest))
        )

    async def _refused_upload(self, scope: Scope, headers: Headers) -> ProblemError | None:
        """Return why a large form is refused: a route would read all of it before it asks whose."""
        length = headers.get("content-length")
        if not _is_upload(headers) or (length is not None and int(length) <= PLAIN):
            return None
        return await run_in_threadpool(self._why_refused, Request(scope))

    def _refusal(self, headers: Headers, largest: int) -> ProblemError | None:
        if not self._answers_to(headers.getlist("host")):
            return ProblemError(400, say("web.request.host"))
        length = headers.get("content-length", "0")
        if not (length.isascii() and length.isdigit()):
            return ProblemError(400, say("web.request.length"))
        if len(length) > _DIGITS or int(length) > largest:
            return _too_large(largest)
        return None

    def _answers_to(self, hosts: list[str]) -> bool:
        """Return whether the server has the name of the Host header, of which there is one."""
        if not self._hosts and not hosts:
            return True
        name = host_name(hosts[0]) if len(hosts) == 1 else None
        return name is not None and (not self._hosts or name in self._hosts)

    def _with_headers(self, send: Send, path: str) -> Send:
        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
                if self._secure:
                    headers["Strict-Transport-Security"] = "max-age=31536000"
                if not path.startswith("/static/"):
                    headers.setdefault("Cache-Control", "no-store")
            await send(message)

        return sending


class _LimitedBody:
    """A request's body, which breaks off where it is larger than allowed."""

    def __init__(self, receive: Receive, largest: int) -> None:
        self._receive, self._left = receive, largest

    @property
    def too_large(self) -> bool:
        """Whether the body was larger than allowed."""
        return self._left < 0

    async def __call__(self) -> Message:
        message = await self._receive()
        self._left -= len(message.get("body", b""))
        return {"type": "http.disconnect"} if self.too_large else message


class _RefusedIfTooLarge:
    """Sends the app's answer, or the refusal where the body was too large."""

    def __init__(self, body: _LimitedBody, scope: Scope, send: Send, refusal: ProblemError) -> None:
        self._body, self._scope, self._send = body, scope, send
        self._refusal, self._refused = refusal, False

    async def __call__(self, message: Message) -> None:
        if not self._body.too_large:
            await self._send(message)
        elif not self._refused:
            self._refused = True
            answer = problem(self._refusal.status, self._refusal.detail)
            await answer(self._scope, self._body, self._send)


def _is_upload(headers: Headers) -> bool:
    return headers.get("content-type", "").lower().startswith("multipart/form-data")


def _too_large(largest: int) -> ProblemError:
    return ProblemError(413, say("web.request.too_large", most=largest // 2**20))


class AccessLog:
    """Logs a line a request: when, method, path, status, milliseconds. No query, no contents."""

    def __init__(self, app: ASGIApp, file: Path) -> None:
        self._app = app
        self._log = logging.Logger("admatch.access", logging.INFO)
        handler = RotatingFileHandler(file, maxBytes=_LOG_SIZE, backupCount=3, encoding="utf-8")
        handler.setFormatter(logging.Formatter("%(asctime)s %(message)s"))
        self._log.addHandler(handler)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, then log it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, status = time.monotonic(), 0

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = int(message["status"])
            await send(message)

        try:
            await self._app(scope, receive, sending)
        finally:
            took = round(1000 * (time.monotonic() - began))
            self._log.info("%s %s %s %d ms", scope["method"], _path(scope), status, took)


def _path(scope: Scope) -> str:
    """Return the path as it was sent, escaped, so that no line break gets into the log.

    It ends before a product's id: the log stays when products are deleted.
    """
    raw: bytes = scope.get("raw_path") or b""
    path = raw.split(b"?")[0][:200].decode("ascii", "replace")
    before, product, _ = getattr(scope.get("route"), "path", "").partition("{product_id")
    name = "/" + before.rstrip("/").rpartition("/")[2] + "/"  # such as /pictures/
    return path.partition(name)[0] + name + "…" if product else path


def host_name(value: str) -> str | None:
    """Return a Host header's name without the port, in small letters; None if it is malformed."""
    found = _HOST.fullmatch(value)
    return found[1].lower() if found else None
