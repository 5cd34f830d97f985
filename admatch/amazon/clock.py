"""The current time, and waiting: ``Clock``."""

import time
from typing import Protocol


class Clock(Protocol):
    """Time as everything that talks to Amazon sees it; tests bring their own."""

    def now(self) -> float:
        """Return the seconds since 1970."""
        ...

    def sleep(self, seconds: float) -> None:
        """Return after this many seconds."""
        ...


class SystemClock:
    """The time of this computer."""

    def now(self) -> float:
        """Return the seconds since 1970."""
        return time.time()

    def sleep(self, seconds: float) -> None:
        """Return after this many seconds."""
        time.sleep(seconds)
