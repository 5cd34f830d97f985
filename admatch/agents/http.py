"""Streamable HTTP for agents on this computer, with a token: ``serve_http``."""

import hmac
import json
import re
import secrets
import socket
from collections.abc import Callable

import uvicorn
from mcp.server.mcpserver import MCPServer
from starlette.types import ASGIApp, Receive, Scope, Send

from admatch.connections import SERVING, most_connections, timed_protocol
from admatch.errors import InputError
from admatch.messages import say

HOST = "127.0.0.1"  # nothing else: other computers never connect
_TOKEN = re.compile(r"[!-~]{16,}")


def token_or_new(token: str | None) -> str:
    """Return the token, or a new one; raises ``InputError`` for one that headers cannot carry."""
    if token is None:
        return secrets.token_urlsafe(24)
    if not _TOKEN.fullmatch(token):
        raise InputError(say("agents.token_letters"))
    return token


def serve_http(server: MCPServer, port: int, token: str, ready: Callable[[str], None]) -> None:
    """Serve until Ctrl-C; ``ready`` is called with the address once the port is taken.

    Port 0 takes a free one. The SDK refuses other hosts' names and origins, so that no web page
    reaches the server through a browser.
    """
    with socket.create_server((HOST, port)) as taken:
        app = OnlyWithToken(server.streamable_http_app(host=HOST), token)
        protocol = timed_protocol(most_connections())
        config = uvicorn.Config(app, http=protocol, proxy_headers=False, **SERVING)
        ready(f"http://{HOST}:{taken.getsockname()[1]}/mcp")
        uvicorn.Server(config).run(sockets=[taken])


class OnlyWithToken:
    """An application that answers 401 to requests without the token."""

    def __init__(self, app: ASGIApp, token: str) -> None:
        self._app, self._expected = app, f"Bearer {token}".encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request with the token on; answer 401 to any other."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        given = dict(scope["headers"]).get(b"authorization", b"")
        if scope["type"] == "http" and hmac.compare_digest(given, self._expected):
            await self._app(scope, receive, send)
            return
        body = json.dumps({"error": "invalid_token"}).encode()
        headers = [
            (b"content-type", b"application/json"),
            (b"content-length", str(len(body)).encode()),
            (b"www-authenticate", b"Bearer"),
        ]
        await send({"type": "http.response.start", "status": 401, "headers": headers})
        await send({"type": "http.response.body", "body": body})
