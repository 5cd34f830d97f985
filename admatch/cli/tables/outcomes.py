"""The table that ends a match, with every row counted: ``outcome_table``."""

from typing import TYPE_CHECKING

from rich.table import Table

from admatch.cli.console import new_table, plain

if TYPE_CHECKING:
    from admatch.pipeline.records import Summary

STYLES = {"match": "green", "related": "yellow", "none": "dark_orange3", "not_applicable": "dim"}
LABELS = {
    "match": "about a product",
    "related": "related to mine",
    "none": "none of mine",
    "not_applicable": "not applicable",
}


def outcome_table(summary: "Summary") -> Table:
    """Return rows, distinct terms and spend with its share, by outcome and in total."""
    from admatch.display.money import money, percent

    spends = [f"spend {code}" if code else "spend" for code in summary.currencies]
    numbers = ("rows", "terms", *spends, *(f"{' ' * at}share" for at in range(len(spends))))
    heads = [head for at, spend in enumerate(spends) for head in (spend, f"{' ' * at}share")]
    table = new_table("", "rows", "terms", *heads, numbers=numbers)
    for line in summary.outcomes:
        cells = [f"{line.rows:,}", f"{line.terms:,}"]
        for amounts in line.amounts:
            cells += [money(amounts.spend, amounts.currency), percent(amounts.spend_share)]
        table.add_row(plain(LABELS[line.outcome], STYLES[line.outcome]), *cells)
    totals = [cell for at in range(len(spends)) for cell in (_spend(summary, at), "")]
    table.add_row("rows read", f"{summary.rows_read:,}", "", *totals, style="bold")
    if summary.skipped:
        table.add_row("skipped", f"{summary.skipped:,}", style="yellow")
    return table


def _spend(summary: "Summary", at: int) -> str:
    """Return all spend in one of the report's currencies."""
    from admatch.display.money import money

    parts = [line.amounts[at].spend for line in summary.outcomes]
    known = [part for part in parts if part is not None]
    return money(sum(known) if known else None, summary.currencies[at])
