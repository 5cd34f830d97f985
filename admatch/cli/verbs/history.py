"""``admatch history``: what a job has done; its workspace to Parquet and back."""

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
    stderr,
    stdout,
)
from admatch.cli.tables.night import check_account, show_details
from admatch.messages import say

if TYPE_CHECKING:
    from admatch.jobs.records import Job
    from admatch.store.workspace import Workspace


def history(
    job: Annotated[Path, typer.Argument(metavar="JOB", help="A job's TOML file.")],
    account: Annotated[
        str | None, typer.Option("--account", metavar="NAME", help="Only this account.")
    ] = None,
    details: Annotated[
        bool,
        typer.Option(
            "--details", help="The last night's decisions with verdicts, and what became of them."
        ),
    ] = False,
    to_parquet: Annotated[
        Path | None,
        typer.Option(
            "--to-parquet", metavar="FOLDER", help="Write the whole workspace as Parquet."
        ),
    ] = None,
    from_parquet: Annotated[
        Path | None,
        typer.Option("--from-parquet", metavar="FOLDER", help="Fill an empty workspace from it."),
    ] = None,
    format: FormatOption = Format.TABLE,
) -> None:
    """Show what was done for each account each night, the newest first.

    For example:

    $ admatch history job.toml --account "Groceries US"

    $ admatch history job.toml --to-parquet backup
    """
    if to_parquet and from_parquet:
        raise typer.BadParameter(say("cli.usage.one_parquet"))
    from admatch.jobs.read import read_job
    from admatch.store.workspace import Workspace

    loaded = read_job(job)
    workspace = Workspace(loaded.workspace, reading=from_parquet is None)
    try:
        if to_parquet or from_parquet:
            _carry(workspace, to_parquet, from_parquet)
        elif details:
            show_details(workspace, loaded, account, format)
        else:
            _show(workspace, loaded, account, format)
    finally:
        workspace.close()


def _carry(workspace: "Workspace", there: Path | None, back: Path | None) -> None:
    from admatch.jobs.store.parquet import export_parquet, rebuild

    rows = export_parquet(workspace, there) if there else rebuild(workspace, back or Path())
    counts = ", ".join(f"{count:,} {table}" for table, count in rows.items() if count)
    listed = counts or say("cli.history.nothing")
    if there:
        stderr().print(plain(say("cli.history.written", rows=listed)))
    else:
        stderr().print(plain(say("cli.history.read", rows=listed)))


def _show(workspace: "Workspace", job: "Job", account: str | None, format: Format) -> None:
    from admatch.jobs.night_lines import night_lines

    check_account(job, account)
    nights = night_lines(workspace, account)
    if format is Format.JSON:
        print_json(nights)
        return
    if format is Format.CSV:
        import polars as pl

        print_csv(pl.DataFrame(nights, infer_schema_length=None).drop(_NESTED))
        return
    table = new_table(
        *("day", "account", "rows", "changes", "held out", "applied", "what"),
        numbers=("rows", "changes", "held out"),
    )
    for night in nights:
        what = night["folder"] or say("cli.history.failed", why=night["reason"])
        figures = (f"{night[name]:,}" if night[name] is not None else "" for name in _COUNTS)
        cells = (night["as_of"], night["account"], *figures, _counted(night))
        table.add_row(*map(plain, cells), plain(what, "" if night["folder"] else "red"))
    stdout().print(table)
    if nights:
        _show_outcomes(nights[0])


def _show_outcomes(night: dict[str, Any]) -> None:
    """Print the effect of mature changes as the last night measured it, in money per day."""
    table = new_table(
        "changes seen on", "changes", "frees, expected", "freed", "80 %",
        numbers=("changes", "frees, expected", "freed", "80 %"),
    )  # fmt: skip
    for one in night["outcomes"]:
        figures = (f"{one['freed_expected']:,.2f}", f"{one['freed']:,.2f}")
        table.add_row(*map(plain, (one["seen_on"], f"{one['changes']:,}", *figures, _between(one))))
    if night["outcomes"]:
        stdout().print(table)
    if one := night["experiment"]:
        message = say(
            "cli.history.experiment",
            treated=one["treated"],
            held=one["held"],
            freed=f"{one['freed']:,.2f}",
            range=_between(one),
        )
        stdout().print(plain(message), soft_wrap=True)


def _between(one: dict[str, Any]) -> str:
    low, high = f"{one['freed_low']:,.2f}", f"{one['freed_high']:,.2f}"
    return say("cli.history.range", low=low, high=high)


_COUNTS = ("rows", "to_upload", "held_out")
_NESTED = ("outcomes", "experiment", "correction", "applied", "rolled_back", "messages")


def _counted(night: dict[str, Any]) -> str:
    """Return what became of changes at Amazon: ``applied 12, refused 1; 13 rolled back``."""
    counts = ", ".join(f"{outcome} {count:,}" for outcome, count in night["applied"].items())
    undone = sum(night["rolled_back"].values())
    return say("cli.history.undone", applied=counts, n=undone) if undone else counts
