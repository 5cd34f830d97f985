"""Changes at Amazon on the screen: what is to be done, and what became of it."""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import typer

from admatch.amazon.allow import Selection, kind_of
from admatch.amazon.outcomes import GOOD, Result
from admatch.amazon.plan import ApplyPlan, Step
from admatch.cli.console import new_table, plain, short, stderr, stdout
from admatch.errors import InputError

_SHOWN = 100


def show_selection(plan: ApplyPlan, selection: Selection) -> None:
    """Print what is applied, what the job does not allow, and the money at stake."""
    show_steps(selection.steps, plan.currency)
    if selection.left_out:
        kinds = ", ".join(sorted({kind_of(step) for step in selection.left_out}))
        told = f"not allowed by the job, so left out: {len(selection.left_out):,} ({kinds})"
        stderr().print(plain(told, "yellow"))
    stdout().print(plain(f"at stake: {selection.money:.2f} {plan.currency} a click on each"))


def show_steps(steps: Sequence[Step], currency: str) -> None:
    """Print each change, a line each, up to a hundred."""
    table = new_table("row", "what", "of", "text", "where", f"bid {currency}", numbers=("row",))
    for step in steps[:_SHOWN]:
        change = step.change
        kind = f"{change.entity.lower()} {change.match_type or ''}".strip()
        bids = [f"{bid:.2f}" for bid in (change.before, change.bid) if bid is not None]
        cells = (change.operation.lower(), kind, change.text, str(change.place))
        table.add_row(str(step.number), *map(short, cells), " → ".join(bids))
    stdout().print(table)
    stdout().print(plain(f"changes: {len(steps):,}", "bold"))


@contextmanager
def remembered(job: Path) -> Iterator[None]:
    """Take what was done into the workspace of the job, however the block ends."""
    from admatch.jobs.applied import remember_applied

    try:
        yield
    finally:
        try:
            remember_applied(job)
        except InputError as error:
            told = f"the next `admatch run` takes this into the history: {error}"
            stderr().print(plain(told, "yellow"), soft_wrap=True)


def show_results(done: Sequence[Result], journal: Path) -> None:
    """Print how many changes ended how and what needs a look; exits with 1 where any does."""
    for outcome, count in sorted(Counter(one.outcome for one in done).items()):
        stdout().print(plain(f"{outcome}: {count:,}", "" if outcome in GOOD else "yellow"))
    wanting = [one for one in done if one.outcome not in GOOD]
    for one in wanting[:_SHOWN]:
        told = f"row {one.step} {one.outcome}: {one.note or ''}"
        stderr().print(plain(told, "yellow"), soft_wrap=True)
    stderr().print(plain(f"every request and answer: {journal}"), soft_wrap=True)
    if wanting:
        raise typer.Exit(1)
