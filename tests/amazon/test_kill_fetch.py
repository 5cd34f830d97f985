"""kill -9 while reports are asked for and waited for: none is asked for twice, none is lost."""

import random
import subprocess
import sys
from pathlib import Path

import pytest

import admatch as am

from .fake import FakeAds
from .times import FakeClock

_ROOT = Path(__file__).parents[2]


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(6))
def test_killed_while_fetching(server, tmp_path, seed):
    rng = random.Random(seed)
    ads = server.serve(FakeAds(FakeClock(), None, seed))
    for kills in range(4):
        command = [sys.executable, "-m", "tests.amazon.child_fetch", server.address, str(tmp_path)]
        child = subprocess.Popen(command, cwd=_ROOT)
        if kills < 3:
            when = rng.choice(["before", "after"])
            server.victim = (child.pid, len(ads.requests) + rng.randint(1, 6), when)
        ended = child.wait(timeout=120)
        server.victim = None
        assert ended in (0, -9)
        if ended == 0:
            break

    assert ended == 0
    assert sum(ads.asked.values()) == 3
    assert len(am.read_report(sorted(tmp_path.glob("*.json.gz")))) == 6
