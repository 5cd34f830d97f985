"""``admatch run``: a job file, run for all its accounts."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from admatch.cli.console import plain, print_json, stderr
from admatch.cli.progress import progress_bars
from admatch.messages import Message, say

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
            help="Decide as of this day, from the days up to it; by default today.",
        ),
    ] = None,
    dry_run: Annotated[
        bool,
        typer.Option("--dry-run", help="Store and write nothing; only show what would happen."),
    ] = False,
    resume: Annotated[
        bool, typer.Option("--resume", help="Skip accounts that are done for this day.")
    ] = False,
) -> None:
    """Read what is new for every account, decide, and write the files of the day.

    Nothing is sent anywhere unless the job says so. What was read, decided and written is stored
    in the job's workspace; if nothing is new, nothing is done. A JSON summary goes to stdout; the
    exit code is 1 if an account failed. For example:

    $ admatch run job.toml

    $ admatch run job.toml --as-of 2026-03-01 --dry-run
    """
    from admatch.jobs.read import read_job

    loaded = read_job(job)
    day = as_of.date() if as_of else datetime.now(UTC).date()
    found = _run(loaded, day, dry_run, resume)
    failed = [one for one in found if one["state"] == "failed"]
    print_json({"job": loaded.name, "as_of": str(day), "failed": len(failed), "accounts": found})
    if failed:
        raise typer.Exit(1)


def _run(job: "Job", day: date, dry: bool, resume: bool) -> list[dict[str, Any]]:
    from admatch.jobs.run import run_job

    with progress_bars() as progress:
        return run_job(job, day, dry=dry, resume=resume, progress=progress, tell=_report)


def _report(summary: dict[str, Any]) -> None:
    """Print on stderr what became of an account."""

    def show(what: str, style: str) -> None:
        line = say("cli.run.line", account=summary["account"], what=what)
        stderr().print(plain(line, style), soft_wrap=True)

    for doubt in summary.get("doubts", []):
        show(doubt, "bold red")
    show(_outcome(summary), "bold red" if summary["state"] == "failed" else "")
    for why in summary.get("not_given", []):
        show(why, "yellow")
    for why in summary.get("not_sent", []):
        show(say("cli.run.not_sent", why=why), "yellow")
    for why in summary.get("withheld", []):
        show(say("cli.nothing_to_upload", why=why), "yellow")


def _outcome(summary: dict[str, Any]) -> Message:
    match summary["state"]:
        case "failed":
            return say("cli.run.failed", why=summary["reason"])
        case "would do":
            return say("cli.run.dry", n=summary["terms"])
        case "done":
            return say("cli.run.done", n=summary["to_upload"], folder=summary["folder"])
        case _:
            return say("cli.run.nothing_new")
