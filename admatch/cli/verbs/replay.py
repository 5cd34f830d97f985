"""``admatch replay``: daily reports → what decisions on past days would have done."""

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
from admatch.cli.currency_options import CurrencyOption
from admatch.cli.options import CatalogOption, IndexOption, product_source
from admatch.cli.progress import progress_bars
from admatch.cli.verbs.recommend import (
    GuardRailOption,
    MarginOption,
    PresetOption,
    RhoOption,
    TargetOption,
    WindowOption,
    guard_rails,
)
from admatch.messages import say

if TYPE_CHECKING:
    from rich.table import Table

    from admatch.pipeline.replay import Replay


def replay(
    report: Annotated[
        list[Path],
        typer.Argument(metavar="REPORT...", help="Daily search-term reports, XLSX or CSV."),
    ],
    target_acos: TargetOption,
    catalog: CatalogOption = None,
    index: IndexOption = None,
    every: Annotated[
        int, typer.Option("--every", metavar="DAYS", min=1, help="Between two decisions.")
    ] = 14,
    past: Annotated[
        int, typer.Option("--past", metavar="DAYS", min=1, help="Known before the first one.")
    ] = 28,
    future: Annotated[
        int, typer.Option("--future", metavar="DAYS", min=1, help="That judge each, at most.")
    ] = 28,
    lag: Annotated[
        int | None,
        typer.Option(
            "--lag",
            metavar="DAYS",
            min=0,
            help="Until a click's orders are known; by default the attribution window.",
        ),
    ] = None,
    margin: MarginOption = None,
    rho: RhoOption = 0.0,
    window: WindowOption = None,
    preset: PresetOption = "balanced",
    guard_rail: GuardRailOption = None,
    marketplace: Annotated[
        str | None,
        typer.Option("--marketplace", metavar="CODE", help="For bid limits: US, DE, JP …"),
    ] = None,
    seed: Annotated[int, typer.Option("--seed", min=0, help="The seed of draws.")] = 7,
    currency: CurrencyOption = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="FOLDER", help="Write tables as CSV and a page of charts."),
    ] = None,
    format: FormatOption = Format.TABLE,
) -> None:
    """Replay an account: decide on past days from what was known, and score on the days after.

    The table compares admatch with common rules and with doing nothing. For example:

    $ admatch replay data/sample/search_terms_daily.csv --target-acos 0.30 --past 9 --out replay

    A row is a policy: what all its changes would have saved and lost, and what remains of that
    where it and admatch lose the same sales.
    """
    from admatch.pipeline.cache import FolderCache
    from admatch.pipeline.options import AnalysisOptions
    from admatch.pipeline.replay import ReplaySchedule
    from admatch.pipeline.replay import replay as replayed

    options = AnalysisOptions(
        target_acos=target_acos, margin=margin, rho=rho,
        guard_rails=guard_rails(guard_rail, preset),
        currency=currency, marketplace=marketplace, window_days=window, seed=seed,
    )  # fmt: skip
    source = product_source(catalog, index) if catalog or index else None
    with progress_bars() as progress:
        done = replayed(
            report, source, options, ReplaySchedule(every, past, future, lag),
            cache=FolderCache(), progress=progress,
        )  # fmt: skip
    if format is Format.JSON:
        print_json(_facts(done))
    elif format is Format.CSV:
        print_csv(done.summary)
    else:
        _show(done)
    for path in done.write(out) if out else ():
        stderr().print(plain(say("cli.written", file=str(path))), soft_wrap=True)


def _show(done: "Replay") -> None:
    screen = stdout()
    for (currency,), lines in done.summary.group_by("currency", maintain_order=True):
        code = currency if isinstance(currency, str) else None
        name = code or say("cli.currency_unknown")
        screen.print(plain(say("cli.replay.cuts", n=len(done.cuts), currency=name)))
        screen.print(_table(lines.to_dicts(), code, bool(done.margin)))
        held = next((one for one in lines.to_dicts() if one["acos_held"] is not None), None)
        if held:
            screen.print(plain(_held(held)), soft_wrap=True)
    for cut in done.cuts:
        for sentence in cut.refusals:
            text = say("cli.replay.unchanged", day=cut.day.isoformat(), reason=sentence)
            stderr().print(plain(text, "yellow"), soft_wrap=True)


def _table(lines: list[dict[str, Any]], code: str | None, profit: bool) -> "Table":
    from admatch.display.money import money, percent
    from admatch.pipeline.replay_rules import policy_name

    gain = "profit" if profit else "contribution"
    numbers = ("changes", "saved", "lost", gain, "low … high", "equal loss", "admatch there")
    table = new_table("", *numbers, "ACOS", numbers=(*numbers, "ACOS"))
    for line in lines:
        table.add_row(
            plain(policy_name(line["policy"]), "bold" if line["policy"] == "admatch" else ""),
            f"{line['changes']:,}",
            percent(line["saved_share"]),
            percent(line["lost_share"]),
            money(line["gain"], code),
            f"{money(line['gain_low'], code)} … {money(line['gain_high'], code)}",
            money(line["equal_gain"], code),
            money(line["admatch_gain"], code),
            percent(line["acos_after"]),
        )
    return table


def _held(line: dict[str, Any]) -> str:
    """Return a sentence that says how often the promised intervals held."""
    from admatch.display.money import percent

    acos, spend = percent(line["acos_held"], 0), percent(line["spend_held"], 0)
    return say("cli.replay.held", acos=acos, spend=spend, n=line["cuts"])


def _facts(done: "Replay") -> dict[str, Any]:
    return {
        "target_acos": done.target_acos,
        "margin": done.margin,
        "rho": done.rho,
        "summary": done.summary.to_dicts(),
        "cuts": done.frame.to_dicts(),
    }
