"""``admatch serve`` as a process of its own, to be ended without warning."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx


class Served:
    """A server process over a workspace; ``descriptors``: the most files that it may open."""

    def __init__(self, folder: Path, *options: str, descriptors: int | None = None) -> None:
        self.port = _free_port()
        self.log = folder.parent / f"serve-{self.port}.log"
        command = [sys.executable, "-c", "from admatch.cli.main import main; main()", "serve"]
        options = ("--workspace", str(folder), "--port", str(self.port), *options)
        if descriptors is not None:
            command = ["sh", "-c", f'ulimit -n {descriptors}; exec "$@"', "sh", *command]
        began = time.monotonic()
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [*command, *options], stderr=log, stdout=log, start_new_session=True
            )
        self.http = httpx.Client(base_url=f"http://127.0.0.1:{self.port}/api/v1", timeout=60)
        self._wait()
        self.seconds_to_start = time.monotonic() - began

    def _wait(self) -> None:
        end = time.monotonic() + 60
        while time.monotonic() < end and self.process.poll() is None:
            try:
                self.http.get("/openapi.json")
                return
            except httpx.HTTPError:
                time.sleep(0.05)
        raise AssertionError(self.log.read_text())

    def kill(self) -> None:
        """End the server alone, as the system does when memory is short."""
        os.kill(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def stop(self) -> int:
        """End it as Ctrl-C does; return its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        return self.process.wait(30)

    def ended(self, path: str, seconds: float = 120) -> dict[str, object]:
        """Wait until an upload or a run is over; return it."""
        end = time.monotonic() + seconds
        while (result := self.http.get(path).json())["state"] in ("queued", "running"):
            assert time.monotonic() < end, result
            time.sleep(0.2)
        return result


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])
