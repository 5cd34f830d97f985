"""Decisions on the screen: how many of each, their effect, and warnings."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.table import Table

from admatch.cli.console import new_table, plain, stderr
from admatch.messages import Message, say

if TYPE_CHECKING:
    from admatch.pipeline.records import BulkExport, Interval, Recommendations, WhatIf


def decisions_table(advice: "Recommendations") -> Table:
    """Return a line per action: rows, spend in the report, spend freed, sales at risk."""
    import polars as pl

    table = new_table(
        "action", "rows", "in the set", "spend", "frees", "at risk, at most",
        numbers=("rows", "in the set", "spend", "frees", "at risk, at most"),
    )  # fmt: skip
    single = advice.totals.height == 1
    code = advice.totals["currency"][0] if single else None
    for action, count in advice.counts.items():
        if not count:
            continue
        own = advice.frame.filter(pl.col("action") == action.value)
        sums = own.select(pl.col("spend", "spend_freed", "sales_at_risk_high").sum()).row(0)
        amounts = [_money(amount, code) if single else "" for amount in sums]
        chosen = int(own["chosen"].sum())
        table.add_row(action.value, f"{count:,}", f"{chosen:,}" if chosen else "", *amounts)
    return table


def _money(amount: float | None, code: str | None) -> str:
    from admatch.display.money import money

    return money(amount, code) if amount else ""


def headline(advice: "Recommendations") -> list[str]:
    """Return a sentence a currency: ACOS before and after the chosen set."""
    from admatch.display.money import money, percent

    lines: list[str] = []
    for total in advice.totals.to_dicts():
        code = total["currency"]
        if total["acos_before"] is None:
            lines.append(say("cli.headline.no_sales", currency=code or "–"))
            continue
        sums = {
            "acos_before": percent(total["acos_before"]),
            "acos_after": percent(total["acos_after"]),
            "spend_before": money(total["spend_before"], code),
            "spend_after": money(total["spend_after"], code),
            "risk": money(total["sales_at_risk"], code),
            "sales": money(total["sales_before"], code),
        }
        line = say("cli.headline.changes", n=total["changes"], **sums)
        lines.append(line if total["reached"] else say("cli.headline.not_reached", line=line))
        lines += [*advice.risks(total), *advice.remarks(total), *advice.left_out(total)]
    return lines


def show_doubts(doubts: Sequence[Message]) -> None:
    """Print on stderr why the catalog seems to be of another account."""
    for sentence in doubts:
        stderr().print(plain(sentence, "bold red"), soft_wrap=True)


def show_warnings(advice: "Recommendations", shown: Sequence[Message] = ()) -> None:
    """Print the warnings about the decisions on stderr; loosened guard-rails in red.

    Those already ``shown`` are not repeated.
    """
    for sentence in (one for one in advice.warnings if one not in shown):
        style = "bold red" if sentence.startswith("GUARD-RAIL") else "yellow"
        stderr().print(plain(sentence, style), soft_wrap=True)


def show_export(done: "BulkExport") -> None:
    """Print on stderr what was written for upload, and what was refused."""
    for refusal in done.refused[:10]:
        stderr().print(
            plain(say("cli.export.refused", refusal=refusal.message), "yellow"), soft_wrap=True
        )
    if len(done.refused) > 10:
        message = say("cli.export.more_refused", n=len(done.refused) - 10)
        stderr().print(plain(message, "yellow"))
    file, count = str(done.file), len(done.written)
    message = say("cli.export.written", file=file, n=count, inverse=done.inverse.name)
    stderr().print(plain(message), soft_wrap=True)


def effect_table(effect: "WhatIf", currency: str | None) -> Table:
    """Return a line per figure: before, after and the difference, each with its 80 % range."""
    from admatch.display.money import money, percent

    change = effect.by_currency[currency]
    table = new_table(
        "", "before", "after", "difference", numbers=("before", "after", "difference")
    )

    def written(interval: "Interval | None", kind: str) -> str:
        if interval is None:
            return "–"
        parts = (interval.mean, interval.low80, interval.high80)
        if kind == "share":
            mean, low, high = (percent(one) for one in parts)
        elif kind == "count":
            mean, low, high = (f"{one:,.0f}" for one in parts)
        else:
            mean, low, high = (money(one, currency) for one in parts)
        return f"{mean}  ({low} to {high})"

    figures = ("acos", "share"), ("tacos", "share"), ("spend", "money"), ("orders", "count")
    for name, kind in (*figures, ("sales", "money"), ("profit", "money")):
        columns = [getattr(part, name) for part in (change.before, change.after, change.difference)]
        if columns[0] is not None:
            label = name.upper() if kind == "share" else name
            table.add_row(label, *(written(one, kind) for one in columns))
    if change.spent_again.mean:
        table.add_row("spent again by budgets", "", "", written(change.spent_again, "money"))
    if change.sales_at_risk is not None:
        table.add_row("sales at risk", "", "", written(change.sales_at_risk, "money"))
    return table
