"""``admatch verdict``: a verdict on decisions of a job's last night."""

import getpass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from admatch.cli.console import plain, stderr
from admatch.messages import say
from admatch.store.verdict import Verdict

if TYPE_CHECKING:
    from admatch.store.workspace import Transaction


def verdict(
    job: Annotated[Path, typer.Argument(metavar="JOB", help="A job's TOML file.")],
    verdict: Annotated[
        Verdict, typer.Argument(help="Your verdict; undecided withdraws an earlier one.")
    ],
    decisions: Annotated[
        list[int],
        typer.Argument(metavar="NUMBER...", help="As `admatch history JOB --details` shows them."),
    ],
    account: Annotated[
        str | None, typer.Option("--account", metavar="NAME", help="Needed if the job has several.")
    ] = None,
    why: Annotated[str | None, typer.Option("--why", metavar="TEXT", help="The reason.")] = None,
    by: Annotated[
        str | None, typer.Option("--by", metavar="NAME", help="Who decides; by default your login.")
    ] = None,
) -> None:
    """Accept or reject decisions of an account's last night.

    What is rejected is not proposed again for 90 days, unless there is much new data: half as many
    clicks again. For example:

    $ admatch verdict job.toml rejected 3 7 --account "Groceries US" --why "seasonal"
    """
    from admatch.errors import InputError
    from admatch.jobs.read import read_job
    from admatch.jobs.store.judgements import judge_decisions
    from admatch.store.workspace import Workspace, now

    loaded = read_job(job)
    names = [one.name for one in loaded.accounts]
    named = account or (names[0] if len(names) == 1 else "")
    if named not in names:
        raise InputError(say("cli.job.which_account", names=", ".join(names)))
    workspace = Workspace(loaded.workspace)
    try:
        with workspace.writing() as transaction:
            night = _last(transaction, named)
            who = by or getpass.getuser()
            judge_decisions(transaction, named, night, decisions, verdict, why, who, now())
    finally:
        workspace.close()
    message = say("cli.verdict.done", account=named, n=len(decisions), verdict=verdict.value)
    stderr().print(plain(message))


def _last(transaction: "Transaction", account: str) -> str:
    from admatch.errors import InputError
    from admatch.jobs.store.nights import last_night

    night = last_night(transaction, account)
    if night is None:
        raise InputError(say("cli.verdict.no_night", account=account))
    return str(night["id"])
