"""What each thing that LightGBM looks at is worth: ``python -m tests.benchmarks.tree_features``.

Each line is the shipped prior without one feature (a pool's columns count as one), or with one
that was tried. Figures are the gain in held-out binomial deviance over the account's own rate, in
percent, as in ``unseen_terms``: means over the real accounts, and over simulated ones, where
meaning is that of matches with their catalog. ``worth`` is what a feature adds, in points;
``better in`` counts the accounts that it helps. --seeds repeats over other splits of the terms.
"""

import argparse
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from itertools import islice
from unittest.mock import patch

import numpy as np
import polars as pl

from admatch.catalog.reader import read_catalog
from admatch.impact import boosting, features
from admatch.impact.evidence import gather
from admatch.impact.folds import FOLDS, fold_by_term
from admatch.impact.prior import deviance, fit_prior
from admatch.impact.related_terms import SemanticPools
from admatch.match.attributes.contradictions import contradictions
from admatch.pipeline.met_words import met_words
from tests.benchmarks.record import record
from tests.benchmarks.unseen_terms import LONG_AFTER, SAMPLE, SEED, Matched, real, simulated

SEEDS, SIMULATED = (SEED,), 2
POOLS = ("words", "campaign", "target", "target_text", "related", "prefix")
OWN = (
    "exact phrase broad",
    "is_typed",
    "rate",
    "cost",
    "group_cost",
    "click_rate",
    "clicks impressions",
    "letters words",
    "places",
    "group_terms",
)
BEST = ("probability", "lead", "price", "position", "lead price position")
TRIED_POOLS = {
    "+ ad group of that name in any campaign": ("name", ("currency", "ad_group")),
    "+ the product's own record": ("product", ("currency", "best_product")),
}
TRIED_COLUMNS = {
    "+ days shown, share of clicks settled": ("days", "settled"),
    "+ met and unmet words": ("met", "unmet"),
    "+ contradictions": ("contradicting",),
    "+ price against the campaign's usual order": ("relative_price",),
}


@dataclass(frozen=True)
class Account:
    """One account's rows, with columns for what is tried, and its meaning."""

    name: str
    rows: pl.DataFrame
    meaning: SemanticPools | None


def without(dropped: tuple[str, ...]) -> Callable[..., pl.DataFrame]:
    """Return ``boosting._table`` without some columns."""
    whole = boosting._table

    def table(*given: object) -> pl.DataFrame:
        made = whole(*given)  # type: ignore[arg-type]
        return made.drop([one for one in dropped if one in made.columns])

    return table


def columns_of(pool: str) -> tuple[str, ...]:
    return tuple(f"{pool}_{part}" for part in ("ratio", "expected", "least", "most"))


def variants(best: bool) -> dict[str, list]:
    """Return the patches of each line."""
    table = partial(patch.object, boosting, "_table")
    made: dict[str, list] = {"all": []}
    for pool in POOLS:
        made[f"- {pool}"] = [lambda p=pool: table(without(columns_of(p)))]
    for names in (*OWN, *(BEST if best else ())):
        made[f"- {names}"] = [lambda n=names: table(without(tuple(n.split())))]
    pools = partial(patch.dict, features._POSITIONS)
    for name, (pool, key) in TRIED_POOLS.items():
        if best or "product" not in key[-1]:
            atoms = (*features._SINGLE_ATOMS, pool)
            made[name] = [
                lambda p=pool, k=key: pools({p: k}),
                lambda a=atoms: patch.object(features, "_SINGLE_ATOMS", a),
            ]
    for name, columns in TRIED_COLUMNS.items():
        if best or columns[0] == "days":
            own = (*features._OWN, *(pl.col(one).cast(pl.Float64) for one in columns))
            made[name] = [lambda o=own: patch.object(features, "_OWN", o)]
    return made


