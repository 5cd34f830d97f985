"""``admatch overview``: all accounts of one or several jobs, a line each."""

from pathlib import Path
from typing import Annotated, Any

import typer

from admatch.cli.console import (
    Format,
    FormatOption,
    new_table,
    plain,
    print_csv,
    print_json,
    stdout,
)
from admatch.messages import say

_NUMBERS = ("spend", "before", "ACOS", "ACOS before", "target", "to upload", "alerts")


def overview(
    jobs: Annotated[list[Path], typer.Argument(metavar="JOB...", help="Jobs' TOML files.")],
    format: FormatOption = Format.TABLE,
) -> None:
    """Show all accounts of jobs: money of the last four weeks and before, changes, alerts.

    For example:

    $ admatch overview job.toml
    """
    from contextlib import closing

    from admatch.jobs.overview import overview_lines
    from admatch.jobs.read import read_job
    from admatch.store.workspace import Workspace

    lines: list[dict[str, Any]] = []
    for path in jobs:
        job = read_job(path)
        with closing(Workspace(job.workspace, reading=True)) as workspace:
            lines += overview_lines(workspace, job)
    if format is Format.JSON:
        print_json(lines)
    elif format is Format.CSV:
        import polars as pl

        counted = [one | {"alerts": len(one["alerts"])} for one in lines]
        print_csv(pl.DataFrame(counted, infer_schema_length=None))
    else:
        _print(lines)


def _print(lines: list[dict[str, Any]]) -> None:
    from admatch.display.money import money, percent

    def amount(value: float | None, currency: str | None) -> str:
        return "" if value is None else money(value, currency)

    def share(value: float | None) -> str:
        return "" if value is None else percent(value)

    table = new_table("account", "last day", *_NUMBERS, numbers=_NUMBERS)
    for one in lines:
        code = one["currency"]
        cells = (
            one["account"], one["last_day"] or "", amount(one["spend"], code),
            amount(one["spend_before"], code), share(one["acos"]), share(one["acos_before"]),
            share(one["target_acos"]), "" if one["to_upload"] is None else f"{one['to_upload']:,}",
            f"{len(one['alerts']):,}",
        )  # fmt: skip
        table.add_row(*(plain(cell, "red" if one["failed"] else "") for cell in cells))
    stdout().print(table)
    for account in dict.fromkeys(one["account"] for one in lines):
        own = next(one for one in lines if one["account"] == account)
        if own["failed"]:
            message = say("cli.overview.failed", account=account, why=own["failed"])
            stdout().print(plain(message, "red"), soft_wrap=True)
        for text in own["alerts"]:
            message = say("cli.overview.alert", account=account, text=text)
            stdout().print(plain(message), soft_wrap=True)
