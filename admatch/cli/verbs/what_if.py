"""``admatch what-if``: a set of changes → ACOS, spend and sales before and after."""

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
    show_problems,
    stderr,
    stdout,
)
from admatch.cli.currency_options import CurrencyOption
from admatch.cli.options import CatalogOption, IndexOption, product_source
from admatch.cli.progress import progress_bars
from admatch.cli.tables.decisions import effect_table, show_doubts
from admatch.cli.verbs.recommend import MarginOption, RhoOption
from admatch.messages import say

if TYPE_CHECKING:
    from admatch.pipeline.records import ChangeSet, WhatIf

_SHOWN = 20
_Texts = list[str] | None


def what_if(
    report: Annotated[
        list[Path], typer.Argument(metavar="REPORT...", help="Search-term reports, XLSX or CSV.")
    ],
    changes: Annotated[
        Path | None,
        typer.Option("--changes", metavar="FILE", help="A bulk sheet of changes, XLSX or CSV."),
    ] = None,
    account: Annotated[
        Path | None,
        typer.Option(
            "--account",
            metavar="FILE",
            help="A bulk download: names behind IDs, budgets.",
        ),
    ] = None,
    negative_exact: Annotated[
        _Texts, typer.Option("--negative-exact", metavar="TERM", help="Repeatable.")
    ] = None,
    negative_phrase: Annotated[
        _Texts, typer.Option("--negative-phrase", metavar="WORDS", help="Repeatable.")
    ] = None,
    negative_product: Annotated[
        _Texts, typer.Option("--negative-product", metavar="ASIN", help="Repeatable.")
    ] = None,
    exact: Annotated[
        _Texts, typer.Option("--exact", metavar="TERM", help="A new exact keyword. Repeatable.")
    ] = None,
    bid: Annotated[float | None, typer.Option("--bid", help="The bid of the new keywords.")] = None,
    campaign: Annotated[
        str | None, typer.Option("--campaign", metavar="NAME", help="Where; by default everywhere.")
    ] = None,
    ad_group: Annotated[
        str | None, typer.Option("--ad-group", metavar="NAME", help="Where in the campaign.")
    ] = None,
    catalog: CatalogOption = None,
    index: IndexOption = None,
    rho: RhoOption = 0.0,
    margin: MarginOption = None,
    total_sales: Annotated[
        float | None, typer.Option("--total-sales", help="Sales including organic ones, for TACOS.")
    ] = None,
    phrase_by_meaning: Annotated[
        bool,
        typer.Option(
            "--phrase-by-meaning",
            help="Let phrases match their words in any order, as API v1 leaves open.",
        ),
    ] = False,
    currency: CurrencyOption = None,
    format: FormatOption = Format.TABLE,
) -> None:
    r"""Show what keyword changes would do to ACOS, spend, orders and sales, with ranges.

    The changes come from a bulk sheet or from the command line. For example:

    $ admatch what-if data/sample/search_terms.csv --negative-phrase "air fryer" --rho 0.25

    With --catalog or --index, the meaning of terms counts as in `admatch recommend`, so the same
    changes get the same figures. With --phrase-by-meaning, new phrases and negative phrases reach
    further: what that changes is what depends on how Amazon reads a phrase.
    """
    if ad_group and not campaign:
        raise typer.BadParameter(say("cli.usage.ad_group"))
    if exact and not ad_group:
        raise typer.BadParameter(say("cli.usage.exact"))
    from admatch.pipeline.analyse import understand
    from admatch.pipeline.cache import FolderCache
    from admatch.pipeline.options import AnalysisOptions
    from admatch.pipeline.what_if import NamedChanges, effect_facts, proposed_changes
    from admatch.reports.aggregate import read_any_size

    options = AnalysisOptions(rho=rho, margin=margin, currency=currency)
    source = product_source(catalog, index) if catalog or index else None
    searched = read_any_size(report, currency=currency)
    named = NamedChanges(
        negative_exact or (), negative_phrase or (), negative_product or (), exact or (),
        bid, campaign, ad_group,
    )  # fmt: skip
    proposed = proposed_changes(named, searched, changes, account)
    if not len(proposed):
        raise typer.BadParameter(say("cli.usage.changes"))
    with progress_bars() as progress:
        known = understand(
            searched, source, account, options, cache=FolderCache(), progress=progress
        )
    show_doubts(known.doubts)
    effect = known.what_if(proposed, total_sales=total_sales, phrase_by_meaning=phrase_by_meaning)
    if format is Format.JSON:
        print_json(effect_facts(effect))
    elif format is Format.CSV:
        print_csv(effect.sensitivity)
    else:
        _print(effect, proposed)
    show_problems((*searched.problems, *known.model.notes))


def _print(effect: "WhatIf", proposed: "ChangeSet") -> None:
    screen = stdout()
    for code in effect.by_currency:
        name = code or say("cli.currency_unknown")
        title = say("cli.what_if.changes", n=len(proposed), currency=name)
        screen.print(plain(title, "bold"))
        screen.print(effect_table(effect, code))
    hit = effect.blast_radius
    screen.print(plain(""))
    screen.print(plain(say("cli.what_if.affected", n=hit.height), "bold"))
    table = new_table(
        "search term", "ad group", "what", "clicks", "orders", numbers=("clicks", "orders")
    )
    for row in hit.sort("clicks", descending=True).head(_SHOWN).iter_rows(named=True):
        table.add_row(
            plain(row["search_term"]),
            plain(f"{row['campaign']} › {row['ad_group']}", "dim"),
            row["effect"],
            f"{row['clicks']:,}",
            plain(f"{row['orders']:,}", "bold red" if row["orders"] else ""),
        )
    screen.print(table)
    for one in effect.unknown[:_SHOWN]:
        text, place = str(one.change.text), one.change.place.description
        message = say("cli.what_if.unknown", text=text, place=place, reason=one.reason)
        stderr().print(plain(message, "yellow"), soft_wrap=True)
