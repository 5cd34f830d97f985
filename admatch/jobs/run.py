"""A job run for all its accounts: ``run_job``."""

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
from admatch.messages import say
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
    """Return the summary of every account; a failing account does not stop the others.

    With ``dry``, nothing is stored or written. With ``resume``, accounts that are done for the day
    are skipped. ``tell`` receives each account's summary once its files are on disk. Raises
    ``InputError`` while another process uses the workspace.
    """
    summaries = []
    with _opened(job, dry) as workspace:
        context = JobContext(job, as_of, workspace, models, dry, progress)
        for number, account in enumerate(job.accounts):
            progress("accounts", number, len(job.accounts))
            began = time.monotonic()
            summary: Summary = {"account": account.name, "as_of": str(as_of)} | _one(
                context, account, resume=resume
            )
            summary["seconds"] = round(time.monotonic() - began, 2)
            if summary["state"] == FAILED and not dry:
                with workspace.writing() as transaction:
                    record_failure(transaction, account.name, job.name, as_of, summary["reason"])
            if not dry:
                about = summary.get("night") or failure_name(account.name, summary)
                summary["not_sent"] = send_messages(workspace, account.outputs, about, summary)
            summaries.append(summary)
            tell(summary)
        progress("accounts", len(job.accounts), len(job.accounts))
    return summaries


def _one(context: JobContext, account: AccountJob, *, resume: bool) -> Summary:
    try:
        if resume:
            with context.workspace.writing() as transaction:
                before = night_of_day(transaction, account.name, context.as_of)
            if before:
                return {"state": NOTHING_NEW, "folder": before["folder"], "night": before["id"]}
        return run_account(context, account)
    except (AdmatchError, OSError) as error:
        return {"state": FAILED, "reason": str(error)}
    except Exception as error:  # a bug in admatch must not stop the other accounts
        reason = say("jobs.fault", kind=type(error).__name__, what=str(error))
        return {"state": FAILED, "reason": str(reason)}


@contextmanager
def _opened(job: Job, dry: bool) -> Iterator[Workspace]:
    """Yield the job's workspace; a dry run gets a temporary copy of its database."""
    with ExitStack() as stack:
        folder = job.workspace
        if dry:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            copy_database(job.workspace, folder)
        yield stack.enter_context(closing(Workspace(folder, brief=True)))
