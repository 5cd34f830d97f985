"""The socket that the page is served on: ``listen``."""

import asyncio
import ssl

import uvicorn
from fastapi import FastAPI

from admatch.connections import SERVING, TimedProtocol, most_connections, timed_protocol
from admatch.web.handshake import Handshake


def listen(
    app: FastAPI,
    host: str,
    port: int,
    *,
    context: ssl.SSLContext | None = None,
    behind_proxy: bool = False,
) -> None:
    """Serve the app until Ctrl-C, by https where there is a ``context``.

    ``behind_proxy``: a proxy on this computer names the clients. Without one, whoever connects
    could claim any address in X-Forwarded-For.
    """
    most = most_connections()
    if context:
        most //= 2  # the other half are in their handshake
    protocol: type[asyncio.Protocol] = timed_protocol(most)
    if context:
        seconds = TimedProtocol.head_seconds
        protocol = Handshake.before(protocol, context, seconds=seconds, most=most)
    uvicorn.run(app, host=host, port=port, http=protocol, proxy_headers=behind_proxy, **SERVING)
