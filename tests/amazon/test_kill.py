"""kill -9 at any point: on the next start nothing is done twice, nothing is lost."""

import random
import subprocess
import sys
from pathlib import Path

import pytest

from admatch.amazon.apply import LOST
from admatch.amazon.versions import ApiVersion

from .fake import FakeAds
from .faults import Faults
from .scenario import check_applied, draw_changes, shop, write_plan
from .times import FakeClock

pytestmark = pytest.mark.long

_ROOT = Path(__file__).parents[2]
_KILLS = 6  # of one plan, at most; after them it may end


def scenarios():
    """Versions and seeds; the first of each is quick."""
    return [
        pytest.param(version, seed, marks=[pytest.mark.slow] if seed else [])
        for version in ApiVersion
        for seed in range(25)
    ]


@pytest.mark.parametrize(("version", "seed"), scenarios())
def test_killed_at_any_point(server, tmp_path, version, seed, record_property):
    rng = random.Random(seed)
    ads = server.serve(FakeAds(FakeClock(), None, seed, dedupe=rng.random() < 0.5))
    wanted = draw_changes(rng, ads, shop(ads))
    plan = write_plan(tmp_path, [one.change for one in wanted])
    before = ads.living()
    ads.faults = Faults(rng, share=0.2, most=6)

    killed = _until_done(server, version, plan, "apply", rng, most=_KILLS if seed else 1)
    check_applied(ads, plan, wanted)
    sent = sum(ads.effects.values())
    if seed and rng.random() < 0.5:
        killed += _until_done(server, version, plan, "rollback", rng, most=_KILLS)
        if ads.living() != before:  # what was archived is created anew, and that was lost
            ads.clock.sleep(LOST)
            _until_done(server, version, plan, "rollback", rng, most=0)
        assert ads.living() == before
        assert sum(ads.effects.values()) == 2 * sent
    record_property("killed", killed)  # for pytest --junitxml
    assert killed or seed  # the first is known to be


def _until_done(server, version, plan, verb, rng, most):
    """Start it until it ends; return how often it was killed."""
    killed = 0
    for _ in range(40):
        ends = _start(server, version, plan, verb, rng, kill=killed < most)
        if ends == 0:
            return killed
        assert ends in (-9, 1), ends
        killed += ends == -9
    raise AssertionError("it never came to an end")


def _start(server, version, plan, verb, rng, *, kill):
    """Run the child once, mostly to be killed: by itself at a flush, or while Amazon is asked."""
    flush, when = 0, rng.choice(["before", "half", "after"])
    if kill and rng.random() < 0.5:
        flush = rng.randint(1, 8)
    command = [sys.executable, "-m", "tests.amazon.child", server.address]
    command += [str(plan.manifest), verb, str(flush), when, version]
    server.victim = None
    child = subprocess.Popen(command, cwd=_ROOT, stderr=subprocess.PIPE, text=True)
    if kill and not flush:
        at = len(server.ads.requests) + rng.randint(1, 20)
        server.victim = (child.pid, at, rng.choice(["before", "after"]))
    _, errors = child.communicate(timeout=120)
    server.victim = None
    assert child.returncode in (0, -9) or "AmazonError" in errors, errors
    return child.returncode
