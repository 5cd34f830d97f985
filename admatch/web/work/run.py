"""A run: report over catalog → decisions, a headline, and all files of its results."""

from pathlib import Path
from typing import Any

import polars as pl

from admatch.catalog.records import Catalog
from admatch.decisions.backtest import Backtest, backtest
from admatch.decisions.guard_rails import check_target
from admatch.decisions.recommend import recommend
from admatch.decisions.recommendations import COLUMNS, Recommendations
from admatch.impact.model import ImpactModel
from admatch.match.records import Matches
from admatch.progress import Progress
from admatch.reports.keywords import shopper_terms
from admatch.tables.atomic import replacing
from admatch.web.work.headline import headline, save_before
from admatch.web.work.kept import load_account, load_catalog, load_report, save_matches
from admatch.web.work.models import index_of
from admatch.web.work.settings import RunSettings


def run(arguments: dict[str, Any], progress: Progress) -> dict[str, Any]:
    """Decide about every term; write ``result`` in the run's folder and return its headline."""
    settings = RunSettings(**arguments["settings"])
    check_target(settings.target_acos, settings.margin)
    catalog_folder, report_folder = Path(arguments["catalog"]), Path(arguments["report"])
    progress("reading", 0, 1)
    report, account = load_report(report_folder / "read"), load_account(report_folder / "read")
    terms = shopper_terms(report).to_list()
    index = index_of(catalog_folder, terms, progress)
    matches = index.match(report, progress=progress)
    catalog = load_catalog(catalog_folder / "read", catalog_folder)
    progress("learning what terms are worth", 0, 2)
    model = ImpactModel().fit(report, matches, catalog=catalog)
    progress("learning what terms are worth", 1, 2)
    tested = backtest(report, matches, catalog=catalog)
    progress("deciding", 0, 1)
    advice = recommend(
        report, matches, model, target_acos=settings.target_acos, account=account, catalog=catalog,
        margin=settings.margin, protect=settings.protect, rho=settings.rho,
        guard_rails=settings.guard_rails(), most_changes=settings.most_changes, backtest=tested,
    )  # fmt: skip
    with replacing(Path(arguments["folder"]) / "result") as draft:
        draft.mkdir()
        return _written(draft, advice, matches, catalog, model, tested, progress)


def _written(
    folder: Path,
    advice: Recommendations,
    matches: Matches,
    catalog: Catalog,
    model: ImpactModel,
    tested: Backtest | None,
    progress: Progress,
) -> dict[str, Any]:
    """Write everything that the page shows and offers; return the headline."""
    from admatch.export.html import write_html
    from admatch.export.recommendations import (
        write_recommendations_csv,
        write_recommendations_html,
        write_recommendations_parquet,
    )
    from admatch.export.table import write_csv, write_parquet

    progress("writing", 0, 4)
    effect = model.what_if(advice.best(), rho=advice.rho, margin=advice.margin)
    _save_decisions(advice, matches, folder / "decisions.parquet")
    advice.rows.write_parquet(folder / "rows.parquet")
    save_matches(matches, folder)
    save_before(model, folder)
    progress("writing", 1, 4)
    offered = folder / "offered"
    offered.mkdir()
    write_recommendations_csv(advice, offered / "recommendations.csv")
    write_recommendations_parquet(advice, offered / "recommendations.parquet")
    write_recommendations_html(
        advice, matches.report, catalog, offered / "recommendations.html", effect=effect,
        backtest=tested,
    )  # fmt: skip
    progress("writing", 2, 4)
    write_csv(matches, offered / "matches.csv")
    write_parquet(matches, offered / "matches.parquet")
    progress("writing", 3, 4)
    write_html(matches, catalog, offered / "matches.html")
    told = headline(advice, matches, effect, tested)
    progress("writing", 4, 4)
    return told | {"settings": dict(advice.settings)}


def _save_decisions(advice: Recommendations, matches: Matches, path: Path) -> None:
    """Write a row a decision: its number, its columns, and the ID paths of term and product."""
    paths = matches.terms.select(
        "search_term", "outcome", "related_probability", term_id="semantic_id"
    )
    products = matches.products.unique("product_id").select(
        "product_id", product_semantic_id="semantic_id"
    )
    rows = advice.frame.with_row_index("decision").with_columns(
        pl.col("decision").cast(pl.Int32),
        unit=advice.rows["unit"],
        why=advice.rows["why"],
        acos=pl.when(pl.col("sales") > 0).then(pl.col("spend") / pl.col("sales")),
    )
    rows = rows.join(paths, on="search_term", how="left", maintain_order="left")
    rows = rows.join(products, on="product_id", how="left", maintain_order="left")
    rows = rows.with_columns(pl.col("outcome").fill_null("not_applicable"))
    more = (
        "outcome",
        "related_probability",
        "term_id",
        "product_semantic_id",
        "acos",
        "unit",
        "why",
    )
    rows.select("decision", *COLUMNS, *more).write_parquet(path)
