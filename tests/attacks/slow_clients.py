"""Clients that send a letter now and then, or nothing, and never take an answer."""

import contextlib
import selectors
import socket
import threading
from collections.abc import Sequence


class SlowClients:
    """Connections that each send a byte every second of one of these contents, in turn."""

    def __init__(self, port: int, count: int, contents: Sequence[bytes]) -> None:
        self._port, self._contents, self._over = port, contents, threading.Event()
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
                content = self._contents[number % len(self._contents)]
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
