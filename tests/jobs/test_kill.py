"""kill -9 of a whole job at any point: nothing that was told is lost, nothing is counted twice."""

import hashlib
import json
import multiprocessing
import os
import random
import shutil
import signal
import time
from datetime import date
from pathlib import Path

import pytest

from admatch.jobs.store.facts import files_of
from admatch.jobs.store.nights import find_night
from admatch.store.workspace import Workspace
from tests.attacks.record import count

from .conftest import Shop
from .killed import spend

pytestmark = pytest.mark.long

DAYS = (date(2026, 2, 1), date(2026, 2, 3))
_POINTS = 40  # at which a night of two accounts makes something last, about
_KEYS = {
    "facts": "account, start_date, ad_group, search_term",
    "term_matches": "account, index_key, search_term",
    "nights": "account, as_of",
}
_NO_PAGE = "outputs = { html = false }\n"  # what takes longest
_SECOND = (
    '[[account]]\nname = "Second"\nreports = "reports"\ncatalog = "catalog.csv"\n'
    "target_acos = 0.25\n"
)


@pytest.fixture(scope="module")
def forks():
    """Processes that have imported everything when they start."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.jobs.killed"])
    return context


@pytest.fixture(scope="module")
def undisturbed(forks, tmp_path_factory):
    """Return a job's files after each night that nobody disturbed, and how long one took."""
    shop = _shop(tmp_path_factory.mktemp("undisturbed"))
    files, seconds = [], 0.0
    for number, day in enumerate(DAYS):
        _deliver(shop, number)
        began = time.monotonic()
        assert _start(forks, shop.folder, day) == 0
        seconds = max(seconds, time.monotonic() - began)
        files.append(_files(shop.folder))
    return files, seconds


@pytest.mark.parametrize(
    ("kills", "seed"),
    [(2, 0), *[pytest.param(10, n, marks=pytest.mark.slow) for n in range(1, 11)]],
)
def test_killed_at_any_point(forks, undisturbed, tmp_path, kills, seed):
    """Each of two nights is killed ``kills`` times, in all 200 times for the slow ones."""
    rng = random.Random(seed)
    shop = _shop(tmp_path)
    files, seconds = undisturbed
    for number, day in enumerate(DAYS):
        _deliver(shop, number)
        killed = 0
        while killed < kills:
            if _start(forks, tmp_path, day, rng, seconds) == 0:  # it was quicker
                for place in (tmp_path / "out").glob(f"*/{day}-*"):
                    shutil.rmtree(place)  # so the night is to be done again
                (tmp_path / "told.jsonl").write_text("")
                continue
            killed += 1
            _check(tmp_path)
        assert _start(forks, tmp_path, day) == 0
        _check(tmp_path)
        assert _files(tmp_path) == files[number]
        hidden = [one for one in (tmp_path / "out").rglob(".*") if number == 1 and one.is_dir()]
        assert not hidden
    count("job_kills", 2 * kills)


def _shop(folder):
    (folder / "catalog.csv").write_text(
        "product_id,title,price,currency\nB0SAMPLE01,oat milk 1 l,3.5,USD\n"
        "B0SAMPLE02,whole milk 1 l,2.5,USD\n"
    )
    shop = Shop(folder, None, None)
    shop.job(_NO_PAGE + _SECOND + _NO_PAGE)
    return shop


def _deliver(shop, number):
    """Bring the reports of a night; the second tells days of the first again."""
    shop.report(f"{'ab'[number]}.csv", 14 * number, 20 + 2 * number, seed=number)


def _start(forks, folder, day, rng=None, seconds=0.0):
    """Run the job once; with ``rng`` to be killed, at a point or at a moment."""
    point = rng.randint(1, _POINTS) if rng and rng.random() < 0.6 else 0
    child = forks.Process(target=spend, args=(folder, day, folder / "told.jsonl", point))
    child.start()
    if rng and not point:
        child.join(rng.uniform(0, seconds))
        if child.is_alive():
            os.kill(child.pid, signal.SIGKILL)
    child.join(300)
    assert child.exitcode in (0, -signal.SIGKILL)
    return child.exitcode


def _check(folder):
    """What was told is in the workspace and on the disk, whole; every day is counted once."""
    told = [json.loads(line) for line in _lines(folder / "told.jsonl")]
    workspace = Workspace(folder / "workspace")
    try:
        with workspace.writing() as transaction:
            for one in told:
                assert one["state"] in ("done", "nothing new"), one
                night = find_night(transaction, one["night"])
                assert night is not None, one
                for name, digest in night["files"].items():
                    content = (Path(one["folder"]) / name).read_bytes()
                    assert hashlib.sha256(content).hexdigest() == digest
            for table, key in _KEYS.items():
                twice = f"SELECT {key} FROM {table} GROUP BY {key} HAVING count(*) > 1"
                assert not transaction.run(twice), table
            for name in ("Shop", "Second"):
                files = files_of(transaction, name)
                # of a file that was read every row is there; the newest of them tells all its days
                assert not files or files[-1]["standing"] == files[-1]["rows"]
    finally:
        workspace.close()


def _lines(path):
    lines = path.read_text().splitlines() if path.exists() else []
    return [line for line in lines if line.endswith("}")]


def _files(folder):
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in (folder / "out").rglob("*")
        if path.is_file() and not any(part.startswith(".") for part in path.parts)
    }
