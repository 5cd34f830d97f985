"""How long pages and the API take for 20 people at once, while a run is in progress.

``python -m tests.benchmarks.page_load [SECONDS]``: a server over an empty workspace; the sample is
run once, then runs follow each other while 20 people look at pages, a page every second or so
each. Loopback, no pauses for a network.
"""

import random
import statistics
import sys
import tempfile
import threading
import time
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from tests.benchmarks.record import record
from tests.web.processes import Served

PEOPLE, PAUSE, SEED = 20, 1.0, 7
SLIDING = 0.3  # how often the sliders are a choice
TARGET = 0.3  # seconds within which 95 of 100 pages come


@dataclass
class Seen:
    """Seconds that answers took, by what was asked, and what was no answer."""

    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    failures: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)


def main(seconds: float) -> None:
    """Measure, and keep what was found."""
    with tempfile.TemporaryDirectory() as folder:
        server = Served(Path(folder) / "ws")
        try:
            made = server.http.post("/sample", json={"run": True}).json()
            assert server.ended(f"/runs/{made['run_id']}", 300)["state"] == "done"
            seen, running = measure(server, made, seconds)
        finally:
            server.stop()
    record("page_load", f"{PEOPLE} people, {running:.0%} of the time a run", rows(seen), SEED)


def measure(server: Served, made: dict[str, str], seconds: float) -> tuple[Seen, float]:
    """Return what people saw, and the share of the time that a run was going on."""
    seen, until = Seen(), time.monotonic() + seconds
    people = [
        threading.Thread(target=look_around, args=(server, made, number, until, seen))
        for number in range(PEOPLE)
    ]
    for one in people:
        one.start()
    busy = keep_running(server, made, until)
    for one in people:
        one.join()
    return seen, busy / seconds


def keep_running(server: Served, made: dict[str, str], until: float) -> float:
    """Let runs follow each other; return for how many seconds one was going on."""
    busy, last, run = 0.0, time.monotonic(), None
    asked = {"catalog_id": made["catalog_id"], "report_id": made["report_id"]}
    while time.monotonic() < until:
        state = server.http.get(f"/runs/{run}").json()["state"] if run else "done"
        if state == "running":
            busy += time.monotonic() - last
        last = time.monotonic()
        if state in ("done", "failed"):
            settings = {"settings": {"target_acos": 0.3}}
            run = server.http.post("/runs", json=asked | settings).json()["id"]
        time.sleep(0.25)
    return busy


def look_around(
    server: Served, made: dict[str, str], number: int, until: float, seen: Seen
) -> None:
    """Be one person: look at one page after the other, with a pause between."""
    chance = random.Random(SEED + number)
    run, catalog = made["run_id"], made["catalog_id"]
    with httpx.Client(base_url=f"http://127.0.0.1:{server.port}", timeout=60) as client:
        time.sleep(chance.uniform(0, PAUSE))
        while time.monotonic() < until:
            what, path = chance.choice(pages(run, catalog, chance))
            began = time.perf_counter()
            if what == "what if":
                share = {"target_acos": round(chance.uniform(0.1, 0.6), 3)}
                answer = client.post(path, json=share)
            else:
                answer = client.get(path)
            took = time.perf_counter() - began
            with seen.lock:
                if answer.status_code == 200:
                    seen.seconds[what].append(took)
                else:
                    seen.failures.append(f"{answer.status_code} {path}")
            time.sleep(chance.uniform(0.5, 1.5) * PAUSE)


def pages(run: str, catalog: str, chance: random.Random) -> list[tuple[str, str]]:
    """Return what a person may look at next."""
    api = "/api/v1"
    asked = chance.choice(("action=negate-exact", "q=milk", "sort=-clicks", "page=3", "size=100"))
    product = f"B0SAMPLE{chance.randint(1, 81):02d}"
    return [
        ("page", "/"),
        ("page", f"/runs/{run}"),
        ("state of a run", f"{api}/runs/{run}"),
        ("headline", f"{api}/runs/{run}/results"),
        ("decisions", f"{api}/runs/{run}/decisions?{asked}"),
        ("decisions", f"{api}/runs/{run}/decisions?{asked}"),
        ("one decision", f"{api}/runs/{run}/decisions/{chance.randint(0, 490)}"),
        ("uploads", f"{api}/reports"),
        *([("what if", f"{api}/runs/{run}/what-if")] if chance.random() < SLIDING else []),
        ("picture", f"{api}/catalogs/{catalog}/pictures/{product}"),
    ]


def rows(seen: Seen) -> list[dict[str, object]]:
    """Return a row for each kind of page and for all together, in milliseconds."""
    # a what-if is no page: it decides anew about every term
    every = [one for what, some in seen.seconds.items() for one in some if what != "what if"]
    told = [_row(what, some) for what, some in sorted(seen.seconds.items())]
    return [*told, _row("all", every) | {"failures": len(seen.failures)}]


def _row(what: str, seconds: list[float]) -> dict[str, object]:
    cuts = statistics.quantiles(seconds, n=100) if len(seconds) > 1 else [seconds[0]] * 99
    return {
        "system": what,
        "asked": len(seconds),
        "median ms": round(1000 * cuts[49]),
        "p95 ms": round(1000 * cuts[94]),
        "p99 ms": round(1000 * cuts[98]),
        "target ms": round(1000 * TARGET),
        "failures": 0,
    }


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 90.0)
