"""The agents' server waits for no client that is slow on purpose; the limits are the page's."""

import socket
import time
from urllib.parse import urlsplit

import pytest

from admatch.connections import TimedProtocol

from .connect import TOKEN, listening

pytestmark = pytest.mark.long

SIGNED = f"GET /mcp HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {TOKEN}\r\n".encode()
LATE = TimedProtocol.head_seconds + 5.0


@pytest.fixture(scope="module")
def port(root):
    with listening(root, "--token", TOKEN) as address:
        yield urlsplit(address).port


def seconds_open(connections):
    """Send a letter every quarter of a second until the server has ended all connections."""
    began, left, longest = time.monotonic(), list(connections), 0.0
    while left and time.monotonic() - began < LATE:
        time.sleep(0.25)
        for one, letter in list(left):
            try:
                one.sendall(letter)
                if one.recv(1) == b"":
                    left.remove((one, letter))
            except BlockingIOError:  # it waits for more
                continue
            except OSError:
                left.remove((one, letter))
        longest = time.monotonic() - began
    return longest


def test_a_request_that_never_comes_is_not_waited_for(port):
    connections = []
    for begun, letter in ((b"", b""), (SIGNED, b""), (SIGNED + b"X-A: ", b"a"), (b"", b"G")):
        one = socket.create_connection(("127.0.0.1", port), timeout=10)
        one.sendall(begun)
        one.setblocking(False)
        connections.append((one, letter))
    try:
        assert seconds_open(connections) < LATE
    finally:
        for one, _ in connections:
            one.close()


def test_an_idle_connection_is_ended_after_its_answer(port):
    with socket.create_connection(("127.0.0.1", port), timeout=LATE) as one:
        one.sendall(b"GET /mcp HTTP/1.1\r\nHost: localhost\r\n\r\n")
        found = b""
        while block := one.recv(4096):  # the end: the server hangs up
            found += block
    assert found.startswith(b"HTTP/1.1 401")
