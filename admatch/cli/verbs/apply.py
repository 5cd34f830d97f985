"""``admatch apply``: a run's changes made at Amazon, as far as a job allows them."""

from pathlib import Path
from typing import Annotated

import typer

from admatch.cli.console import plain, stderr
from admatch.cli.progress import progress_bars
from admatch.messages import say

RunArgument = Annotated[
    Path,
    typer.Argument(metavar="RUN", help="The folder of a run, or its manifest (.manifest.json)."),
]
JobOption = Annotated[
    Path, typer.Option("--job", metavar="FILE", help=r"A job's TOML file, with \[amazon.allow].")
]


def apply(
    run: RunArgument,
    job: JobOption,
    do_apply: Annotated[
        bool, typer.Option("--apply", help="Change the account; without it, only show the changes.")
    ] = False,
) -> None:
    r"""Show what a run changes at Amazon and, with --apply, change it.

    Only changes within the kinds, profiles and limits of the job's \[amazon.allow] are applied.
    Each change is made once: the account is read before and after, and a journal beside the
    manifest records every request, so the same command continues after any stop. For example:

    $ admatch apply advice --job job.toml
    $ admatch apply advice --job job.toml --apply
    """
    from admatch.amazon.allow import select
    from admatch.amazon.plan import read_plan
    from admatch.cli.tables.applied import remembered, show_results, show_selection
    from admatch.jobs.fetched import amazon_of_run

    plan, amazon = read_plan(run), amazon_of_run(job, run)
    selection = select(plan, amazon)
    show_selection(plan, selection)
    if not do_apply:
        stderr().print(plain(say("cli.apply.nothing_sent"), "bold"))
        return
    from admatch.amazon.open import open_client
    from admatch.amazon.runs import apply_plan

    with remembered(job), open_client(amazon) as client, progress_bars() as progress:
        done = apply_plan(client, plan, selection, progress=progress)
    show_results(done, plan.applied)
