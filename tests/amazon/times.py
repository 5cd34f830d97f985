"""A clock that nobody waits for, and the same seen from another process."""

import httpx


class FakeClock:
    def __init__(self, moment=1_790_000_000.0):
        self.moment = moment
        self.slept = []

    def now(self):
        return self.moment

    def sleep(self, seconds):
        assert seconds >= 0
        self.slept.append(seconds)
        self.moment += seconds


class RemoteClock:
    """The clock of the fake Amazon, which is in another process."""

    def __init__(self, address):
        self._http = httpx.Client(base_url=address)

    def now(self):
        return self._http.get("/test/clock").json()

    def sleep(self, seconds):
        self._http.post("/test/clock", json=seconds)
