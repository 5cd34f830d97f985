"""Everything that a running server holds: ``Server``."""

import secrets
import shutil
import threading
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from admatch.store.workspace import Row, Transaction, Workspace
from admatch.web.frames import Frames
from admatch.web.limits import Limits
from admatch.web.rates import Rates
from admatch.web.store.audits import audit_of_job, set_audit_summary
from admatch.web.store.deletion import delete_expired
from admatch.web.store.queue import Queue, recover
from admatch.web.store.runs import run_of_job, set_summary
from admatch.web.store.uploads import Kind, set_facts, upload_of_job
from admatch.web.work.process import Task
from admatch.web.work.queues import AskQueue, QueueLane, Work
from admatch.web.work.worker_process import WorkerProcess

_HOUR = 3600.0


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """How a server is run; ``open_access``: whoever reaches it is the local account.

    ``workers`` is how many runs go on at the same time. ``keep_days``: after how many days
    uploads and runs are deleted, where an account has not chosen; None: never.
    ``warm``: start what is slow to start before anybody asks. ``hosts`` are the names under which
    browsers may reach it; empty: any.
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
        self.rates = Rates(settings.requests_a_minute)
        self.frames = Frames()
        self.verdicts_lock = threading.Lock()  # of the files that verdicts are written to
        warm = Task("warm up", {})
        self.reading = QueueLane(
            workspace,
            Queue.READING,
            Work(self._reading_order, set_facts, 20 * 60.0, lambda: self.runs.look()),
            [WorkerProcess(f"reading-{number}", 5) for number in range(2)],
        )
        self.runs = QueueLane(
            workspace,
            Queue.RUNS,
            Work(self._run_order, _keep_summary, 6 * 3600.0),
            [WorkerProcess(f"run-{number}", 10, warm) for number in range(settings.workers)],
        )
        opened = Task("open the desk", {})
        self.desk = AskQueue([WorkerProcess(f"desk-{number}", 2, opened) for number in range(2)])
        self.searching = AskQueue([WorkerProcess("search", 5, warm)])
        self._closing = threading.Event()

    def open(self) -> None:
        """Queue again what was interrupted, and start the workers."""
        shutil.rmtree(self.incoming, ignore_errors=True)
        self.incoming.mkdir(parents=True)
        recover(self.workspace)
        for lane in (self.reading, self.runs, self.desk, self.searching):
            lane.open()
        if self.settings.warm:
            self.runs.warm()
            self.desk.warm()
        threading.Thread(target=self._delete_old, daemon=True).start()

    def close(self) -> None:
        """End the workers and close the workspace."""
        self._closing.set()
        for lane in (self.reading, self.runs, self.desk, self.searching):
            lane.close()
        self.workspace.close()

    @property
    def closed(self) -> bool:
        """Whether it has been closed."""
        return self._closing.is_set()

    @property
    def incoming(self) -> Path:
        """Where uploads lie until they are complete."""
        return self.workspace.folder / "incoming"

    def spool(self) -> Path:
        """Return an empty folder for what arrives: on the disk that it will be kept on."""
        folder = self.workspace.folder / "spool"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        return folder

    def lane(self, lane: str) -> QueueLane:
        """Return the lane of a job."""
        return self.runs if lane == Queue.RUNS else self.reading

    def _reading_order(self, job: Row) -> Task:
        upload = upload_of_job(self.workspace, job["id"])
        if upload is None:
            raise LookupError(job["id"])
        names = {one["kept"]: one["name"] for one in upload["files"]}
        arguments: dict[str, Any] = {
            "folder": str(self.workspace.place(upload["account_id"], upload["id"])),
            "names": names,
            "limits": asdict(self.limits),
        }
        options = upload["files"][0].get("options") or {}
        task = "read catalog" if upload["kind"] == Kind.CATALOG else "read report"
        return Task(task, arguments | options)

    def _run_order(self, job: Row) -> Task:
        run = run_of_job(self.workspace, job["id"])
        if run is not None:
            return Task("run", self.run_arguments(run))
        audit = audit_of_job(self.workspace, job["id"])
        if audit is None:
            raise LookupError(job["id"])
        return Task("audit", self._audit_arguments(audit))

    def _audit_arguments(self, audit: Row) -> dict[str, Any]:
        place, account, report = self.workspace.place, audit["account_id"], audit["report_id"]
        return {
            "folder": str(place(account, audit["id"])),
            "catalog": str(place(account, audit["catalog_id"])),
            "report": str(place(account, report)) if report else None,
        }

    def run_arguments(self, run: Row) -> dict[str, Any]:
        """Return where a run and what it is made of lie, and its settings."""
        place, account = self.workspace.place, run["account_id"]
        return {
            "folder": str(place(account, run["id"])),
            "catalog": str(place(account, run["catalog_id"])),
            "report": str(place(account, run["report_id"])),
            "settings": run["settings"],
        }

    def _delete_old(self) -> None:
        while not self._closing.is_set():
            delete_expired(self.workspace, self.settings.keep_days)
            self._closing.wait(_HOUR)


def _keep_summary(transaction: Transaction, job_id: str, summary: dict[str, Any]) -> None:
    """Keep what a run or an audit found: their ids differ."""
    set_summary(transaction, job_id, summary)
    set_audit_summary(transaction, job_id, summary)


def new_id() -> str:
    """Return an identifier that nobody can guess, fit for a path."""
    return secrets.token_hex(12)
