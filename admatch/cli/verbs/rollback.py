"""``admatch rollback``: reverses what ``admatch apply`` changed at Amazon."""

from typing import Annotated

import typer

from admatch.cli.console import plain, stderr
from admatch.cli.progress import progress_bars
from admatch.cli.verbs.apply import JobOption, RunArgument
from admatch.messages import say


def rollback(
    run: RunArgument,
    job: JobOption,
    do_apply: Annotated[
        bool, typer.Option("--apply", help="Change the account; without it, only show the changes.")
    ] = False,
) -> None:
    """Show what `admatch apply` changed and, with --apply, reverse it.

    What was created is archived, bids get their former values, what was archived is created again.
    What somebody has changed since stays as it is and is listed. For example:

    $ admatch rollback advice --job job.toml --apply
    """
    from admatch.amazon.allow import check_profile
    from admatch.amazon.journal import read_journal
    from admatch.amazon.outcomes import courses
    from admatch.amazon.plan import read_plan
    from admatch.amazon.runs import roll_back, undoing
    from admatch.cli.tables.applied import remembered, show_results, show_steps
    from admatch.jobs.fetched import amazon_of_run

    plan, amazon = read_plan(run), amazon_of_run(job, run)
    check_profile(amazon)
    known = courses(read_journal(plan.applied)).values()
    steps = undoing(plan, [one.result for one in known if one.result])
    show_steps(steps, plan.currency)
    if unsure := sum(one.ours and one.result is None for one in known):
        stderr().print(plain(say("cli.apply.unsure", n=unsure), "yellow"))
    if not do_apply:
        stderr().print(plain(say("cli.apply.nothing_sent"), "bold"))
        return
    from admatch.amazon.open import open_client

    with remembered(job), open_client(amazon) as client, progress_bars() as progress:
        done = roll_back(client, plan, progress=progress)
    show_results(done, plan.rolled_back)
