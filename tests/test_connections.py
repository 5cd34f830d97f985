"""Clients that are slow on purpose, and those that are only slow."""

import contextlib
import socket
import threading
import time

import pytest
import uvicorn

from admatch.connections import TimedProtocol, most_connections

LARGE = 40_000_000  # bytes of an answer: more than the system's buffers take


class HastyProtocol(TimedProtocol):
    head_seconds = 0.5
    body_seconds = 0.5
    least_bytes = 1000
    most_connections = 20


async def app(scope, receive, send):
    """Read the body, then answer with how much it was, or with a large body."""
    if scope["type"] != "http":
        return
    size, more = 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        size, more = size + len(message.get("body", b"")), message.get("more_body", False)
    text = b"x" * LARGE if scope["path"] == "/large" else str(size).encode()
    length = (b"content-length", str(len(text)).encode())
    await send({"type": "http.response.start", "status": 200, "headers": [length]})
    await send({"type": "http.response.body", "body": text})


@contextlib.contextmanager
def serving(protocol):
    """Serve ``app`` by a protocol; yields the port."""
    held = socket.socket()
    held.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 16)  # soon full, and soon read
    held.bind(("127.0.0.1", 0))
    config = uvicorn.Config(app, http=protocol, ws="none", log_level="error", lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, args=([held],), daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield held.getsockname()[1]
    server.should_exit = True
    thread.join(20)


@pytest.fixture(scope="module")
def port():
    with serving(HastyProtocol) as number:
        yield number


@pytest.fixture
def connect(port):
    """Open connections, which are closed in the end."""
    with contextlib.ExitStack() as stack:
        yield lambda: stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=10))


def is_ended(connection):
    """Wait until the server ends a connection."""
    try:
        return connection.recv(1) == b""
    except ConnectionResetError:
        return True


def read(connection, length):
    """Return so many bytes of what the server sends."""
    found = b""
    while len(found) < length:
        block = connection.recv(length - len(found))
        assert block, "the connection ended"
        found += block
    return found


def head_and_body(connection):
    """Return the body of an answer."""
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        head += read(connection, 1)
    assert head.startswith(b"HTTP/1.1 200"), head
    length = int(head.partition(b"content-length: ")[2].partition(b"\r\n")[0])
    return read(connection, length)


def trickle(connection, content):
    """Send byte by byte."""
    for byte in content:
        connection.sendall(bytes([byte]))
        time.sleep(0.05)


ENDED = "reset|[Bb]roken pipe"
GET = b"GET /%s HTTP/1.1\r\nHost: localhost\r\n\r\n"
POST = b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n"


@pytest.mark.parametrize("sent", [b"", b"GET / HTTP/1.1\r\nHost: loc"])
def test_a_request_that_never_comes_is_not_waited_for(connect, sent):
    connection = connect()
    connection.sendall(sent)
    assert is_ended(connection)


def test_a_head_that_comes_letter_by_letter_is_not_waited_for(connect):
    with pytest.raises(OSError, match=ENDED):
        trickle(connect(), GET * 100)


def test_a_body_that_trickles_in_is_not_waited_for(connect):
    connection = connect()
    connection.sendall(POST % 1_000_000)
    with pytest.raises(OSError, match=ENDED):
        trickle(connection, b"x" * 100)


def test_an_answer_that_is_not_taken_ends(connect):
    connection = connect()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    connection.sendall(GET % b"large")
    time.sleep(2)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)  # what was sent comes fast
    found = 0
    with contextlib.suppress(ConnectionResetError):
        while block := connection.recv(65536):
            found += len(block)
    assert found < LARGE


def test_slow_clients_are_served(connect):
    connection = connect()
    connection.sendall(POST % 20_000)
    for _ in range(10):  # twice as long as a body may pause
        connection.sendall(b"x" * 2000)
        time.sleep(0.1)
    assert head_and_body(connection) == b"20000"


def test_slow_readers_get_all_of_it(connect):
    connection = connect()
    connection.sendall(GET % b"large")
    head, _, start = connection.recv(4096).partition(b"\r\n\r\n")
    left = LARGE - len(start)
    while left:
        time.sleep(0.03)  # 1.2 s in all
        left -= len(read(connection, min(1_000_000, left)))
    assert b"200 OK" in head


def test_one_connection_serves_several_requests(connect):
    connection = connect()
    for _ in range(3):
        connection.sendall(GET % b"")
        assert head_and_body(connection) == b"0"
        time.sleep(0.3)
    assert is_ended(connection)


def test_the_oldest_idle_connection_makes_room(connect):
    idle = [connect() for _ in range(40)]
    latest = connect()
    latest.sendall(GET % b"")
    assert head_and_body(latest) == b"0"
    assert is_ended(idle[0])


def test_as_many_descriptors_as_there_may_be_are_used(monkeypatch):
    resource = pytest.importorskip("resource")
    limits = [(256, 4096), (256, 256), (1024, resource.RLIM_INFINITY)]
    allowed = []
    monkeypatch.setattr(resource, "setrlimit", lambda _, both: allowed.append(both))
    found = []
    for both in limits:
        monkeypatch.setattr(resource, "getrlimit", lambda _, both=both: both)
        found.append(most_connections())
    assert found == [3840, 64, 7936]
    assert allowed == [(4096, 4096), (8192, resource.RLIM_INFINITY)]
