"""``admatch recommend``: a report → what to do about every term, to read and to upload."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from admatch.cli.console import plain, show_problems, stderr, stdout
from admatch.cli.currency_options import AttributionOption, CurrencyOption
from admatch.cli.options import (
    CatalogOption,
    ColumnOption,
    EncoderOption,
    ImageCacheOption,
    IndexOption,
    named_shares,
    product_source,
    show_products,
)
from admatch.cli.progress import progress_bars
from admatch.cli.tables.decisions import (
    decisions_table,
    headline,
    show_doubts,
    show_export,
    show_warnings,
)
from admatch.cli.tables.hygiene import hygiene_lines
from admatch.encode.choice import EncoderChoice
from admatch.messages import say

if TYPE_CHECKING:
    from admatch.pipeline.results import Written


AccountOption = Annotated[
    Path | None,
    typer.Option(
        "--account",
        metavar="FILE",
        help="A bulk download of the account: its keywords, bids and IDs. Without it, no file for"
        " upload can be written.",
    ),
]
TargetOption = Annotated[
    float,
    typer.Option("--target-acos", metavar="SHARE", help="Spend over sales to aim at: 0.30."),
]
GuardRailOption = Annotated[
    list[str] | None,
    typer.Option(
        "--guard-rail",
        metavar="NAME=FIGURE",
        help="A figure of the guard-rails: sales_at_risk=0.01, step=0.1. Repeatable.",
    ),
]
PresetOption = Annotated[
    str,
    typer.Option(
        "--preset",
        metavar="NAME",
        help="How much profit may be at risk for the target: cautious, balanced, target-first.",
    ),
]
RhoOption = Annotated[
    float, typer.Option("--rho", help="Share of blocked clicks that reappear elsewhere, 0 … 1.")
]
MarginOption = Annotated[
    float | None,
    typer.Option(
        "--margin",
        metavar="SHARE",
        help="Profit before ads over sales; needed to tell profit.",
    ),
]
NamedTargetsOption = Annotated[
    list[str] | None,
    typer.Option(
        "--target",
        metavar="NAME=SHARE",
        help="The target ACOS of one campaign, portfolio, brand or product: 'Launch=40%'."
        " Repeatable; the catalog may have a column target_acos instead.",
    ),
]
NamedMarginsOption = Annotated[
    list[str] | None,
    typer.Option(
        "--margin-of",
        metavar="NAME=SHARE",
        help="The margin of one of these: 'Acme=35%'. Repeatable; the catalog may have columns"
        " margin, or cost and fees, instead.",
    ),
]
WindowOption = Annotated[
    int | None,
    typer.Option("--window", metavar="DAYS", help="Attribution days, if the file lacks them."),
]


def recommend(
    report: Annotated[
        list[Path],
        typer.Argument(
            metavar="REPORT...",
            help="Search-term reports, XLSX or CSV; beside them Amazon's other reports: search"
            " queries, purchased products, top search terms.",
        ),
    ],
    target_acos: TargetOption,
    out: Annotated[Path, typer.Option("--out", metavar="FOLDER", help="Where the files go.")],
    catalog: CatalogOption = None,
    index: IndexOption = None,
    account: AccountOption = None,
    margin: MarginOption = None,
    target: NamedTargetsOption = None,
    margin_of: NamedMarginsOption = None,
    protect: Annotated[
        list[str] | None,
        typer.Option("--protect", metavar="WORDS", help="Never negate these. Repeatable."),
    ] = None,
    new_campaigns: Annotated[
        str | None,
        typer.Option(
            "--new-campaigns",
            metavar="STRUCTURE",
            help="Make campaigns for new keywords that have no ad group: campaign-a-product or"
            " ad-group-a-product.",
        ),
    ] = None,
    campaign_name: Annotated[
        str,
        typer.Option(
            "--campaign-name", metavar="PATTERN", help="With {product}, {asin} or {sku} in it."
        ),
    ] = "",
    ad_group_name: Annotated[
        str, typer.Option("--ad-group-name", metavar="PATTERN", help="As --campaign-name.")
    ] = "",
    rho: RhoOption = 0.0,
    most_changes: Annotated[
        int | None, typer.Option("--most-changes", min=1, help="The most changes of the best set.")
    ] = None,
    window: WindowOption = None,
    preset: PresetOption = "balanced",
    guard_rail: GuardRailOption = None,
    seed: Annotated[int, typer.Option("--seed", min=0, help="The seed of draws.")] = 7,
    recent: Annotated[
        list[Path] | None,
        typer.Option(
            "--recent", metavar="MANIFEST", help="Leave the changes of this recent upload alone."
        ),
    ] = None,
    marketplace: Annotated[
        str | None,
        typer.Option("--marketplace", metavar="CODE", help="For bid limits: US, DE, JP …"),
    ] = None,
    column: ColumnOption = None,
    image_cache: ImageCacheOption = None,
    encoder: EncoderOption = EncoderChoice.AUTO,
    currency: CurrencyOption = None,
    attribution: AttributionOption = None,
) -> None:
    r"""Decide what to do about every search term, so that ACOS reaches a target.

    Writes recommendations.html to read, recommendations.csv and .parquet with everything, and, if
    the account is given, changes.xlsx to upload with the file that reverses it. Without a catalog
    terms are judged by their figures alone. For example:

    $ admatch recommend data/sample/search_terms.csv --catalog data/sample/catalog.csv \
        --account data/sample/bulk.xlsx --target-acos 0.30 --out advice
    """
    from admatch.pipeline.analyse import analyse
    from admatch.pipeline.cache import FolderCache
    from admatch.pipeline.history import recent_uploads
    from admatch.pipeline.insight_notes import insight_notes
    from admatch.pipeline.inspect_file import hygiene_counts
    from admatch.pipeline.options import AnalysisOptions, NewCampaigns

    made = None
    if new_campaigns is not None:
        made = NewCampaigns(new_campaigns, campaign_name, ad_group_name)
    options = AnalysisOptions(
        target_acos=target_acos, margin=margin, targets=named_shares(target or [], "--target"),
        margins=named_shares(margin_of or [], "--margin-of"), rho=rho,
        guard_rails=guard_rails(guard_rail, preset), protect=tuple(protect or ()),
        most_changes=most_changes, currency=currency, marketplace=marketplace,
        window_days=window, attribution=attribution, encoder=encoder, seed=seed,
        new_campaigns=made,
    )  # fmt: skip
    source = None
    if catalog or index:
        source = product_source(catalog, index, column, image_cache, encoder)
    elif column or image_cache:  # both are about products
        raise typer.BadParameter(say("cli.usage.products"))
    with progress_bars() as progress:
        analysis = analyse(
            report, source, account, options,
            history=recent_uploads(recent or []), cache=FolderCache(), progress=progress,
        )  # fmt: skip
        done = analysis.write(out, sources=report, progress=progress)
    advice = analysis.advice
    show_doubts(analysis.doubts)
    show_products(analysis.catalog, analysis.problems)
    show_problems(analysis.report.problems)
    show_warnings(advice, analysis.doubts)
    if analysis.taught:
        stderr().print(plain(analysis.taught), soft_wrap=True)
    if analysis.insights:
        show_problems(analysis.insights.problems)
    for sentence in insight_notes(analysis):
        stderr().print(plain(sentence), soft_wrap=True)
    stdout().print(decisions_table(advice))
    for line in headline(advice):
        stdout().print(plain(line, "bold"), soft_wrap=True)
    for sentence in hygiene_lines(hygiene_counts(analysis.hygiene)):
        stderr().print(plain(say("cli.recommend.hygiene", what=sentence)), soft_wrap=True)
    show_written(done, account is not None, matched=source is not None)


def guard_rails(given: list[str] | None, preset: str) -> Any:  # noqa: ANN401 - loads late
    """Return the ``GuardRails`` of a preset with the figures that ``--guard-rail`` names.

    Raises a usage error for an unknown name, and for a figure that is not a number.
    """
    from dataclasses import fields

    from admatch.pipeline.records import GuardRails

    known = {one.name: one.type for one in fields(GuardRails) if one.name != "preset"}
    figures: dict[str, Any] = {"preset": preset}
    for pair in given or []:
        name, _, figure = pair.partition("=")
        if name not in known:
            names = ", ".join(known)
            raise typer.BadParameter(say("cli.usage.guard_rail", pair=pair, names=names))
        try:
            figures[name] = int(figure) if known[name] in (int, "int") else float(figure)
        except ValueError:
            raise typer.BadParameter(say("cli.usage.guard_rail_figure", pair=pair)) from None
    return GuardRails(**figures)


def show_written(done: "Written", with_account: bool, *, matched: bool) -> None:
    """Print on stderr what was written, or why there is nothing to upload."""
    if done.upload:
        show_export(done.upload)
        if done.later is not None:
            file, count = str(done.later.file), len(done.later.written)
            stderr().print(plain(say("cli.recommend.later", file=file, n=count)), soft_wrap=True)
    elif with_account:
        for sentence in done.withheld:
            message = say("cli.nothing_to_upload", why=sentence)
            stderr().print(plain(message, "bold red"), soft_wrap=True)
    page = str(done.folder / "recommendations.html")
    written = say("cli.recommend.without_matches", page=page)
    if matched:
        written = say("cli.recommend.written", page=page)
    stderr().print(plain(written), soft_wrap=True)
