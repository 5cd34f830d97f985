"""A job done for all its accounts: ``run_job``."""

import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from admatch.errors import AdmatchError
from admatch.jobs.account import NOTHING_NEW, JobContext, Summary, run_account
from admatch.jobs.messages import failure_name, send_messages
from admatch.jobs.records import AccountJob, Job
from admatch.jobs.store.nights import night_of_day, record_failure
from admatch.progress import Progress, silent
from admatch.store.workspace import Workspace, copy_database

if TYPE_CHECKING:
    from admatch.pipeline.models import Models

FAILED = "failed"


def run_job(
    job: Job,
    as_of: date,
    *,
    dry: bool = False,
    resume: bool = False,
    models: "Models | None" = None,
    progress: Progress = silent,
    tell: Callable[[Summary], None] = lambda _: None,
) -> list[Summary]:
    """Return for every account what was done; one that fails does not stop the others.

    ``dry``: nothing is kept and nothing written. ``resume``: accounts that are done for the day are
    not looked at. ``tell`` hears each account's summary when all of it is on disk. Raises
    ``InputError`` where another process has the workspace.
    """
    found = []
    with _opened(job, dry) as workspace:
        context = JobContext(job, as_of, workspace, models, dry, progress)
        for number, ask in enumerate(job.accounts):
            progress("accounts", number, len(job.accounts))
            began = time.monotonic()
            told: Summary = {"account": ask.name, "as_of": str(as_of)} | _one(
                context, ask, resume=resume
            )
            told["seconds"] = round(time.monotonic() - began, 2)
            if told["state"] == FAILED and not dry:
                with workspace.writing() as transaction:
                    record_failure(transaction, ask.name, job.name, as_of, told["reason"])
            if not dry:
                about = told.get("night") or failure_name(ask.name, told)
                told["not_sent"] = send_messages(workspace, ask.outputs, about, told)
            found.append(told)
            tell(told)
        progress("accounts", len(job.accounts), len(job.accounts))
    return found


def _one(context: JobContext, ask: AccountJob, *, resume: bool) -> Summary:
    try:
        if resume:
            with context.workspace.writing() as transaction:
                before = night_of_day(transaction, ask.name, context.as_of)
            if before:
                return {"state": NOTHING_NEW, "folder": before["folder"], "night": before["id"]}
        return run_account(context, ask)
    except (AdmatchError, OSError) as error:
        return {"state": FAILED, "reason": str(error)}
    except Exception as error:  # a fault of admatch's own must not cost the other accounts
        return {"state": FAILED, "reason": f"a fault of admatch: {type(error).__name__}: {error}"}


@contextmanager
def _opened(job: Job, dry: bool) -> Iterator[Workspace]:
    """Yield the job's workspace; to a dry run a copy of what it knows, which is removed."""
    with ExitStack() as stack:
        folder = job.workspace
        if dry:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            copy_database(job.workspace, folder)
        yield stack.enter_context(closing(Workspace(folder, brief=True)))
