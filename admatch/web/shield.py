"""What stands before every request: hosts, sizes, headers, and a log without contents."""

import logging
import time
from logging.handlers import RotatingFileHandler
from pathlib import Path

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from admatch.web.problems import problem

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
_KEPT = 5 * 2**20  # bytes of one file of the access log


class Shield:
    """Refuses what no route should see, and puts the headers on every answer."""

    def __init__(self, app: ASGIApp, hosts: tuple[str, ...], largest: int, secure: bool) -> None:
        self._app, self._hosts, self._largest, self._secure = app, hosts, largest, secure

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        answer = self._with_headers(send, scope["path"])
        refusal = self._refusal(headers)
        if refusal is not None:
            await problem(*refusal)(scope, receive, answer)
            return
        counted = _Counted(receive, self._largest)
        await self._app(scope, counted, _Unless(counted, scope, answer, self._too_large()))

    def _refusal(self, headers: Headers) -> tuple[int, str] | None:
        if self._hosts and _host(headers.get("host", "")) not in self._hosts:
            return 400, "this server does not answer under that name; start it with --host"
        length = headers.get("content-length", "0")
        if not length.isdigit():
            return 400, "the length of the request cannot be understood"
        if int(length) > self._largest:
            return self._too_large()
        return None

    def _too_large(self) -> tuple[int, str]:
        return 413, f"a request has at most {self._largest // 2**20} MiB; send fewer files"

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


class _Counted:
    """A request's body, which breaks off where it is larger than it may be."""

    def __init__(self, receive: Receive, largest: int) -> None:
        self._receive, self._left = receive, largest

    @property
    def over(self) -> bool:
        """Whether too much came."""
        return self._left < 0

    async def __call__(self) -> Message:
        message = await self._receive()
        self._left -= len(message.get("body", b""))
        return {"type": "http.disconnect"} if self.over else message


class _Unless:
    """Sends what the app answers, unless too much came: then it says so."""

    def __init__(
        self, counted: _Counted, scope: Scope, send: Send, refusal: tuple[int, str]
    ) -> None:
        self._counted, self._scope, self._send = counted, scope, send
        self._refusal, self._told = refusal, False

    async def __call__(self, message: Message) -> None:
        if not self._counted.over:
            await self._send(message)
        elif not self._told:
            self._told = True
            await problem(*self._refusal)(self._scope, self._counted, self._send)


class AccessLog:
    """A line a request: when, method, path, status, milliseconds. No query, no contents."""

    def __init__(self, app: ASGIApp, file: Path) -> None:
        self._app = app
        self._log = logging.Logger("admatch.access", logging.INFO)
        handler = RotatingFileHandler(file, maxBytes=_KEPT, backupCount=3, encoding="utf-8")
        handler.setFormatter(logging.Formatter("%(asctime)s %(message)s"))
        self._log.addHandler(handler)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, then tell of it."""
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
    """Return the path as it was sent, escaped: no line break gets into the log."""
    raw: bytes = scope.get("raw_path") or b""
    return raw.split(b"?")[0][:200].decode("ascii", "replace")


def _host(value: str) -> str:
    """Return a Host header's name without the port."""
    if value.startswith("["):
        return value.partition("]")[0] + "]"
    return value.partition(":")[0].lower()
