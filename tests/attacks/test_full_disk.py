"""A disk that is full at one write after the other: a sentence, nothing lost, done later."""

import builtins
import errno
import io
import os
import shutil
from contextlib import contextmanager
from dataclasses import asdict
from datetime import date

import duckdb
import polars as pl
import pytest

from admatch.errors import InputError
from admatch.jobs.read import read_job
from admatch.jobs.run import run_job
from admatch.progress import silent
from admatch.store.workspace import Workspace
from admatch.web.limits import Limits
from admatch.web.work.process import Task, _done
from tests.attacks.record import count
from tests.web.conftest import CATALOG, report_csv

NIGHT = date(2026, 2, 1)
_WRITERS = ("write_parquet", "write_ipc", "write_csv", "write_ndjson")


class Disk:
    """Stands for a disk that has no room at the ``at``-th write; ``writes`` were tried."""

    def __init__(self, at):
        self.at, self.writes = at, 0

    def write(self):
        self.writes += 1
        if self.writes == self.at:
            raise OSError(errno.ENOSPC, "No space left on device")


@contextmanager
def full_at(monkeypatch, at):
    """Within it, the ``at``-th write of this process finds no room."""
    disk = Disk(at)
    opened, whole = io.open, Workspace.writing

    def opening(file, mode="r", *given, **named):
        if set(mode) & set("wax+"):
            disk.write()
        return opened(file, mode, *given, **named)

    def written(do):
        def writing(*given, **named):
            disk.write()
            return do(*given, **named)

        return writing

    @contextmanager
    def committing(self):
        with whole(self) as transaction:
            yield transaction
            try:
                disk.write()
            except OSError as error:
                raise duckdb.IOException("No space left on device") from error

    with monkeypatch.context() as patch:
        for module in (io, builtins):
            patch.setattr(module, "open", opening)
        for name in ("replace", "rename", "mkdir"):
            patch.setattr(os, name, written(getattr(os, name)))
        for name in _WRITERS:
            patch.setattr(pl.DataFrame, name, written(getattr(pl.DataFrame, name)))
        patch.setattr(Workspace, "writing", committing)
        yield disk


def told(error):
    """Whether an error is a sentence about the disk, not a fault of admatch."""
    return "space" in str(error) or "full" in str(error)


def files(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in (folder / "out").rglob("*")
        if path.is_file() and not any(part.startswith(".") for part in path.parts)
    }


def night(shop):
    try:
        return run_job(read_job(shop.folder / "job.toml"), NIGHT, models=shop.models)[0]
    except InputError as error:  # the workspace itself cannot be written to
        return {"state": "failed", "reason": str(error)}


@pytest.mark.parametrize("step", [25, pytest.param(1, marks=pytest.mark.slow)])
def test_a_job(shop, monkeypatch, step):
    """Each attempt of a night finds the disk full at a later write, until one finds room."""
    shop.report("a.csv", 0, 20)
    shop.job("outputs = { html = false }\n")
    at, failed = 1, 0
    while True:
        with full_at(monkeypatch, at) as disk:
            summary = night(shop)
        if disk.writes < at:
            break
        if summary["state"] == "failed":
            assert told(summary["reason"]), summary
        failed, at = failed + 1, at + step
    assert failed >= (1 if step > 1 else 10)
    night(shop)
    assert any(name.endswith("changes.xlsx") or "recommend" in name for name in files(shop.folder))
    count("full_disk", failed)


@pytest.mark.parametrize("step", [3, pytest.param(1, marks=pytest.mark.slow)])
@pytest.mark.parametrize("kind", ["report", "catalog"])
def test_a_reader(tmp_path, monkeypatch, kind, step):
    content = report_csv("oat milk") if kind == "report" else CATALOG
    (tmp_path / "source").mkdir()
    (tmp_path / "source" / "000-a.csv").write_bytes(content)
    arguments = {"folder": str(tmp_path), "names": {}, "limits": asdict(Limits())}
    at = 1
    while True:
        with full_at(monkeypatch, at) as disk:
            answer = _done(Task(f"read {kind}", dict(arguments)), silent)
        if disk.writes < at:
            break
        assert not answer.fault
        if answer.refusal is None:  # what could not be made was there already
            shutil.rmtree(tmp_path / "read")
        else:
            assert told(answer.refusal)
            assert not (tmp_path / "read").exists()
        at += step
    assert answer.refusal is None
    assert (tmp_path / "read").is_dir()
    count("full_disk", at - 1)


def test_the_page(start, monkeypatch):
    """An upload, a verdict and a deletion, with the disk full at each write of the server's."""
    caller = start()
    server = caller.client.app.state.server
    server.reading.look = lambda: None
    kept = caller.upload_report(report_csv("oat")).json()["id"]
    asks = {
        "upload": lambda: caller.upload_report(report_csv("oat")),
        "catalog": caller.upload_catalog,
        "account": lambda: caller("PUT", "/account", json={"keep_days": 3}),
        "deletion": lambda: caller("DELETE", f"/reports/{caller.upload_report().json()['id']}"),
    }
    tried = 0
    for ask in asks.values():
        at = 1
        while True:
            with full_at(monkeypatch, at) as disk:
                try:
                    answer = ask()
                except KeyError:  # the upload that was to be deleted
                    answer = None
            if disk.writes < at:
                break
            assert answer is None or answer.status_code in (200, 202, 204, 422, 503), answer.text
            assert answer is None or answer.status_code < 300 or told(answer.text), answer.text
            at, tried = at + 1, tried + 1
        assert answer is not None
        assert answer.status_code < 300
    assert caller.get(f"/reports/{kept}").status_code == 200
    assert tried >= 8
    count("full_disk", tried)