def lost(account: Account, seed: int, patches: list) -> float:
    """Return the held-out deviance of an account's rows under some patches."""
    rows, told = account.rows, np.empty(account.rows.height)
    folds = fold_by_term(rows, seed)
    with ExitStack() as stack:
        for one in patches:
            stack.enter_context(one())
        for fold in range(FOLDS):
            prior = fit_prior(rows.filter(folds != fold), account.meaning)
            told[folds == fold] = prior.rates(rows.filter(folds == fold))
    orders, clicks = (rows[one].to_numpy().astype(np.float64) for one in ("converted", "clicks"))
    return float(deviance(orders, clicks, told).sum())


def plain(account: Account) -> float:
    """Return the deviance at the account's own rate."""
    orders, clicks = (
        account.rows[one].to_numpy().astype(np.float64) for one in ("converted", "clicks")
    )
    rate = np.full(len(orders), orders.sum() / clicks.sum())
    return float(deviance(orders, clicks, rate).sum())


def accounts(kind: str) -> Iterator[Account]:
    """Yield real or simulated accounts."""
    for name, report, semantics in real() if kind == "real" else islice(simulated(), SIMULATED):
        rows = gather(report, LONG_AFTER).rows.filter(pl.col("clicks") > 0)
        rows = rows.with_columns(settled=pl.col("mature_clicks") / pl.col("clicks"))
        meaning = semantics.meaning(prefixes=True, kin=True)
        if isinstance(semantics, Matched):
            rows = with_products(rows, semantics.whole)
        yield Account(name, rows, meaning)


def with_products(rows: pl.DataFrame, whole: SemanticPools) -> pl.DataFrame:
    """Return rows with what their best product, its price and its words say."""
    catalog = read_catalog(SAMPLE)
    titles = dict(catalog.frame.select("product_id", "title").iter_rows())
    best = whole.best.select("search_term", best_product="product_id")
    words = met_words(whole.best, catalog).select(
        "search_term", met=pl.col("met_words").list.len(), unmet=pl.col("unmet_words").list.len()
    )
    against = pl.DataFrame(
        {
            "search_term": best["search_term"],
            "contradicting": [
                len(contradictions(term, titles[one])) if one in titles else 0
                for term, one in best.iter_rows()
            ],
        }
    )
    order = (pl.col("sales").sum() + 60.0) / (pl.col("orders").sum() + 3.0)
    usual = rows.group_by("currency", "campaign").agg(usual_order=order.log())
    prices = catalog.frame.select(best_product="product_id", own_price=pl.col("price").log())
    for table, key in (
        (best, "search_term"),
        (words, "search_term"),
        (against, "search_term"),
        (usual, ["currency", "campaign"]),
        (prices, "best_product"),
    ):
        rows = rows.join(table, on=key, how="left", maintain_order="left")
    return rows.with_columns(relative_price=pl.col("own_price") - pl.col("usual_order"))


def judged(kind: str, seeds: tuple[int, ...]) -> list[dict[str, object]]:
    """Return the lines of one kind of account."""
    told: dict[str, list[float]] = {}
    for account in accounts(kind):
        usual = plain(account)
        for name, patches in variants(best=kind == "simulated").items():
            figures = [100 * (1 - lost(account, seed, patches) / usual) for seed in seeds]
            told.setdefault(name, []).append(float(np.mean(figures)))
            print(f"{account.name}: {name}: {told[name][-1]:.3f}", flush=True)
    whole = np.array(told["all"])
    lines = []
    for name, gains in told.items():
        worth = (np.array(gains) - whole) * (1 if name.startswith("+") else -1)
        line: dict[str, object] = {"system": name, "gain": float(np.mean(gains))}
        line["worth"] = "" if name == "all" else float(worth.mean())
        line["better in"] = "" if name == "all" else f"{(worth > 0).sum()} of {len(worth)}"
        line["worse in"] = "" if name == "all" else f"{(worth < 0).sum()} of {len(worth)}"
        lines.append(line)
    return lines


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--seeds", type=int, nargs="+", default=list(SEEDS))
    arguments.add_argument("--kinds", nargs="+", default=["real", "simulated"])
    given = arguments.parse_args()
    for kind in given.kinds:
        title = f"features of LightGBM, {kind} accounts: gain in held-out deviance, percent"
        record(f"tree_features_{kind}", title, judged(kind, tuple(given.seeds)), given.seeds[0])


if __name__ == "__main__":
    main()
