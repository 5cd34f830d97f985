"""``admatch run``: what a job file asks for, for all its accounts."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from admatch.cli.console import plain, print_json, stderr
from admatch.cli.progress import progress_bars

if TYPE_CHECKING:
    from admatch.jobs.records import Job


def run(
    job: Annotated[Path, typer.Argument(metavar="JOB", help="A job's TOML file.")],
    as_of: Annotated[
        datetime | None,
        typer.Option(
            "--as-of",
            metavar="DATE",
            formats=["%Y-%m-%d"],
            help="Decide as on this day, by what is known of the days up to it; else today.",
        ),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Keep nothing and write nothing; say what would be.")
    ] = False,
    resume: Annotated[
        bool, typer.Option("--resume", help="Leave out accounts that are done for this day.")
    ] = False,
) -> None:
    """Read what is new of every account, decide, and write the files of the day.

    Nothing is sent anywhere but where the job says. What was read, decided and written is kept in
    the job's workspace; where nothing is new, nothing is done. A JSON summary comes to stdout; the
    exit code is 1 where an account failed. For example:

    $ admatch run job.toml

    $ admatch run job.toml --as-of 2026-03-01 --dry-run
    """
    from admatch.jobs.read import read_job

    asked = read_job(job)
    day = as_of.date() if as_of else datetime.now(UTC).date()
    found = _run(asked, day, dry_run, resume)
    failed = [one for one in found if one["state"] == "failed"]
    print_json({"job": asked.name, "as_of": str(day), "failed": len(failed), "accounts": found})
    if failed:
        raise typer.Exit(1)


def _run(job: "Job", day: date, dry: bool, resume: bool) -> list[dict[str, Any]]:
    from admatch.jobs.run import run_job

    with progress_bars() as progress:
        return run_job(job, day, dry=dry, resume=resume, progress=progress, tell=_tell)


def _tell(told: dict[str, Any]) -> None:
    """Say on stderr what became of an account."""
    state = told["state"]
    sentence, style = state, ""
    if state == "failed":
        sentence, style = f"failed: {told['reason']}", "bold red"
    elif state == "would do":
        sentence = f"{told['terms']:,} terms judged, nothing kept"
    elif state == "done":
        sentence = f"{told['to_upload']:,} changes to upload, in {told['folder']}"
    stderr().print(plain(f"{told['account']}: {sentence}", style), soft_wrap=True)
    for why in told.get("not_given", []):
        stderr().print(plain(f"{told['account']}: {why}", "yellow"), soft_wrap=True)
    for why in told.get("not_sent", []):
        stderr().print(plain(f"{told['account']}: not sent by {why}", "yellow"), soft_wrap=True)
    for why in told.get("withheld", []):
        stderr().print(plain(f"{told['account']}: nothing to upload: {why}", "yellow"))
