"""``admatch recommend``: a report → what to do about every term, as files to read and upload."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from admatch.cli.console import plain, show_problems, stderr, stdout
from admatch.cli.currency_options import CurrencyOption
from admatch.cli.options import (
    CatalogOption,
    ColumnOption,
    EncoderOption,
    ImageCacheOption,
    IndexOption,
    show_products,
)
from admatch.cli.progress import progress_bars
from admatch.cli.tables.decisions import decisions_table, headline, show_export, show_warnings
from admatch.encode.choice import EncoderChoice

if TYPE_CHECKING:
    from admatch.decisions.backtest import Backtest
    from admatch.decisions.recommendations import Recommendations
    from admatch.export.bulk.records import BulkExport
    from admatch.impact.changes import ChangeSet
    from admatch.impact.model import ImpactModel
    from admatch.match.records import Matches
    from admatch.reports.account.records import Account

AccountOption = Annotated[
    Path | None,
    typer.Option(
        "--account",
        metavar="FILE",
        help="A bulk download of the account: its keywords, bids and IDs. Without it, nothing can"
        " be written for upload.",
    ),
]
TargetOption = Annotated[
    float,
    typer.Option("--target-acos", metavar="SHARE", help="Spend over sales to aim at: 0.30."),
]


def recommend(
    report: Annotated[
        list[Path], typer.Argument(metavar="REPORT...", help="Search-term reports, XLSX or CSV.")
    ],
    target_acos: TargetOption,
    out: Annotated[Path, typer.Option("--out", metavar="FOLDER", help="Where the files go.")],
    catalog: CatalogOption = None,
    index: IndexOption = None,
    account: AccountOption = None,
    margin: Annotated[
        float | None,
        typer.Option(
            "--margin", metavar="SHARE", help="Profit before ads over sales; else the target."
        ),
    ] = None,
    protect: Annotated[
        list[str] | None,
        typer.Option("--protect", metavar="WORDS", help="Never negate these. Repeatable."),
    ] = None,
    rho: Annotated[
        float, typer.Option("--rho", help="Share of blocked clicks that reappear elsewhere, 0 … 1.")
    ] = 0.0,
    most_changes: Annotated[
        int | None, typer.Option("--most-changes", min=1, help="The most changes of the best set.")
    ] = None,
    window: Annotated[
        int | None,
        typer.Option("--window", metavar="DAYS", help="Attribution days, if the file lacks them."),
    ] = None,
    recent: Annotated[
        list[Path] | None,
        typer.Option(
            "--recent", metavar="MANIFEST", help="Of an upload in its cooldown: leave it be."
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
) -> None:
    r"""Decide what to do about every search term, so that ACOS comes to a target.

    Writes recommendations.html to read, recommendations.csv and .parquet with everything, and, if
    the account is given, changes.xlsx to upload with the file that takes it back. For example:

    $ admatch recommend data/sample/search_terms.csv --catalog data/sample/catalog.csv \
        --account data/sample/bulk.xlsx --target-acos 0.30 --out advice
    """
    if not (catalog or index):
        raise typer.BadParameter(
            "say which products are yours: --catalog FILE, or --index FOLDER from `admatch index`"
        )
    from admatch.decisions.guard_rails import check_target
    from admatch.pipeline.matching import Wanted, matched
    from admatch.reports.account.reader import read_account
    from admatch.reports.any_size import read_any_size

    check_target(target_acos, margin)  # before anything that takes time
    with progress_bars() as progress:
        searched = read_any_size(report, currency=currency)
        running = read_account(account, currency=currency) if account else None
        wanted = Wanted(catalog, index, column, image_cache, encoder)
        matches, unread = matched(searched, wanted, progress)
        model, tested = fitted(matches)
        from admatch.decisions.recommend import recommend as decided

        advice = decided(
            searched, matches, model, target_acos=target_acos, account=running,
            catalog=matches.catalog, margin=margin, protect=protect or (), rho=rho,
            most_changes=most_changes, backtest=tested, window_days=window,
            recent=_recent(recent or []),
        )  # fmt: skip
        done = write_advice(advice, matches, model, tested, running, out, report, marketplace)
    show_products(matches.catalog, unread)
    show_problems(searched.problems)
    show_warnings(advice)
    stdout().print(decisions_table(advice))
    for line in headline(advice):
        stdout().print(plain(line, "bold"), soft_wrap=True)
    if done:
        show_export(done)
    stderr().print(
        plain(f"written: {out / 'recommendations.html'}, recommendations.csv and .parquet"),
        soft_wrap=True,
    )


def fitted(matches: "Matches") -> "tuple[ImpactModel, Backtest | None]":
    """Return the model of a report, and how such a model did in a backtest."""
    from admatch.decisions.backtest import backtest
    from admatch.impact.model import ImpactModel

    model = ImpactModel().fit(matches.report, matches, catalog=matches.catalog)
    return model, backtest(matches.report, matches, catalog=matches.catalog)


def write_advice(
    advice: "Recommendations",
    matches: "Matches",
    model: "ImpactModel",
    tested: "Backtest | None",
    account: "Account | None",
    out: Path,
    sources: Sequence[Path],
    marketplace: str | None = None,
) -> "BulkExport | None":
    """Write the page, the tables and, where an account is known, the files for upload."""
    from admatch.export.recommendations import (
        write_recommendations_csv,
        write_recommendations_html,
        write_recommendations_parquet,
    )

    out.mkdir(parents=True, exist_ok=True)
    done = _upload(advice, account, out, sources, marketplace)  # first: it may say no
    effect = model.what_if(advice.best(), rho=advice.rho, margin=advice.margin)
    write_recommendations_csv(advice, out / "recommendations.csv")
    write_recommendations_parquet(advice, out / "recommendations.parquet")
    write_recommendations_html(
        advice, matches.report, matches.catalog, out / "recommendations.html", effect=effect,
        backtest=tested,
    )  # fmt: skip
    return done


def _upload(
    advice: "Recommendations",
    account: "Account | None",
    out: Path,
    sources: Sequence[Path],
    marketplace: str | None,
) -> "BulkExport | None":
    """Write the chosen set for upload; where that cannot be, say why on stderr."""
    if account is None:
        return None
    for sentence in advice.refusals:
        stderr().print(plain(f"nothing to upload: {sentence}", "bold red"), soft_wrap=True)
    if advice.refusals:
        return None
    from admatch.export.bulk.marketplace import find_marketplace, marketplace_of
    from admatch.export.bulk.write import write_bulksheet

    code = marketplace or marketplace_of(advice.totals["currency"].to_list())
    if code is None:
        told = "say the --marketplace, as its currency does not tell it, to write changes.xlsx"
        stderr().print(plain(told, "yellow"))
        return None
    own = find_marketplace(code)
    return write_bulksheet(
        advice.best(own.currency), account, out / "changes.xlsx", marketplace=own.code,
        sources=sources, settings=dict(advice.settings),
    )  # fmt: skip


def _recent(manifests: Sequence[Path]) -> "ChangeSet":
    from admatch.export.bulk.manifest import read_inverse
    from admatch.impact.changes import ChangeSet

    undoing = [read_inverse(path)[2] for path in manifests]
    return ChangeSet(tuple(change for one in undoing for change in one))
