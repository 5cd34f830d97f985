"""``admatch audit``: a catalog → what is wrong with its listings."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from admatch.cli.console import new_table, plain, short, show_problems, stderr, stdout
from admatch.cli.currency_options import CurrencyOption
from admatch.cli.options import (
    CatalogOption,
    ColumnOption,
    EncoderOption,
    ImageCacheOption,
    IndexOption,
    opened,
    product_source,
    show_catalog,
)
from admatch.cli.progress import progress_bars
from admatch.encode.choice import EncoderChoice
from admatch.messages import say
from admatch.progress import Progress

if TYPE_CHECKING:
    from admatch.audit.records import Audit
    from admatch.audit.trial import Trial
    from admatch.index.index import Index

_SHOWN = 12  # findings on the screen, terms of a trial
FILES = ("audit.html", "audit.csv", "audit.parquet", "audit.json")


def audit(
    target: Annotated[
        str | None,
        typer.Argument(
            metavar="CATALOG",
            help="Your products; with --try-title or --try-image, the ID of one product.",
        ),
    ] = None,
    out: Annotated[
        Path, typer.Option("--out", metavar="FOLDER", help="Where the files go.")
    ] = Path("admatch-audit"),
    report: Annotated[
        list[Path] | None,
        typer.Option(
            "--report", metavar="FILE", help="Search terms, to find what listings lack. Repeatable."
        ),
    ] = None,
    try_title: Annotated[
        str | None,
        typer.Option("--try-title", metavar="TITLE", help="See what another title would do."),
    ] = None,
    try_image: Annotated[
        Path | None,
        typer.Option("--try-image", metavar="FILE", help="See what another picture would do."),
    ] = None,
    term: Annotated[
        list[str] | None,
        typer.Option("--term", metavar="WORDS", help="A search term to try. Repeatable."),
    ] = None,
    catalog: CatalogOption = None,
    index: IndexOption = None,
    column: ColumnOption = None,
    image_cache: ImageCacheOption = None,
    encoder: EncoderOption = EncoderChoice.AUTO,
    currency: CurrencyOption = None,
) -> None:
    """Find what is wrong with listings: words against pictures, stuffing, style, likeness.

    Writes audit.html to read, and audit.csv, .parquet and .json with everything. Without a
    CATALOG, the sample's products are audited. With --try-title or --try-image, one product is
    indexed again instead, and the terms that it gains and loses are shown.

    For example:

    $ admatch audit data/sample/catalog.csv --report data/sample/search_terms.csv
    $ admatch audit --try-title "Barista oat drink, 1 l" B0SAMPLE30 --term "oat milk"
    """
    trying = try_title is not None or try_image is not None
    if trying and not target:
        raise typer.BadParameter(say("cli.usage.try_product"))
    if target and not trying:
        if catalog or index:
            raise typer.BadParameter(say("cli.usage.one_catalog"))
        catalog = Path(target)
    if trying and not (report or term):
        raise typer.BadParameter(say("cli.usage.try_terms"))
    source = product_source(catalog, index, column, image_cache, encoder)
    with progress_bars() as progress:
        searched = _searched(report, currency)
        terms = [*(term or []), *searched[1]]
        held = opened(source, progress, terms)
        if trying:
            tried = _tried(held, str(target), try_title, try_image, terms)
        else:
            made = _audited(held, searched[0], image_cache, progress, out)
    show_catalog(held.catalog)
    if trying:
        _show_trial(tried)
    else:
        show_problems(made.problems)
        _show_audit(made, out)


def _searched(report: list[Path] | None, currency: str | None) -> "tuple[object, list[str]]":
    """Return the report, if there is one, and its terms."""
    if not report:
        return None, []
    from admatch.reports.aggregate import read_any_size
    from admatch.reports.terms import shopper_terms

    read = read_any_size(report, currency=currency)
    return read, shopper_terms(read).to_list()


def _audited(
    held: "Index", report: object, cache: Path | None, progress: Progress, out: Path
) -> "Audit":
    from admatch.audit.audit import audit_listings
    from admatch.audit.page import write_audit_html
    from admatch.audit.write import write_audit_csv, write_audit_json, write_audit_parquet

    made = audit_listings(held, report=report, cache=cache, progress=progress)  # type: ignore[arg-type]
    out.mkdir(parents=True, exist_ok=True)
    write_audit_html(made, held.catalog, out / FILES[0])
    write_audit_csv(made, out / FILES[1])
    write_audit_parquet(made, out / FILES[2])
    write_audit_json(made, out / FILES[3])
    return made


def _tried(
    held: "Index", product_id: str, title: str | None, image: Path | None, terms: list[str]
) -> "Trial":
    from admatch.audit.trial import try_listing

    return try_listing(held, product_id, title=title, image=image, terms=terms)


def _show_audit(made: "Audit", out: Path) -> None:
    screen = stdout()
    table = new_table("product", "", "what was seen")
    for row in made.findings.head(_SHOWN).iter_rows(named=True):
        style = {"high": "bold red", "medium": "yellow"}.get(row["severity"], "dim")
        table.add_row(
            plain(row["product_id"], "dim"), plain(row["severity"], style), short(row["evidence"])
        )
    screen.print(table)
    wrong = made.products.filter(made.products["findings"] > 0).height
    count = made.findings.height
    headline = say("cli.audit.headline", wrong=wrong, listings=len(made), n=count)
    screen.print(plain(headline, "bold"), soft_wrap=True)
    for note in made.notes:
        stderr().print(plain(note, "yellow"), soft_wrap=True)
    stderr().print(plain(say("cli.audit.written", page=str(out / FILES[0]))), soft_wrap=True)


def _show_trial(tried: "Trial") -> None:
    screen = stdout()
    screen.print(plain(f"{tried.product_id}: {tried.title}", "bold"), soft_wrap=True)
    table = new_table("term", "", "rank before", "after", numbers=("rank before", "after"))
    for row in tried.terms.head(_SHOWN).iter_rows(named=True):
        style = {"gains": "green", "loses": "bold red"}.get(row["change"], "dim")
        ranks = [str(row[f"rank_{when}"] or "–") for when in ("before", "after")]
        table.add_row(short(row["search_term"]), plain(row["change"], style), *ranks)
    screen.print(table)
    gained, lost = len(tried.gains), len(tried.loses)
    message = say("cli.audit.tried", n=tried.terms.height, gained=gained, lost=lost)
    screen.print(plain(message, "bold"), soft_wrap=True)
