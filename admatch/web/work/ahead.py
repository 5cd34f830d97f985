"""What-ifs and their answers, worked out ahead where a slider may go next: ``WhatIfAnswers``."""

import threading
import time
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

from admatch.errors import AdmatchError
from admatch.web.work.process import Task
from admatch.web.work.queues import RequestPool
from admatch.web.work.worker_process import WorkerProcess

Values: TypeAlias = dict[str, float]
# The sliders of the page: least, most and step of each, in hundredths of a per cent.
SLIDERS = {
    "target_acos": (100, 10_000, 100),
    "sales_at_risk": (0, 1_000, 50),
    "rho": (0, 10_000, 500),
}
_KEPT = 600  # answers: of three runs, with every step of every slider; 20 kB each
_IDLE = 60.0  # seconds after which the worker ends
_LONGEST = 300.0  # seconds that are spent on one run at most
_Key: TypeAlias = tuple[str, tuple[tuple[str, float], ...]]


class WhatIfAnswers:
    """Answers of a pool, kept; while nobody asks, ``worker`` works out what may be asked next.

    It goes from the first values that are asked for outwards, along each slider, and leaves off as
    soon as another run is asked for, or values beside these lines. Without a worker nothing is
    worked out ahead.
    """

    def __init__(self, pool: RequestPool, worker: WorkerProcess | None) -> None:
        self._pool, self._worker = pool, worker
        self._kept: OrderedDict[_Key, dict[str, Any]] = OrderedDict()
        self._lock, self._wake = threading.Lock(), threading.Condition()
        self._wanted: tuple[dict[str, Any], Values] | None = None
        self._lines = frozenset[_Key]()  # what is worked out, or was
        self._closing = False
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def open(self) -> None:
        """Start to look ahead, once something is asked."""
        if self._worker is not None:
            self._thread.start()

    def close(self) -> None:
        """Look ahead no more."""
        with self._wake:
            self._closing, self._wanted = True, None
            self._wake.notify_all()
        if self._worker is not None:
            self._worker.stop()
            self._thread.join(10)

    def ask(
        self, arguments: dict[str, Any], changed: Values, seconds: float, *, start: bool = True
    ) -> dict[str, Any]:
        """Return what a run comes to with other values; then look ahead from there, if they start.

        ``arguments`` are the run's. Raises as ``RequestPool.ask``.
        """
        answer = self._known(arguments, changed)
        if answer is None:
            answer = self._pool.ask("what if", arguments | {"changed": changed}, seconds)
            self._keep(arguments, changed, answer)
        if start and SLIDERS.keys() <= changed.keys():  # as a page asks, whose sliders go on
            self._want(arguments, changed)
        return answer

    def _want(self, arguments: dict[str, Any], start: Values) -> None:
        """Have the lines through a place worked out, unless it lies on those that are."""
        with self._wake:
            if _key(arguments, start) in self._lines:
                return
            places = [start, *outwards(start)]
            self._lines = frozenset(_key(arguments, one) for one in places)
            self._wanted = arguments, start
            self._wake.notify_all()

    def _serve(self) -> None:
        worker = self._worker
        while worker is not None and not self._closing:
            with self._wake:
                asked = self._wake.wait_for(lambda: self._closing or self._wanted, _IDLE)
                wanted, self._wanted = self._wanted, None
            if wanted is not None:
                self._look_ahead(worker, *wanted)
            elif not asked:
                worker.stop()  # its tables are not needed any more
        if worker is not None:
            worker.stop()

    def _look_ahead(self, worker: WorkerProcess, arguments: dict[str, Any], start: Values) -> None:
        until = time.monotonic() + _LONGEST
        for values in outwards(start):
            if self._wanted is not None or self._closing or time.monotonic() > until:
                return
            if self._known(arguments, values) is None:
                task = Task("what if", arguments | {"changed": values})
                try:
                    answer = worker.do(task, lambda step: None)
                except AdmatchError:
                    return  # whoever asks for it gets told
                self._keep(arguments, values, answer)

    def _known(self, arguments: dict[str, Any], values: Values) -> dict[str, Any] | None:
        key = _key(arguments, values)
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
            return self._kept.get(key)

    def _keep(self, arguments: dict[str, Any], values: Values, answer: dict[str, Any]) -> None:
        with self._lock:
            self._kept[_key(arguments, values)] = answer
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)


def outwards(start: Mapping[str, float]) -> Iterator[Values]:
    """Yield the values of every step of each slider while the others stay, the nearest first."""
    now = {name: round(start[name] * 10_000) for name in SLIDERS}
    steps = max((most - least) // step for least, most, step in SLIDERS.values())
    for far in range(1, steps + 1):
        for name in now:
            least, most, step = SLIDERS[name]
            for way in (1, -1):
                place = _beside(now[name], way * far, step)
                if least <= place <= most:
                    yield dict(start) | {name: place / 10_000}


def _beside(place: int, steps: int, step: int) -> int:
    """Return what is so many steps up or down from a place that may lie between two."""
    return (place // step if steps > 0 else -(-place // step)) * step + steps * step


def _key(arguments: Mapping[str, Any], values: Mapping[str, float]) -> _Key:
    return arguments["folder"], tuple(sorted(values.items()))
