"""Changes at Amazon on the screen: what will be done, and what became of it."""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import typer

from admatch.amazon.allow import Selection, kind_of
from admatch.amazon.outcomes import GOOD, Result
from admatch.amazon.plan import ApplyPlan, Step
from admatch.cli.console import new_table, plain, short, stderr, stdout
from admatch.display.money import money
from admatch.errors import InputError
from admatch.messages import say

_SHOWN = 100


def show_selection(plan: ApplyPlan, selection: Selection) -> None:
    """Print the changes to apply, those that the job does not allow, and the money at stake."""
    show_steps(selection.steps, plan.currency)
    kinds = [kind_of(step) for step in selection.left_out]
    known = [kind for kind in kinds if kind is not None]
    if known:
        names = ", ".join(sorted(set(known)))
        stderr().print(plain(say("cli.apply.left_out", n=len(known), kinds=names), "yellow"))
    if by_file := len(kinds) - len(known):
        stderr().print(plain(say("cli.apply.by_file", n=by_file), "yellow"))
    at_stake = money(selection.money, plan.currency)
    stdout().print(plain(say("cli.apply.at_stake", money=at_stake)))


def show_steps(steps: Sequence[Step], currency: str) -> None:
    """Print the first hundred changes, one per line, and the number of all."""
    table = new_table("row", "what", "of", "text", "where", "bid", numbers=("row",))
    for step in steps[:_SHOWN]:
        change = step.change
        kind = f"{change.entity.lower()} {change.match_type or ''}".strip()
        bids = [money(bid, currency) for bid in (change.before, change.bid) if bid is not None]
        cells = (change.operation.lower(), kind, change.text, str(change.place))
        table.add_row(str(step.number), *map(short, cells), " → ".join(bids))
    stdout().print(table)
    stdout().print(plain(say("cli.apply.changes", n=len(steps)), "bold"))


@contextmanager
def remembered(job: Path) -> Iterator[None]:
    """Store what was done in the job's workspace, however the block ends."""
    from admatch.jobs.applied import remember_applied

    try:
        yield
    finally:
        try:
            remember_applied(job)
        except InputError as error:
            message = say("cli.apply.not_stored", why=error.message)
            stderr().print(plain(message, "yellow"), soft_wrap=True)


def show_results(done: Sequence[Result], journal: Path) -> None:
    """Print the number of changes by outcome; exit with 1 if any needs attention."""
    for outcome, count in sorted(Counter(one.outcome for one in done).items()):
        stdout().print(plain(f"{outcome}: {count:,}", "" if outcome in GOOD else "yellow"))
    open_ends = [one for one in done if one.outcome not in GOOD]
    for one in open_ends[:_SHOWN]:
        row, ended, why = str(one.step), one.outcome.value, one.note or ""
        message = say("cli.apply.row", row=row, outcome=ended, why=why)
        stderr().print(plain(message, "yellow"), soft_wrap=True)
    stderr().print(plain(say("cli.apply.journal", file=str(journal))), soft_wrap=True)
    if open_ends:
        raise typer.Exit(1)
