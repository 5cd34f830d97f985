"""What an account's own orders change about its matches: ``python -m tests.benchmarks.taught``.

Two accounts: the sample, whose truth is known, and a real one of hoses, read by the English encoder
although its terms are German. By account, before and after: the share of the spend on terms with at
least 3 orders that goes to terms called related or none; how many terms became a match and how many
ceased to be one. For the sample also AUROC of terms about a product against rivals' names and
foreign terms, own terms found, and foreign terms refused; and the same as a mean over accounts with
the same clicks whose orders are drawn anew from the true conversion rates.

Then what the words of terms that sold say of other terms: one in five of those that sold has its
clicks and orders hidden, five times. Of these, how many are called own without and with the words;
of foreign terms (where no truth is known, those with ten clicks and no order), how many are
refused. On simulated accounts, half of the terms about the three best sellers have an invented
brand's name instead, which no product has ("velmara set"): of these, how many are called own.
"""

import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
from sklearn.metrics import roc_auc_score

from admatch.catalog.reader import read_catalog
from admatch.match.records import Matches
from admatch.match.taught import fit_rates, taught, with_words
from admatch.pipeline.matching import match
from admatch.pipeline.open_index import ProductSource
from admatch.reports.aggregate import read_any_size
from admatch.reports.records import SearchTermReport
from admatch.simulate.simulation import simulate
from admatch.simulate.write import write_simulation
from tests.benchmarks.record import record
from tests.benchmarks.shared_data import SHARED

SEED, DRAWS, LEAST = 7, 50, 3
SAMPLE = Path(__file__).parents[2] / "data" / "sample"
HOSES = SHARED / "reports" / "hoses_de_2025_03_german"
FOREIGN = ("off_catalog", "competitor")
HIDDEN, TIMES, CLICKS = 0.2, 5, 10
SIMULATED = (1, 2, 3, 4, 5, 6)
BRANDS = ("velmara", "ostrino", "quendel")
BESIDE = ("", "set", "kit", "original", "pack", "small", "new", "2", "gift", "for home", "best")


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


def hidden(system: str, matches: Matches, truth: pl.DataFrame | None = None) -> dict[str, object]:
    """Return what words find of terms whose own evidence is hidden; ``truth`` has kinds."""
    every = [_hidden_once(matches, truth, SEED + number) for number in range(TIMES)]
    names = ("gained", "found", "found with words", "refused", "refused with words", "brand",
             "brand with words")  # fmt: skip
    means = np.nanmean(np.array(every), axis=0)
    return {"system": system} | {
        name: "" if np.isnan(mean) else float(mean) for name, mean in zip(names, means, strict=True)
    }


def _hidden_once(matches: Matches, truth: pl.DataFrame | None, seed: int) -> list[float]:
    sums = matches.report.frame.group_by("search_term").agg(pl.col("orders", "clicks").sum())
    rows = matches.terms.join(sums, on="search_term", how="left", maintain_order="left")
    clicks = rows["clicks"].fill_null(0).to_numpy().astype(float)
    orders = np.minimum(rows["orders"].fill_null(0).to_numpy().astype(float), clicks)
    prior = rows["probability"].to_numpy()
    if truth is None:
        foreign, branded = (clicks >= CLICKS) & (orders == 0), np.zeros(len(prior), bool)
    else:
        kinds = rows.join(truth, on="search_term", how="left", maintain_order="left")["kind"]
        foreign = kinds.is_in(FOREIGN).fill_null(value=False).to_numpy()
        branded = rows["search_term"].str.contains("|".join(BRANDS)).to_numpy()
    sold = np.flatnonzero((orders > 0) & ~foreign)
    rng = np.random.default_rng(seed)
    shown = np.ones(len(prior))
    chosen = rng.choice(sold, round(HIDDEN * len(sold)), replace=False)
    shown[chosen] = 0.0
    rates = fit_rates(prior, orders * shown, clicks * shown)
    terms = rows["search_term"].to_list()
    after, _ = with_words(terms, prior, orders * shown, clicks * shown, rates)
    own = [_share(p >= 0.5, chosen) for p in (prior, after)]
    refused = [_share(p < 0.5, np.flatnonzero(foreign)) for p in (prior, after)]
    brand = [_share(p >= 0.5, chosen[branded[chosen]]) for p in (prior, after)]
    return [float((after != prior).any()), *own, *refused, *brand]


def _share(called: np.ndarray, rows: np.ndarray) -> float:
    return float(called[rows].mean()) if len(rows) else np.nan


def simulated(seed: int, folder: Path) -> tuple[Matches, pl.DataFrame]:
    """Return an account with brand words of its own, and the kind of each term."""
    found = simulate(read_catalog(SAMPLE / "catalog.csv"), seed=seed, days=90, terms=1500)
    write_simulation(found, folder / str(seed), {"seed": seed})
    report = read_any_size(folder / str(seed) / "search_terms.csv")
    named = _brand_names(found.truth, report, np.random.default_rng(seed))
    frame = report.frame.with_columns(pl.col("search_term").replace(named))
    kinds = found.truth.select("search_term", "kind").unique("search_term", maintain_order=True)
    kinds = kinds.with_columns(pl.col("search_term").replace(named))
    branded = replace(report, frame=frame)
    return match(branded, ProductSource(catalog=SAMPLE / "catalog.csv")).matches, kinds


def _brand_names(
    truth: pl.DataFrame, report: SearchTermReport, rng: np.random.Generator
) -> dict[str, str]:
    """Return terms about the best sellers, and what half of them are called instead."""
    orders = report.frame.group_by("search_term").agg(pl.col("orders").sum())
    about = truth.filter(pl.col("product_ids").list.len() > 0, kind="relevant").select(
        "search_term", product=pl.col("product_ids").list.first()
    )
    sold = about.unique("search_term", maintain_order=True).join(orders, on="search_term")
    best = sold.group_by("product").agg(pl.col("orders").sum()).sort(
        "orders", "product", descending=True
    )  # fmt: skip
    named = {}
    for product, brand in zip(best["product"][: len(BRANDS)], BRANDS, strict=False):
        terms = sold.filter(product=product).sort("search_term")["search_term"].to_list()
        half = rng.permutation(len(terms))[: len(terms) // 2]
        for number, row in enumerate(sorted(half.tolist())[: len(BESIDE)]):
            named[terms[row]] = f"{brand} {BESIDE[number]}".strip()
    return named


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
    words = [hidden("sample", sample, truth), hidden("hoses, DE", hoses)]
    with tempfile.TemporaryDirectory() as folder:
        accounts = [hidden(str(one), *simulated(one, Path(folder))) for one in SIMULATED]
    words.append(mean_of(accounts, f"simulated, {len(SIMULATED)} accounts"))
    record("taught_words", "What words of terms that sold say of others", words, SEED)


if __name__ == "__main__":
    main()
