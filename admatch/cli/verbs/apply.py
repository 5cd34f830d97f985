"""``admatch apply``: a run's changes made at Amazon, where a job allows them."""

from pathlib import Path
from typing import Annotated

import typer

from admatch.cli.console import plain, stderr
from admatch.cli.progress import progress_bars

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
        bool, typer.Option("--apply", help="Change the account; without it, only say what would.")
    ] = False,
) -> None:
    r"""Show what a run changes at Amazon and, with --apply, change it.

    Only kinds of change, profiles and sums that the job's \[amazon.allow] names are applied.
    Each change is made once: it is read what stands before and after, and a journal beside the
    manifest tells every request, so that after any stop the same command goes on. For example:

    $ admatch apply advice --job job.toml
    $ admatch apply advice --job job.toml --apply
    """
    from admatch.amazon.allow import select
    from admatch.amazon.plan import read_plan
    from admatch.cli.tables.applied import remembered, show_results, show_selection
    from admatch.jobs.fetched import amazon_of_run

    plan, asked = read_plan(run), amazon_of_run(job, run)
    selection = select(plan, asked)
    show_selection(plan, selection)
    if not do_apply:
        stderr().print(plain("nothing was sent to Amazon; add --apply to do this", "bold"))
        return
    from admatch.amazon.open import open_client
    from admatch.amazon.runs import apply_plan

    with remembered(job), open_client(asked) as client, progress_bars() as progress:
        done = apply_plan(client, plan, selection, progress=progress)
    show_results(done, plan.applied)
