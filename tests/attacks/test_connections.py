"""Hundreds of clients that send a letter now and then; everybody else is served meanwhile.

The reduced forms are ``tests/test_connections.py`` and ``tests/agents/test_slow_clients.py``.
"""

import time
from urllib.parse import urlsplit

import pytest

from tests.agents.conftest import sample_root
from tests.agents.connect import TOKEN, connected, listening, transport
from tests.attacks.record import record
from tests.attacks.slow_clients import SlowClients
from tests.web.conftest import report_csv
from tests.web.processes import Served

SENT = (
    b"GET /api/v1/session HTTP/1.1\r\nHost: localhost\r\nX-A: " + b"a" * 10_000,
    b"POST /api/v1/reports HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999\r\n\r\n"
    + b"x" * 10_000,
    b"",  # never says anything
)
_SIGNED = f"Authorization: Bearer {TOKEN}\r\n".encode()
_POST = b"POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999\r\n"
SENT_TO_AGENTS = (
    b"GET /mcp HTTP/1.1\r\nHost: localhost\r\n" + _SIGNED + b"X-A: " + b"a" * 10_000,
    _POST + _SIGNED + b"Content-Type: application/json\r\n\r\n" + b"[" * 10_000,
    _POST + b"\r\n" + b"x" * 10_000,  # without the token
    b"",
)


class Meanwhile:
    """How often others asked while slow clients were there, and the slowest answer."""

    def __init__(self) -> None:
        self.asked, self.slowest = 0, 0.0

    def ask(self, ask, seconds=60):
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            began = time.monotonic()
            ask()
            self.slowest = max(self.slowest, time.monotonic() - began)
            self.asked += 1
            time.sleep(0.2)
        assert self.slowest < 10

    def record(self, campaign, count):
        figures = {"requests_meanwhile": self.asked, "slowest_seconds": round(self.slowest, 2)}
        record(campaign, tried=count, held=count, **figures)


@pytest.mark.parametrize("count", [pytest.param(200, marks=pytest.mark.slow)])
def test_slow_clients_hold_nobody_up(tmp_path, count):
    server = Served(tmp_path / "ws")
    slow = SlowClients(server.port, count, SENT)

    def ask():
        assert server.http.get("/session").status_code == 200
        server.http.cookies.clear()

    meanwhile = Meanwhile()
    try:
        meanwhile.ask(ask)
        made = server.http.post("/reports", files=[("files", ("a.csv", report_csv("oat")))])
        assert server.ended(f"/reports/{made.json()['id']}")["state"] == "done"
    finally:
        slow.stop()
        server.stop()
    assert slow.ended > 0  # those that kept others waiting were cut off
    meanwhile.record("connections", count)


@pytest.mark.parametrize("count", [pytest.param(200, marks=pytest.mark.slow)])
def test_slow_clients_hold_no_agent_up(tmp_path, count):
    root, meanwhile = sample_root(tmp_path / "root"), Meanwhile()
    with listening(root, "--token", TOKEN) as address:
        slow = SlowClients(urlsplit(address).port, count, SENT_TO_AGENTS)
        try:
            with connected(transport(address, TOKEN)) as agent:
                meanwhile.ask(lambda: agent.read("admatch://files"))
                assert agent.call("check_report", file="catalog.csv")["usable"]
        finally:
            slow.stop()
    assert slow.ended > 0
    meanwhile.record("agent_connections", count)
