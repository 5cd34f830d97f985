"""Decisions told to a person: how many of each, what they cost and bring, what to know."""

from typing import TYPE_CHECKING

from rich.table import Table

from admatch.cli.console import new_table, plain, stderr

if TYPE_CHECKING:
    from admatch.pipeline.records import BulkExport, Interval, Recommendations, WhatIf


def decisions_table(advice: "Recommendations") -> Table:
    """Return a line an action: rows, spend in the report, spend freed, sales at risk."""
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
        told = [_money(amount, code) if single else "" for amount in sums]
        chosen = int(own["chosen"].sum())
        table.add_row(action.value, f"{count:,}", f"{chosen:,}" if chosen else "", *told)
    return table


def _money(amount: float | None, code: str | None) -> str:
    from admatch.display.money import money

    return money(amount, code) if amount else ""


def headline(advice: "Recommendations") -> list[str]:
    """Return a sentence a currency: ACOS before and after the chosen set."""
    from admatch.display.money import money, percent

    lines = []
    for total in advice.totals.to_dicts():
        code = total["currency"]
        if total["acos_before"] is None:
            lines.append(f"nothing was sold in {code or 'this report'}, so ACOS cannot be told")
            continue
        reached = "" if total["reached"] else "; no set inside the guard-rails reaches the target"
        lines.append(
            f"{total['changes']:,} changes are expected to bring ACOS from "
            f"{percent(total['acos_before'])} to {percent(total['acos_after'])}, spend from "
            f"{money(total['spend_before'], code)} to {money(total['spend_after'], code)}, with "
            f"{money(total['sales_at_risk'], code)} of {money(total['sales_before'], code)} of "
            f"sales at risk{reached}"
        )
    return lines


def show_warnings(advice: "Recommendations") -> None:
    """Tell on stderr what to know about the decisions; loosened guard-rails in red."""
    for sentence in advice.warnings:
        style = "bold red" if sentence.startswith("GUARD-RAIL") else "yellow"
        stderr().print(plain(sentence, style), soft_wrap=True)


def show_export(done: "BulkExport") -> None:
    """Tell on stderr what was written for upload, and what was refused."""
    for refusal in done.refused[:10]:
        stderr().print(plain(f"not written: {refusal}", "yellow"), soft_wrap=True)
    if len(done.refused) > 10:
        stderr().print(plain(f"and {len(done.refused) - 10:,} more not written", "yellow"))
    told = f"written: {done.file}, {len(done.written):,} rows to upload, with {done.inverse.name}"
    stderr().print(plain(told), soft_wrap=True)


def effect_table(effect: "WhatIf", currency: str | None) -> Table:
    """Return a line a figure: before, after and the difference, each with its 80 % range."""
    from admatch.display.money import money, percent

    outlook = effect.by_currency[currency]
    table = new_table(
        "", "before", "after", "difference", numbers=("before", "after", "difference")
    )

    def told(interval: "Interval | None", kind: str) -> str:
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
        columns = [
            getattr(part, name) for part in (outlook.before, outlook.after, outlook.difference)
        ]
        if columns[0] is not None:
            label = name.upper() if kind == "share" else name
            table.add_row(label, *(told(one, kind) for one in columns))
    if outlook.sales_at_risk is not None:
        table.add_row("sales at risk", "", "", told(outlook.sales_at_risk, "money"))
    return table
