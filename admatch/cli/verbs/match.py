"""``admatch match``: search-term reports → what every term is about."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from admatch.cli.console import (
    Format,
    FormatOption,
    new_table,
    plain,
    print_csv,
    print_json,
    short,
    show_problems,
    stderr,
    stdout,
)
from admatch.cli.currency_options import (
    AttributionOption,
    CurrencyOption,
    RatesOption,
    ShowInOption,
    shown,
)
from admatch.cli.options import (
    AddressOption,
    CatalogOption,
    ColumnOption,
    EncoderOption,
    EngineChoice,
    EngineOption,
    ImageCacheOption,
    IndexOption,
    check_address,
    engine_of,
    product_source,
    show_products,
)
from admatch.cli.progress import progress_bars
from admatch.cli.tables.decisions import show_doubts
from admatch.cli.tables.outcomes import LABELS, STYLES, outcome_table
from admatch.cli.tables.report_sums import print_ledger
from admatch.encode.choice import EncoderChoice
from admatch.messages import say

if TYPE_CHECKING:
    from admatch.match.records import Matches

_ROWS_ON_SCREEN = 40


def match(
    report: Annotated[
        list[Path],
        typer.Argument(
            metavar="REPORT...",
            help="Search-term reports, XLSX or CSV; with --engine ray, Parquet with a column"
            " search_term: files, folders, globs or addresses such as s3://…",
        ),
    ],
    catalog: CatalogOption = None,
    index: IndexOption = None,
    column: ColumnOption = None,
    image_cache: ImageCacheOption = None,
    encoder: EncoderOption = EncoderChoice.AUTO,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", metavar="FOLDER", help="Write matches.html, matches.csv, matches.parquet here."
        ),
    ] = None,
    currency: CurrencyOption = None,
    attribution: AttributionOption = None,
    show_in: ShowInOption = None,
    rates: RatesOption = None,
    format: FormatOption = Format.TABLE,
    engine: EngineOption = EngineChoice.LOCAL,
    address: AddressOption = None,
) -> None:
    r"""Find which of your products every search term of a report is about, if any.

    For example, with a page to open at result/matches.html:

    $ admatch match data/sample/search_terms.csv \
        --catalog data/sample/catalog.csv --out result

    Without --format, a table of the costliest terms; with it, every row for another program:

    $ admatch match data/sample/search_terms.csv \
        --catalog data/sample/catalog.csv --format csv

    Millions of terms in Parquet, on all cores or a cluster; run again, it continues:

    $ admatch match terms/ --index my-index --engine ray --out matched
    """
    check_address(engine, address)
    if engine is EngineChoice.RAY:
        money = (currency, attribution, show_in, rates)
        alone = (catalog, column, image_cache, *money, encoder != "auto")
        if not (index and out) or any(alone) or format is not Format.TABLE:
            raise typer.BadParameter(say("cli.usage.match_ray"))
        _match_parquet(report, index, out, address)
        return
    if not (catalog or index):
        raise typer.BadParameter(say("cli.usage.products"))
    from admatch.pipeline.cache import FolderCache
    from admatch.pipeline.match_files import write_matches
    from admatch.pipeline.matching import match as match_terms
    from admatch.pipeline.records import summarise
    from admatch.reports.aggregate import read_any_size

    source = product_source(catalog, index, column, image_cache, encoder)
    with progress_bars() as progress:
        # first, as errors in it show quickly
        searched = read_any_size(report, currency=currency, attribution=attribution)
        seen = shown(searched, show_in, rates)
        found = match_terms(searched, source, progress, cache=FolderCache())
        matches = found.matches
        page = replace(matches, report=seen)  # programs get the report's own amounts
        if out:
            note = ". ".join(found.doubts) or None
            write_matches(matches, out, progress, page, note)
    show_doubts(found.doubts)
    print_matches(page if format is Format.TABLE else matches, format)
    show_products(matches.catalog, found.problems)
    show_problems(seen.problems)
    if len(report) > 1:
        print_ledger(seen)
    screen = stderr()
    screen.print(outcome_table(summarise(page)))
    if out:
        screen.print(plain(say("cli.match.written", page=str(out / "matches.html"))))


def _match_parquet(terms: list[Path], index: Path, out: Path, address: str | None) -> None:
    """Match Parquet on a Ray cluster, and print how much was done."""
    from admatch.distributed.match import match_parquet
    from admatch.tables.address import address_of

    with progress_bars() as progress, engine_of(EngineChoice.RAY, address) as workers:
        done = match_parquet(terms, index, out, workers, progress=progress)
    message = say("cli.match.matched", rows=done.rows, n=done.shards, where=str(address_of(out)))
    if done.reused:
        message = say("cli.match.reused", matched=message, n=done.reused)
    stderr().print(plain(message))


def print_matches(matches: "Matches", format: Format) -> None:
    """Print every report row for a program, or the costliest terms for a person."""
    from admatch.pipeline.records import flat, matches_frame

    if format is Format.CSV:
        print_csv(flat(matches_frame(matches)))
    elif format is Format.JSON:
        print_json(matches_frame(matches).to_dicts())
    else:
        _print_table(matches)


def _print_table(matches: "Matches") -> None:
    from admatch.display.money import money, percent
    from admatch.pipeline.records import term_lines

    lines = term_lines(matches).sort("spend", descending=True, nulls_last=True, maintain_order=True)
    best = {row["search_term"]: row for row in matches.frame.iter_rows(named=True)}
    table = new_table(
        "search term", "outcome", "sure", "best product", "id", "clicks", "spend", "orders",
        numbers=("sure", "clicks", "spend", "orders"),
    )  # fmt: skip
    for line in lines.head(_ROWS_ON_SCREEN).iter_rows(named=True):
        found = best[line["search_term"]] if line["outcome"] == "match" else {}
        table.add_row(
            plain(line["search_term"]),
            plain(LABELS[line["outcome"]], STYLES[line["outcome"]]),
            "" if line["probability"] is None else percent(line["probability"]),
            short(found.get("title")),
            plain(found.get("product_id"), "dim"),
            *(
                _count(line["clicks"]),
                money(line["spend"], line["currency"]),
                _count(line["orders"]),
            ),
        )
    stdout().print(table)
    if lines.height > _ROWS_ON_SCREEN:
        message = say("cli.match.more", n=lines.height - _ROWS_ON_SCREEN)
        stderr().print(plain(message, "dim"))


def _count(number: int | None) -> str:
    return "" if number is None else f"{number:,}"
