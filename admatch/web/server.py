"""What a running server consists of: ``Server``."""

import logging
import secrets
import shutil
import threading
from collections import Counter
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from admatch.store.workspace import Row, Transaction, Workspace
from admatch.web.frame_cache import FrameCache
from admatch.web.limits import Limits
from admatch.web.rate_limits import RateLimits
from admatch.web.store.audits import audit_of_job, set_audit_summary
from admatch.web.store.deletion import delete_expired
from admatch.web.store.queue import Queue, recover
from admatch.web.store.runs import run_of_job, set_summary
from admatch.web.store.uploads import Kind, set_facts, upload_of_job
from admatch.web.work.ahead import WhatIfAnswers
from admatch.web.work.process import Task
from admatch.web.work.queues import JobQueue, RequestPool, Work
from admatch.web.work.worker_process import WorkerProcess

_LOG = logging.getLogger(__name__)
_HOUR = 3600.0


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """How a server is run; ``open_access``: whoever reaches it is the local account.

    ``workers`` is how many runs go on at the same time. ``keep_days``: after how many days
    uploads and runs are deleted, where an account has not chosen; None: never.
    ``warm``: start what is slow to start before the first request. ``hosts`` are the names under
    which browsers may reach it; empty: any.
    """

    open_access: bool = True
    hosts: tuple[str, ...] = ("localhost", "127.0.0.1", "[::1]")
    workers: int = 2
    keep_days: int | None = None
    secure: bool = False
    warm: bool = True
    limits: Limits = field(default_factory=Limits)
    requests_a_minute: int = 3000


class Server:
    """The workspace and the workers; made with the app, opened and closed by it."""

    def __init__(self, workspace: Workspace, settings: ServerSettings) -> None:
        self.workspace, self.settings, self.limits = workspace, settings, settings.limits
        self.rates = RateLimits(settings.requests_a_minute)
        self.frames = FrameCache()
        self.verdicts_lock = threading.Lock()  # of the files that verdicts are written to
        load_models, preload = Task("load models", {}), Task("preload", {})
        self.reading = JobQueue(
            workspace,
            Queue.READING,
            Work(self._reading_task, set_facts, 10 * 60.0, lambda: self.runs.look()),
            [
                WorkerProcess(f"reading-{number}", 5, memory=self.limits.memory)
                for number in range(2)
            ],
        )
        self.runs = JobQueue(
            workspace,
            Queue.RUNS,
            Work(self._run_task, _store_summary, 6 * 3600.0),
            [WorkerProcess(f"run-{number}", 10, load_models) for number in range(settings.workers)],
        )
        self.what_if_pool = RequestPool(
            [WorkerProcess(f"what-if-{number}", 2, preload) for number in range(2)], 16
        )
        ahead = WorkerProcess("what-if-ahead", 19, preload) if settings.warm else None
        self.what_ifs = WhatIfAnswers(self.what_if_pool, ahead)
        # Each that waits holds one of the app's threads: all pools together leave some to others.
        self.search_pool = RequestPool([WorkerProcess("search", 5, load_models)], 8)
        self.replay_pool = RequestPool([WorkerProcess("replay", 10)], 2)
        self.picture_pool = RequestPool(
            [WorkerProcess("pictures", 5, memory=self.limits.memory // 2)], 24, end_late=True
        )
        self.streams: Counter[str] = Counter()  # of events, by account
        self._closing = threading.Event()

    def open(self) -> None:
        """Queue again what was interrupted, and start the workers."""
        shutil.rmtree(self.incoming, ignore_errors=True)
        self.incoming.mkdir(parents=True)
        recover(self.workspace)
        for workers in self._all_workers:
            workers.open()
        self.what_ifs.open()
        if self.settings.warm:
            self.runs.warm()
            self.what_if_pool.warm()
            self.search_pool.warm()
        threading.Thread(target=self._delete_old, daemon=True).start()

    def close(self) -> None:
        """End the workers and close the workspace."""
        self._closing.set()
        self.what_ifs.close()
        for workers in self._all_workers:
            workers.close()
        self.workspace.close()

    @property
    def _all_workers(self) -> tuple[JobQueue | RequestPool, ...]:
        pools = (self.what_if_pool, self.search_pool, self.replay_pool, self.picture_pool)
        return (self.reading, self.runs, *pools)

    @property
    def closed(self) -> bool:
        """Whether it has been closed."""
        return self._closing.is_set()

    @property
    def incoming(self) -> Path:
        """The folder of uploads that are not complete."""
        return self.workspace.folder / "incoming"

    def spool(self) -> Path:
        """Return an empty folder for what arrives, on the disk that uploads are kept on."""
        folder = self.workspace.folder / "spool"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        return folder

    def queue(self, name: str) -> JobQueue:
        """Return the queue of a job."""
        return self.runs if name == Queue.RUNS else self.reading

    def _reading_task(self, job: Row) -> Task:
        upload = upload_of_job(self.workspace, job["id"])
        if upload is None:
            raise LookupError(job["id"])
        names = {one["kept"]: one["name"] for one in upload["files"]}
        arguments: dict[str, Any] = {
            "folder": str(self.workspace.path(upload["account_id"], upload["id"])),
            "names": names,
            "limits": asdict(self.limits),
        }
        options = upload["files"][0].get("options") or {}
        name = "read catalog" if upload["kind"] == Kind.CATALOG else "read report"
        return Task(name, arguments | options)

    def _run_task(self, job: Row) -> Task:
        run = run_of_job(self.workspace, job["id"])
        if run is not None:
            return Task("run", self.run_arguments(run))
        audit = audit_of_job(self.workspace, job["id"])
        if audit is None:
            raise LookupError(job["id"])
        return Task("audit", self._audit_arguments(audit))

    def _audit_arguments(self, audit: Row) -> dict[str, Any]:
        path, account, report = self.workspace.path, audit["account_id"], audit["report_id"]
        return {
            "folder": str(path(account, audit["id"])),
            "catalog": str(path(account, audit["catalog_id"])),
            "report": str(path(account, report)) if report else None,
        }

    def run_arguments(self, run: Row) -> dict[str, Any]:
        """Return the folders of a run and of its uploads, and its settings."""
        path, account = self.workspace.path, run["account_id"]
        return {
            "folder": str(path(account, run["id"])),
            "catalog": str(path(account, run["catalog_id"])),
            "report": str(path(account, run["report_id"])),
            "settings": run["settings"],
        }

    def _delete_old(self) -> None:
        """Delete what is older than it is kept, every hour, whatever went wrong an hour before."""
        while not self._closing.is_set():
            try:
                delete_expired(self.workspace, self.settings.keep_days)
            except Exception:
                if not self._closing.is_set():
                    _LOG.exception("old uploads and runs could not be deleted; tried again later")
            self._closing.wait(_HOUR)


def _store_summary(transaction: Transaction, job_id: str, summary: dict[str, Any]) -> None:
    """Store what a run or an audit found: their ids differ."""
    set_summary(transaction, job_id, summary)
    set_audit_summary(transaction, job_id, summary)


def new_id() -> str:
    """Return an identifier that nobody can guess, fit for a path."""
    return secrets.token_hex(12)
