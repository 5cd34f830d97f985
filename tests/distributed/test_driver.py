"""The process that speaks to Ray ends, or the head that it speaks to is gone: without Ray."""

import socket
import time

import pytest

from admatch.distributed import cluster, driver
from admatch.errors import InputError
from tests.distributed import drivers


def run(monkeypatch, drive, address):
    """Return the first answer of a run, and the rest of it."""
    monkeypatch.setattr(cluster, "drive", drive)
    monkeypatch.setattr(cluster, "LOOK", 0.05)
    engine = cluster.RayEngine(address)
    answers = engine.run(None, ["first", "second"])
    return next(answers), answers, engine


def test_a_driver_that_dies_is_one_sentence(monkeypatch):
    first, rest, _ = run(monkeypatch, drivers.answers_and_dies, "127.0.0.1:1")
    assert first == (0, "first")
    with pytest.raises(InputError, match=r"cluster is lost \(.* ended with code 7\); what was fin"):
        next(rest)


def test_a_head_that_is_lost_ends_the_run(monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as head:
        address = f"127.0.0.1:{head.getsockname()[1]}"
        first, rest, engine = run(monkeypatch, drivers.answers_and_waits, address)
    assert first == (0, "first")
    start = time.monotonic()
    with pytest.raises(InputError, match=rf"head of the Ray cluster, {address}, is lost \(Conn"):
        next(rest)
    assert time.monotonic() - start < 10
    engine.stop()
    assert not engine._driver.is_alive()


def test_an_error_in_a_job_is_no_lost_cluster(monkeypatch):
    with pytest.raises(RuntimeError, match="Traceback of a job"):
        run(monkeypatch, drivers.breaks, "127.0.0.1:1")


def test_who_stops_early_leaves_no_driver_behind(monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as head:
        address = f"127.0.0.1:{head.getsockname()[1]}"
        _, _, engine = run(monkeypatch, drivers.answers_and_waits, address)
        engine.stop()
        assert not engine._driver.is_alive()


def test_a_cluster_that_cannot_start_here_is_one_sentence(monkeypatch):
    """As where the folder of temporary files has too long a name for Ray's sockets."""
    ray = pytest.importorskip("ray")

    def too_long(**_):
        raise OSError("AF_UNIX path length cannot exceed 107 bytes")

    monkeypatch.setattr(ray, "init", too_long)
    monkeypatch.setattr(driver, "_ask_nobody", lambda: None)
    with pytest.raises(InputError, match="107 bytes"):
        driver._connect(None)
