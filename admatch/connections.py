"""Connections of servers on this computer: slow and idle clients cannot block them."""

import asyncio
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

_RESERVED = 256  # descriptors for the database, workers, uploads, and what is being accepted
_MOST_DESCRIPTORS = 8192
# What every server has, whoever its clients are.
SERVING: dict[str, Any] = {
    "ws": "none",
    "backlog": 64,  # connections accepted at once: asyncio stumbles for seconds without descriptors
    "log_level": "warning",
    "access_log": False,
    "server_header": False,
    "timeout_graceful_shutdown": 3,
}


def most_connections() -> int:
    """Return how many connections there may be, after allowing as many descriptors as possible."""
    try:
        import resource
    except ImportError:  # Windows has no such limit
        return _MOST_DESCRIPTORS
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = _MOST_DESCRIPTORS if hard == resource.RLIM_INFINITY else min(hard, _MOST_DESCRIPTORS)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
    return max(most - _RESERVED, most // 4)


def timed_protocol(most: int) -> type["TimedProtocol"]:
    """Return the protocol for at most so many connections."""
    return type("Timed", (TimedProtocol,), {"most_connections": most})


class TimedProtocol(H11Protocol):
    """HTTP/1.1 for clients that may be slow on purpose.

    A connection ends when a request's head takes longer than ``head_seconds``, or when fewer than
    ``least_bytes`` of a body, or of an answer that waits to be sent, move within ``body_seconds``.
    Where there are more than ``most_connections``, the one that has waited longest makes room.
    """

    head_seconds = 10.0
    body_seconds = 30.0
    least_bytes = 8192
    most_connections = _MOST_DESCRIPTORS

    _since = 0.0  # when the connection began to wait for a request
    _timer: asyncio.TimerHandle | None = None
    _received = 0  # bytes since the last check
    _unsent: int | None = None  # bytes that were stuck at the last check, unless they went out

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Start the clock, and end another connection where there are too many."""
        super().connection_made(transport)
        self._restart_clock()
        self._make_room()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the clock."""
        self._stop_clock()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take what the client sent; when a request's head is complete, its body's clock starts."""
        waited = self._waits_for_head
        super().data_received(data)
        self._received += len(data)
        if waited and not self._waits_for_head:
            self._restart_clock()

    def on_response_complete(self) -> None:
        """Wait for the next request, unless it is there already."""
        super().on_response_complete()
        if not self.transport.is_closing():
            self._restart_clock()

    def resume_writing(self) -> None:
        """Note that the client takes what is sent."""
        self._unsent = None
        super().resume_writing()

    @property
    def _waits_for_head(self) -> bool:
        return self.cycle is None or self.cycle.response_complete

    @property
    def _waits_for_body(self) -> bool:
        """Whether the client owes bytes: not while admatch is slower to take them."""
        if self._waits_for_head:  # it was refused, and sends the rest of its body all the same
            return self.conn.their_state is h11.SEND_BODY
        return self.cycle.more_body and not self.flow.read_paused

    def _check(self) -> None:
        """End the connection if its client was too slow since the last check."""
        stuck = self.flow.write_paused or self._waits_for_head
        unsent = self.transport.get_write_buffer_size() if stuck else 0
        if unsent:
            slow = self._unsent is not None and self._unsent - unsent < self.least_bytes
        elif self._waits_for_body:
            slow = self._received < self.least_bytes
        else:
            slow = self._waits_for_head
        if slow:
            self.transport.abort()
            return
        self._received, self._unsent = 0, unsent or None
        self._timer = self.loop.call_later(self.body_seconds, self._check)

    def _restart_clock(self) -> None:
        self._stop_clock()
        self._since, self._received, self._unsent = self.loop.time(), 0, None
        seconds = self.head_seconds if self._waits_for_head else self.body_seconds
        self._timer = self.loop.call_later(seconds, self._check)

    def _stop_clock(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _make_room(self) -> None:
        """Where there are too many, end the connection that has waited longest for its client."""
        if len(self.connections) <= self.most_connections:
            return
        all_of_them = [one for one in self.connections if isinstance(one, TimedProtocol)]
        others = [one for one in all_of_them if one is not self and not one.transport.is_closing()]
        if len(others) < self.most_connections:
            return
        waiting = [one for one in others if one._waits_for_head]
        waiting = waiting or [one for one in others if one._waits_for_body]
        if waiting:
            min(waiting, key=lambda one: one._since).transport.abort()
