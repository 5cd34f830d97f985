"""``admatch check``: what files are, what they contain, and whether they can be used."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from admatch.cli.console import (
    Format,
    FormatOption,
    new_table,
    plain,
    print_csv,
    print_json,
    show_problems,
    stdout,
)
from admatch.cli.currency_options import (
    AttributionOption,
    CurrencyOption,
    RatesOption,
    ShowInOption,
    shown,
)
from admatch.cli.tables.hygiene import hygiene_lines
from admatch.cli.tables.report_sums import print_ledger, print_reconciliation, totals_table
from admatch.messages import Message, say

if TYPE_CHECKING:
    import polars as pl

    from admatch.pipeline.inspect_file import Checked


def check(
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE...", help="Reports, bulk files, catalogs.")
    ],
    currency: CurrencyOption = None,
    attribution: AttributionOption = None,
    show_in: ShowInOption = None,
    rates: RatesOption = None,
    format: FormatOption = Format.TABLE,
) -> None:
    """Show what each file is, its period, window, currencies and totals, and what looks wrong.

    Several search-term reports are also added up, counting each click once.
    The exit code is 1 if a file cannot be used.

    $ admatch check data/sample/search_terms.csv
    $ admatch check data/sample/bulk.xlsx data/sample/catalog.csv
    """
    from admatch.pipeline.inspect_file import check_file, facts

    checked = [
        replace(one, report=shown(one.report, show_in, rates)) if one.report is not None else one
        for one in (check_file(path, currency, attribution) for path in files)
    ]
    if format is Format.JSON:
        print_json([facts(one) for one in checked])
    elif format is Format.CSV:
        print_csv(_rows([facts(one) for one in checked]))
    else:
        for one in checked:
            _print(one, facts(one))
    _check_together(checked)
    if any(one.refusal for one in checked):
        raise typer.Exit(1)


def _check_together(checked: "list[Checked]") -> None:
    """Print on stderr the sum of several reports; raises if they cannot be added up."""
    reports = [one.report for one in checked if one.report is not None]
    if len(reports) < 2:
        return
    from admatch.reports.combine import combine

    print_ledger(combine(reports))


def _print(checked: "Checked", found: dict[str, Any]) -> None:
    screen = stdout()
    screen.print(plain(found["file"], "bold"))
    lines = new_table("", "")
    lines.show_header = False
    for name, text in _lines(found):
        lines.add_row(plain(name, "dim"), plain(text, "" if found["usable"] else "red"))
    screen.print(lines)
    if checked.report is not None:
        screen.print(totals_table(checked.report))
        print_reconciliation(checked.report)
    show_problems(checked.problems)
    screen.print()


def _lines(found: dict[str, Any]) -> list[tuple[str, str]]:
    """Return the most important facts, each with its name."""
    if not found["usable"]:
        return [("cannot be used", found["refusal"])]
    lines = [("what", ", ".join(found["what"]))]
    if report := found["report"]:
        rows = _counted(report)
        if report["granularity"] == "daily":
            rows = say("cli.check.daily", rows=rows)
        else:
            rows = say("cli.check.whole_period", rows=rows)
        lines += [
            ("rows", rows),
            ("period", _period(report)),
            ("window", _window(report["window_days"])),
            ("terms", ", ".join(f"{many:,} {kind}" for kind, many in report["terms"].items())),
        ]
    if account := found["account"]:
        entities = account["entities"].items()
        lines += [
            (
                "account",
                ", ".join(f"{many:,} {one}" for one, many in entities)
                or say("cli.check.nothing_runs"),
            ),
            ("rows", _counted(account)),
            ("period", _period(account)),
            *(("keywords", one) for one in hygiene_lines(account["hygiene"])),
        ]
    if insights := found["insights"]:
        rows = sum(insights["rows"].values())
        lines.append(("rows", say("cli.check.skipped", rows=rows, n=insights["skipped"])))
    if catalog := found["catalog"]:
        skipped = say("cli.check.skipped", rows=catalog["products"], n=catalog["skipped"])
        lines.append(("products", skipped))
    return lines


def _counted(part: dict[str, Any]) -> Message:
    return say("cli.check.skipped", rows=part["rows"], n=part["skipped"])


def _period(part: dict[str, Any]) -> Message:
    if not part["period"]:
        return say("cli.check.no_dates")
    first, last = part["period"]
    return say("cli.check.period", first=first, last=last)


def _window(days: int | None) -> Message:
    return say("cli.check.days", n=days) if days else say("cli.check.no_window")


def _rows(files: list[dict[str, Any]]) -> "pl.DataFrame":
    """Return one row per file and currency."""
    import polars as pl

    return pl.DataFrame([row for one in files for row in _row(one)])


def _row(found: dict[str, Any]) -> list[dict[str, Any]]:
    report = found["report"] or {}
    first, last = report.get("period") or (None, None)
    head = {
        "file": found["file"],
        "usable": found["usable"],
        "what": ", ".join(found["what"]),
        "first_day": first,
        "last_day": last,
        "window_days": report.get("window_days"),
        "problems": len(found["problems"]),
        "refusal": found["refusal"],
    }
    return [head | totals for totals in report.get("totals") or [{}]]
