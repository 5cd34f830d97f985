"""kill -9 at any moment: what was reported as done is there, whole, and the work goes on."""

import hashlib
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from admatch.jobs.store.facts import files_of
from admatch.jobs.store.nights import find_night
from admatch.store.workspace import Workspace

pytestmark = pytest.mark.long

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("kills", "seed"), [(10, 1), *[pytest.param(50, n, marks=pytest.mark.slow) for n in range(4)]]
)
def test_killed_at_random_points(tmp_path, kills, seed):
    rng = random.Random(seed)
    reported = -1
    for _ in range(kills):
        reported = max(reported, _killed(tmp_path, rng))
        _check(tmp_path, reported)
    assert reported >= kills  # it got on


def _killed(folder, rng):
    """Let the child do some nights, kill it within another; return the last that it told of."""
    command = [sys.executable, "-m", "tests.store.nightly_child", str(folder)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as child:
        words, began = [child.stdout.readline()], time.monotonic()
        words += [child.stdout.readline() for _ in range(rng.randint(1, 2))]
        time.sleep(rng.random() * (time.monotonic() - began) / (len(words) - 1))
        child.kill()
        words += child.stdout.read().split("\n")
        child.wait()
    assert words[0].strip(), "the child could not start on what the kill left"
    return max(int(word) for word in words if word.strip())


def _check(folder, reported):
    workspace = Workspace(folder / "ws")
    try:
        with workspace.writing() as transaction:
            for number in range(reported + 1):
                night = find_night(transaction, str(number))
                assert night is not None, number
                content = (Path(night["folder"]) / "changes.csv").read_bytes()
                assert hashlib.sha256(content).hexdigest() == night["files"]["changes.csv"]
            decided = "SELECT night_id, count(*) AS n FROM recommendations GROUP BY ALL"
            assert all(row["n"] == 5 for row in transaction.run(decided))
            found = files_of(transaction, "shop")
            # of each file the newest counts: every day is told once, none is lost
            days = transaction.row(
                "SELECT count(*) AS n, count(DISTINCT start_date) AS days FROM facts"
            )
            assert days["n"] == days["days"] == found[-1]["rows"] + len(found) - 1
            assert found[-1]["standing"] == found[-1]["rows"]
            assert len(found) >= reported + 1
    finally:
        workspace.close()
    drafts = [one for one in (folder / "out").iterdir() if not one.name.startswith(".")]
    assert len(drafts) >= reported + 1
