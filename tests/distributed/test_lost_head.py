"""A cluster whose head is killed in mid-run: the command ends with a sentence, and goes on later.

Needs Ray (``pip install 'admatch[ray]'``): ``pytest -m slow tests/distributed``.
"""

import os
import signal
import socket
import subprocess
import sys
import time
import uuid
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from admatch.distributed.engine import LocalEngine
from admatch.distributed.match import match_parquet
from tests.distributed.conftest import read_all, some_terms

pytest.importorskip("ray", reason="Ray is not installed: pip install 'admatch[ray]'")
pytestmark = pytest.mark.slow

FILES, ROWS = 16, 500  # twenty seconds of two workers


@contextmanager
def head(environment):
    """Yield the port of a head with two cores, and the process whose group it is."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with TemporaryDirectory(prefix="ray") as folder:  # a short name: sockets lie in it
        room = ("--num-cpus=2", f"--memory={8 * 2**30}", f"--object-store-memory={80 * 2**20}")
        where = (f"--port={port}", f"--temp-dir={folder}", "--include-dashboard=false", "--block")
        command = [sys.executable, "-m", "ray.scripts.scripts", "start", "--head", *room, *where]
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        started = subprocess.Popen(command, env=environment, start_new_session=True, **quiet)
        try:
            until(lambda: answers(port), 60)
            yield port, started
        finally:
            kill(started)


def answers(port):
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def kill(group):
    """Kill a process with all that it started, as if the power of a machine failed."""
    with suppress(ProcessLookupError):
        os.killpg(group.pid, signal.SIGKILL)
    group.wait()


def until(true, seconds):
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.1)


def admatch(*arguments, environment):
    run = "from admatch.cli.main import main; main()"
    command = [sys.executable, "-c", run, *map(str, arguments)]
    return subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def test_a_head_lost_in_mid_run_is_one_sentence_and_the_run_goes_on(sample_index, tmp_path):
    terms, index, out = (tmp_path / name for name in ("terms", "index", "out"))
    terms.mkdir()
    for number in range(FILES):
        some_terms(ROWS, number).write_parquet(terms / f"{number:02}.parquet")
    sample_index.save(index)
    token = {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": uuid.uuid4().hex}
    here = os.environ | token | {"PYTHONPATH": str(Path.cwd()), "OMP_NUM_THREADS": "1"}
    match = ("match", terms, "--index", index, "--engine", "ray", "--out", out)
    with head(here) as (port, started):
        run = admatch(*match, "--address", f"127.0.0.1:{port}", environment=here)
        until(lambda: run.poll() is not None or len(list(out.glob("*.parquet"))) > 2, 180)
        assert run.poll() is None
        kill(started)
        printed, said = run.communicate(timeout=45)  # by itself Ray would take a minute
    assert (run.returncode, printed) == (1, "")
    assert len(said.splitlines()) == 1
    assert said.startswith("admatch: the head of the Ray cluster, ")
    assert "what was finished is kept" in said
    assert not (out / "manifest.json").exists()
    kept = len(list(out.glob("*.parquet")))
    assert 2 < kept < FILES
    again = admatch(*match, environment=here)  # on a cluster of this machine's cores
    _, said = again.communicate(timeout=300)
    assert again.returncode == 0, said
    assert f"{kept} of them there before" in said
    match_parquet([terms], index, tmp_path / "alone", LocalEngine())
    assert read_all(out).equals(read_all(tmp_path / "alone"))
    assert read_all(out).height == FILES * ROWS
