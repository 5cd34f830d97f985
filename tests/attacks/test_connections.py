"""Hundreds of clients that send a letter now and then; everybody else is served meanwhile."""

import contextlib
import selectors
import socket
import threading
import time

import pytest

from tests.attacks.record import record
from tests.web.conftest import report_csv
from tests.web.processes import Served

SENT = (
    b"GET /api/v1/session HTTP/1.1\r\nHost: localhost\r\nX-A: " + b"a" * 10_000,
    b"POST /api/v1/reports HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999\r\n\r\n"
    + b"x" * 10_000,
    b"",  # never says anything
)


class SlowClients:
    """Connections that each send a byte every second, and never take an answer."""

    def __init__(self, port: int, count: int) -> None:
        self._port, self._over = port, threading.Event()
        self.ended = 0
        self._open = [self._connected() for _ in range(count)]
        self._thread = threading.Thread(target=self._trickle, daemon=True)
        self._thread.start()

    def _connected(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self._port), timeout=30)

    def _trickle(self) -> None:
        at = 0
        while not self._over.wait(1.0):
            for number, one in enumerate(self._open):
                content = SENT[number % len(SENT)]
                try:
                    one.sendall(content[at : at + 1])
                    if not content or self._is_over(one):
                        continue
                except OSError:
                    self.ended += 1
                    with contextlib.suppress(OSError):
                        one.close()
                        self._open[number] = self._connected()
            at += 1

    def _is_over(self, one: socket.socket) -> bool:
        with selectors.DefaultSelector() as found:
            found.register(one, selectors.EVENT_READ)
            return bool(found.select(0))

    def stop(self) -> None:
        self._over.set()
        self._thread.join(30)
        for one in self._open:
            one.close()


@pytest.mark.parametrize("count", [pytest.param(200, marks=pytest.mark.slow)])
def test_slow_clients_hold_nobody_up(tmp_path, count):
    server = Served(tmp_path / "ws")
    slow = SlowClients(server.port, count)
    try:
        slowest, until = 0.0, time.monotonic() + 60
        asked = 0
        while time.monotonic() < until:
            began = time.monotonic()
            assert server.http.get("/session").status_code == 200
            server.http.cookies.clear()
            slowest, asked = max(slowest, time.monotonic() - began), asked + 1
            time.sleep(0.2)
        made = server.http.post("/reports", files=[("files", ("a.csv", report_csv("oat")))])
        assert server.ended(f"/reports/{made.json()['id']}")["state"] == "done"
    finally:
        slow.stop()
        server.stop()
    assert slowest < 10
    assert slow.ended > 0  # those that kept others waiting were cut off
    figures = {"requests_meanwhile": asked, "slowest_seconds": round(slowest, 2)}
    record("connections", tried=count, held=count, **figures)
