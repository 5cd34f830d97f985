"""The handshake of https, for clients that may be slow on purpose: ``Handshake``."""

import asyncio
import ssl
from pathlib import Path
from typing import Any, ClassVar

from admatch.errors import InputError
from admatch.messages import say


def tls_context(certificate: Path, key: Path | None) -> ssl.SSLContext:
    """Return how to encrypt; raises ``InputError`` where the certificate cannot be used."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    try:
        # Without a password OpenSSL would ask for one on the terminal.
        context.load_cert_chain(certificate, key, password="")
    except (OSError, ValueError) as error:  # ssl.SSLError is an OSError
        reason = error.strerror or str(error) if isinstance(error, OSError) else str(error)
        raise InputError(
            say("web.certificate_unusable", file=str(certificate), reason=reason)
        ) from error
    return context


class Handshake(asyncio.Protocol):
    """A connection until its handshake is over; then ``protocol`` has it.

    asyncio's own would wait for a minute, and nobody could count those that it waits for.
    """

    protocol: ClassVar[type[Any]]
    context: ClassVar[ssl.SSLContext]
    seconds: ClassVar[float]
    most: ClassVar[int]  # of handshakes at a time: the one that has taken longest makes room
    _waiting: ClassVar[dict["Handshake", asyncio.Transport]]  # the oldest first

    def __init__(self, **settings: Any) -> None:  # noqa: ANN401
        self._inner = self.protocol(**settings)
        self._early = b""  # what came with the end of the handshake
        self._task: asyncio.Task[None] | None = None

    @classmethod
    def before(
        cls, protocol: type[Any], context: ssl.SSLContext, *, seconds: float, most: int
    ) -> type["Handshake"]:
        """Return the class of connections that become ``protocol`` after their handshake."""
        held = {"context": context, "seconds": seconds, "most": most, "_waiting": {}}
        return type("HandshakeBefore", (cls,), {"protocol": protocol, **held})

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin the handshake, and end the oldest one where there are too many."""
        assert isinstance(transport, asyncio.Transport)
        while len(self._waiting) >= self.most:
            self._waiting.pop(next(iter(self._waiting))).abort()
        self._waiting[self] = transport
        self._task = asyncio.get_running_loop().create_task(self._shake(transport))

    def data_received(self, data: bytes) -> None:
        """Keep a request that came before ``protocol`` has the connection."""
        self._early += data

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        self._waiting.pop(self, None)

    async def _shake(self, transport: asyncio.Transport) -> None:
        loop = asyncio.get_running_loop()
        try:
            encrypted = await loop.start_tls(
                transport, self, self.context,
                server_side=True, ssl_handshake_timeout=self.seconds,
            )  # fmt: skip
        except (OSError, RuntimeError):  # it was no client of https, or too slow
            encrypted = None
        finally:
            self._waiting.pop(self, None)
        if encrypted is None or encrypted.is_closing():
            transport.abort()
            return
        encrypted.set_protocol(self._inner)
        self._inner.connection_made(encrypted)
        if self._early:
            self._inner.data_received(self._early)
