"""What labels say of the products of terms, as far as labels of this account follow meaning.

A label names a product either because the label's terms are about it, or whatever they are. The
share of the former is fitted to the account's own labels, and where they do not show one, they say
nothing. What another term of the target explains says little about this one.
"""

import numpy as np
import polars as pl
from scipy.optimize import minimize_scalar
from scipy.special import gammaln

from admatch.arrays import Floats, Ints
from admatch.match.labels import GROUP

LEAST = 3.0  # nats by which labels must follow meaning: odds of 20 to 1
# Chance of a product to be named if a term is about it: others that the term is about share the
# rest. With .3 to .8, and bursts of .5 to 8, as many first products of simulated accounts are right
# to a fifth of a point.
_MEANT = 0.5
_BURST = 2.0  # orders by which one target's labels repeat themselves: further ones say less
_MOST = 0.95


def label_gains(
    labels: pl.DataFrame, candidates: pl.DataFrame, advertised: pl.DataFrame
) -> pl.DataFrame:
    """Return what labels add to the log-odds of products: search_term, product_id, gain, shown.

    ``shown`` are the orders behind it. ``labels`` are those of ``labels_of``, ``candidates`` has
    search_term, product_id and score. A product that is not among a term's candidates counts as
    half as likely as the last of them.
    """
    rows = _with_meaning(labels, candidates, advertised)
    if rows.is_empty():
        schema = {"search_term": pl.String, "product_id": pl.String, "gain": pl.Float64,
                  "shown": pl.Float64}  # fmt: skip
        return pl.DataFrame(schema=schema)
    gained = rows.select(
        "search_term", "product_id", gain=pl.Series(_gains(rows)),
        shown=pl.col("orders") * pl.col("share"),
    )  # fmt: skip
    sums = gained.group_by("search_term", "product_id", maintain_order=True).agg(
        pl.col("gain", "shown").sum()
    )
    return sums.filter(pl.col("gain") > 0)


def unlisted(candidates: pl.DataFrame) -> pl.DataFrame:
    """Return the probability of any product that is not among each term's candidates."""
    return candidates.group_by("search_term", maintain_order=True).agg(unlisted=_chance().min() / 2)


def _chance() -> pl.Expr:
    return 1 / (1 + (-pl.col("score")).exp())


def _with_meaning(
    labels: pl.DataFrame, candidates: pl.DataFrame, advertised: pl.DataFrame
) -> pl.DataFrame:
    """Return the rows with ``meaning``: the chance of the product in its ad group, by its term."""
    chances = candidates.select("search_term", "product_id", chance=_chance())
    here = chances.join(advertised, on="product_id").group_by("search_term", *GROUP)
    rows = (
        labels.join(unlisted(candidates), on="search_term", maintain_order="left")
        .join(chances, on=["search_term", "product_id"], how="left", maintain_order="left")
        .join(
            here.agg(here=pl.col("chance").sum(), listed=pl.len()),
            on=["search_term", *GROUP], how="left", maintain_order="left",
        )
    )  # fmt: skip
    rest = (pl.col("size") - pl.col("listed").fill_null(0)).clip(0)
    whole = pl.col("here").fill_null(0.0) + pl.col("unlisted") * rest
    chance = pl.coalesce("chance", "unlisted")
    return rows.with_columns(meaning=(chance / pl.max_horizontal(whole, chance)).clip(0.0, 1.0))


def _gains(rows: pl.DataFrame) -> Floats:
    """Return what each row's label adds to the log-odds of its product for its term."""
    share, base, meaning, orders = (
        rows[name].cast(pl.Float64).to_numpy() for name in ("share", "base", "meaning", "orders")
    )
    _, label = np.unique(rows["label"].to_numpy(), return_inverse=True)
    unknown = np.maximum(1 - np.bincount(label, share), 0.0)[label] * base  # of no shopper's term
    follows = _fitted(label, share, base, meaning, unknown)
    if follows == 0:
        return np.zeros(len(label))
    by_chance = (1 - follows) * base
    usual = share * (by_chance + follows * meaning)
    others = np.maximum(np.bincount(label, usual)[label] - usual, 0.0) + unknown
    about = others + share * (by_chance + follows * np.maximum(meaning, _MEANT))
    not_about = others + share * by_chance
    return _repeated(orders, np.minimum(about, 1.0)) - _repeated(orders, not_about)


def _fitted(label: Ints, share: Floats, base: Floats, meaning: Floats, unknown: Floats) -> float:
    """Return the share of labels that follow meaning, the likeliest one; 0 if unsure."""
    _, first = np.unique(label, return_index=True)

    def surprise(follows: float) -> float:
        terms = share * ((1 - follows) * base + follows * meaning)
        return float(-np.log(np.bincount(label, terms) + unknown[first]).sum())

    found = minimize_scalar(surprise, bounds=(0.0, _MOST), method="bounded")
    return float(found.x) if surprise(0.0) - found.fun >= LEAST else 0.0


def _repeated(orders: Floats, chance: Floats) -> Floats:
    """Return the log-likelihood of orders of one product that repeat themselves (Polya's urn)."""
    found: Floats = gammaln(orders + _BURST * chance) - gammaln(_BURST * chance)
    return found
