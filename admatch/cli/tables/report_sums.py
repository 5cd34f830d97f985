"""The totals of a report, and which rows of several files were counted."""

from typing import TYPE_CHECKING, Any

from rich.table import Table

from admatch.cli.console import new_table, plain, stderr, stdout
from admatch.messages import say

if TYPE_CHECKING:
    from admatch.reports.records import SearchTermReport

_SHOWN = ("impressions", "clicks", "spend", "sales", "orders", "units")


def totals_table(report: "SearchTermReport") -> Table:
    """Return the totals of a report, a line per currency."""
    table = new_table("currency", *_SHOWN, "ACOS", numbers=(*_SHOWN, "ACOS"))
    for sums in report.totals.iter_rows(named=True):
        table.add_row(
            plain(sums["currency"] or say("cli.report.unknown")), *_cells(sums), _acos(sums)
        )
    return table


def print_reconciliation(report: "SearchTermReport") -> None:
    """Print what became of the lines of each table, and whether its own total is their sum."""
    screen = stdout()
    for one in report.reconciliation:
        screen.print(plain("; ".join(one.sentences())), soft_wrap=True)
    if report.repeated.height:
        counted = say("cli.report.repeated", n=report.repeated.height)
        screen.print(plain(counted, "yellow"), soft_wrap=True)


def print_ledger(report: "SearchTermReport") -> None:
    """Print on stderr the totals of each file, what would count twice, and the sum."""
    table = new_table("file", "rows", "currency", *_SHOWN, "", numbers=("rows", *_SHOWN))
    for sums in report.ledger.iter_rows(named=True):
        fate = "" if sums["fate"] == "kept" else say("cli.report.counted_already")
        table.add_row(
            plain(sums["file"]),
            f"{sums['rows']:,}",
            plain(sums["currency"] or say("cli.report.unknown")),
            *_cells(sums),
            plain(fate, "yellow"),
        )
    for sums in report.totals.iter_rows(named=True):
        rows = report.frame["currency"].eq_missing(sums["currency"]).sum()
        currency = plain(sums["currency"] or say("cli.report.unknown"))
        table.add_row("all counted rows", f"{rows:,}", currency, *_cells(sums), style="bold")
    screen = stderr()
    screen.print(plain("together", "bold"))
    screen.print(table)


def _cells(sums: dict[str, Any]) -> list[str]:
    from admatch.display.money import UNKNOWN, money

    cells = []
    for name in _SHOWN:
        if name in ("spend", "sales"):
            cells.append(money(sums[name], sums["currency"]))
        else:
            cells.append(UNKNOWN if sums[name] is None else f"{sums[name]:,}")
    return cells


def _acos(sums: dict[str, Any]) -> str:
    from admatch.display.money import percent

    return percent(sums["spend"] / sums["sales"] if sums["sales"] else None)
