"""What an account's own orders change about its matches: ``python -m tests.benchmarks.taught``.

Two accounts: the sample, whose truth is known, and a real one of hoses, read by the English encoder
although its terms are German. By account, before and after: the share of the spend on terms with at
least 3 orders that goes to terms called related or none; how many terms became a match and how many
ceased to be one. For the sample also AUROC of terms about a product against rivals' names and
foreign terms, own terms found, and foreign terms refused; and the same as a mean over accounts with
the same clicks whose orders are drawn anew from the true conversion rates.
"""

from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
from sklearn.metrics import roc_auc_score

from admatch.match.records import Matches
from admatch.match.taught import taught
from admatch.pipeline.matching import match
from admatch.pipeline.open_index import ProductSource
from admatch.reports.aggregate import read_any_size
from tests.benchmarks.record import record
from tests.benchmarks.shared_data import SHARED

SEED, DRAWS, LEAST = 7, 50, 3
SAMPLE = Path(__file__).parents[2] / "data" / "sample"
HOSES = SHARED / "reports" / "hoses_de_2025_03_german"
FOREIGN = ("off_catalog", "competitor")


def matched(catalog: Path, report: Path) -> Matches:
    """Return the matches of meaning alone."""
    return match(read_any_size(report), ProductSource(catalog=catalog)).matches


def compared(matches: Matches) -> pl.DataFrame:
    """Return a row a term: clicks, orders, spend, and probability and outcome before and after."""
    sums = matches.report.frame.group_by("search_term").agg(
        pl.col("clicks", "orders", "spend").sum()
    )
    after = taught(matches, matches.report).matches.terms
    return matches.terms.join(sums, on="search_term", how="left", maintain_order="left").select(
        *("search_term", "clicks", "orders", "spend"),
        before="probability",
        after=after["probability"],
        mine="outcome",
        mine_after=after["outcome"],
    )


def row(system: str, terms: pl.DataFrame, truth: pl.DataFrame | None = None) -> dict[str, object]:
    was, now = pl.col("mine") == "match", pl.col("mine_after") == "match"
    sold = terms.filter(pl.col("orders") >= LEAST)
    found: dict[str, object] = {"system": system, "terms": terms.height, "sold": sold.height}
    for name, called in (("before", was), ("after", now)):
        found[f"spend missed {name}"] = sold.filter(~called)["spend"].sum() / sold["spend"].sum()
    found |= {
        "became a match": terms.filter(now & ~was).height,
        "without an order": terms.filter(now & ~was & (pl.col("orders") == 0)).height,
        "ceased": terms.filter(was & ~now).height,
    }
    if truth is None:
        return found | dict.fromkeys(_JUDGED, "")
    kinds = terms.join(truth, on="search_term")
    own = ~kinds["kind"].is_in(FOREIGN)
    off = kinds.filter(kind="off_catalog")
    figures = (
        *(roc_auc_score(own, kinds[name]) for name in ("before", "after")),
        *(kinds.filter(own).select(called.mean()).item() for called in (was, now)),
        *(off.select((~called).mean()).item() for called in (was, now)),
    )
    return found | dict(zip(_JUDGED, map(float, figures), strict=True))


_JUDGED = (
    "AUROC before", "AUROC after", "own found before", "own found after",
    "foreign refused before", "foreign refused after",
)  # fmt: skip


def drawn_anew(matches: Matches, truth: pl.DataFrame, seed: int) -> Matches:
    """Return the matches of a report with the same clicks, and orders by the true rates."""
    rows = matches.report.frame.join(truth, on="search_term", how="left", maintain_order="left")
    rate, clicks = rows["true_cvr"].fill_null(0.0), rows["clicks"].fill_null(0)
    orders = np.random.default_rng(seed).binomial(clicks.to_numpy(), rate.to_numpy())
    frame = matches.report.frame.with_columns(orders=pl.Series(orders, dtype=pl.Int64))
    return replace(matches, report=replace(matches.report, frame=frame))


def mean_of(rows: list[dict[str, object]], system: str) -> dict[str, object]:
    names = [name for name in rows[0] if name != "system"]
    return {"system": system} | {name: float(np.mean([r[name] for r in rows])) for name in names}


def main() -> None:
    truth = pl.read_csv(SAMPLE / "truth.csv").select("search_term", "kind", "true_cvr")
    sample = matched(SAMPLE / "catalog.csv", SAMPLE / "search_terms.csv")
    draws = [
        row("", compared(drawn_anew(sample, truth, SEED + number)), truth)
        for number in range(DRAWS)
    ]
    hoses = matched(
        HOSES / "BusinessReport.csv", HOSES / "Sponsored_Products_Suchbegriff_Bericht.xlsx"
    )
    rows = [
        row("sample", compared(sample), truth),
        mean_of(draws, f"sample, orders of {DRAWS} draws"),
        row("hoses, DE", compared(hoses)),
    ]
    record("taught", "What an account's own orders change about its matches", rows, SEED)


if __name__ == "__main__":
    main()
