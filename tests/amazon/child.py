"""Applies or rolls back a plan until it is done or killed; run as a process of its own.

At a chosen flush of a journal to the disk it kills itself: before it, halfway through writing the
record, or after it.
"""

import os
import signal
import sys
from pathlib import Path

from admatch.amazon import journal
from admatch.amazon.allow import select
from admatch.amazon.client import AdsClient
from admatch.amazon.plan import read_plan
from admatch.amazon.regions import Endpoints
from admatch.amazon.runs import apply_plan, roll_back
from admatch.amazon.versions import ApiVersion

from .scenario import CREDENTIALS, JOB, PROFILE
from .times import RemoteClock


def main(address, manifest, verb, flush, when, version):
    die_at(int(flush), when)
    plan = read_plan(Path(manifest))
    endpoints = Endpoints(address, f"{address}/auth/o2/token")
    clock = RemoteClock(address)
    with AdsClient(
        endpoints, CREDENTIALS, PROFILE, version=ApiVersion(version), clock=clock
    ) as client:
        if verb == "apply":
            apply_plan(client, plan, select(plan, JOB), largest=3)
        else:
            roll_back(client, plan, largest=3)


def die_at(flush, when):
    """Put a killer in the place of what writes to the disk."""
    whole, counted, line = os.fsync, [0], journal._line

    def written(record):
        counted[0] += 1
        text = line(record)
        if counted[0] == flush and when == "half":
            os.write(_LAST[0], text[: len(text) // 2])
            os.kill(os.getpid(), signal.SIGKILL)
        return text

    def kept(file):
        if counted[0] == flush and when == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        whole(file)
        if counted[0] == flush and when == "after":
            os.kill(os.getpid(), signal.SIGKILL)

    def locked(file, path, lock=journal._lock):
        _LAST[0] = file.fileno()
        lock(file, path)

    journal._line, journal.os.fsync, journal._lock = written, kept, locked


_LAST = [0]

if __name__ == "__main__":
    main(*sys.argv[1:])
