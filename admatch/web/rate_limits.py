"""How often a client may ask: ``RateLimits``."""

import threading
import time
from dataclasses import dataclass

_MOST_BUCKETS = 10_000  # beyond, those that have filled up again are dropped


@dataclass(slots=True)
class _Bucket:
    left: float
    at: float


class RateLimits:
    """Token buckets that fill up again within a minute, one per client and kind of request."""

    def __init__(self, requests: int) -> None:
        self._a_minute = {"request": requests, "upload": 240, "run": 120, "login": 10}
        self._buckets: dict[tuple[str, str], _Bucket] = {}
        self._lock = threading.Lock()

    def take(self, kind: str, client: str) -> float:
        """Count one request; return 0, or in how many seconds the next one is allowed."""
        with self._lock:
            bucket, wait = self._bucket(kind, client)
            bucket.left -= not wait
            return wait

    def wait(self, kind: str, client: str) -> float:
        """Return in how many seconds the next request is allowed, without counting one."""
        with self._lock:
            return self._bucket(kind, client)[1]

    def _bucket(self, kind: str, client: str) -> tuple[_Bucket, float]:
        """Return a bucket as full as it is now, and the seconds until there is one to take."""
        most, moment = self._a_minute[kind], time.monotonic()
        if len(self._buckets) > _MOST_BUCKETS:
            self._drop_full(moment)
        bucket = self._buckets.setdefault((kind, client), _Bucket(most, moment))
        bucket.left = min(most, bucket.left + (moment - bucket.at) * most / 60)
        bucket.at = moment
        return bucket, 0.0 if bucket.left >= 1 else (1 - bucket.left) * 60 / most

    def _drop_full(self, moment: float) -> None:
        self._buckets = {
            key: bucket for key, bucket in self._buckets.items() if moment - bucket.at < 60
        }
