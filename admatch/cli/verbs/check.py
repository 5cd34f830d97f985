"""``admatch check``: what files are, what is in them, and whether they can be used."""

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
from admatch.cli.currency_options import CurrencyOption, RatesOption, ShowInOption, shown
from admatch.cli.tables.report_sums import print_ledger, totals_table

if TYPE_CHECKING:
    import polars as pl

    from admatch.pipeline.inspect_file import Checked


def check(
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE...", help="Reports, bulk files, catalogs.")
    ],
    currency: CurrencyOption = None,
    show_in: ShowInOption = None,
    rates: RatesOption = None,
    format: FormatOption = Format.TABLE,
) -> None:
    """Say what each file is, its period, window, currencies and totals, and what looks wrong.

    Several search-term reports are also added up, each click once, and the sum is shown.
    The exit code is 1 where a file cannot be used.

    $ admatch check data/sample/search_terms.csv
    $ admatch check data/sample/bulk.xlsx data/sample/catalog.csv
    """
    from admatch.pipeline.inspect_file import check_file, facts

    checked = [
        replace(one, report=shown(one.report, show_in, rates)) if one.report is not None else one
        for one in (check_file(path, currency) for path in files)
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
    """Tell on stderr what several reports are together; raises where they cannot be added up."""
    reports = [one.report for one in checked if one.report is not None]
    if len(reports) < 2:
        return
    from admatch.reports.combine import combine

    print_ledger(combine(reports))


def _print(checked: "Checked", told: dict[str, Any]) -> None:
    screen = stdout()
    screen.print(plain(told["file"], "bold"))
    lines = new_table("", "")
    lines.show_header = False
    for name, text in _lines(told):
        lines.add_row(plain(name, "dim"), plain(text, "" if told["usable"] else "red"))
    screen.print(lines)
    if checked.report is not None:
        screen.print(totals_table(checked.report))
    show_problems(checked.problems)
    screen.print()


def _lines(told: dict[str, Any]) -> list[tuple[str, str]]:
    """Return the facts that a person reads first, each with its name."""
    if not told["usable"]:
        return [("cannot be used", told["refusal"])]
    lines = [("what", ", ".join(told["what"]))]
    if report := told["report"]:
        a_row = "a row a day" if report["granularity"] == "daily" else "a row for the whole period"
        lines += [
            ("rows", f"{_counted(report)}, {a_row}"),
            ("period", _period(report)),
            ("window", _window(report["window_days"])),
            ("terms", ", ".join(f"{many:,} {kind}" for kind, many in report["terms"].items())),
        ]
    if account := told["account"]:
        entities = account["entities"].items()
        lines += [
            ("account", ", ".join(f"{many:,} {one}" for one, many in entities) or "nothing runs"),
            ("rows", _counted(account)),
            ("period", _period(account)),
        ]
    if catalog := told["catalog"]:
        lines.append(("products", f"{catalog['products']:,}, {catalog['skipped']:,} rows skipped"))
    return lines


def _counted(part: dict[str, Any]) -> str:
    return f"{part['rows']:,}, {part['skipped']:,} lines skipped"


def _period(part: dict[str, Any]) -> str:
    return " to ".join(part["period"]) if part["period"] else "the file names no dates"


def _window(days: int | None) -> str:
    return f"{days} days" if days else "the file does not name the attribution window"


def _rows(told: list[dict[str, Any]]) -> "pl.DataFrame":
    """Return one row a file and currency."""
    import polars as pl

    return pl.DataFrame([row for one in told for row in _row(one)])


def _row(told: dict[str, Any]) -> list[dict[str, Any]]:
    report = told["report"] or {}
    first, last = report.get("period") or (None, None)
    head = {
        "file": told["file"],
        "usable": told["usable"],
        "what": ", ".join(told["what"]),
        "first_day": first,
        "last_day": last,
        "window_days": report.get("window_days"),
        "problems": len(told["problems"]),
        "refusal": told["refusal"],
    }
    return [head | totals for totals in report.get("totals") or [{}]]
