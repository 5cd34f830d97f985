"""What an account's own clicks and orders say of its terms: ``taught``.

Meaning gives each term the odds that it is about a product. The account gives the likelihood of its
orders: terms about a product sell at one rate, other terms at a lower one, and both rates differ
from term to term. Odds times likelihood ratio are the odds after the account was heard. Words that
sell make other terms with them likelier (``taught_words``). Only clicks and orders count, never
prices.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from scipy.optimize import minimize
from scipy.special import betaln, expit, logit

from admatch.arrays import Floats
from admatch.match.records import RETRIEVED, Matches, Outcome
from admatch.match.taught_words import WordGains
from admatch.messages import Message, say
from admatch.reports.records import SearchTermReport

LEAST_ORDERS = 30  # with fewer, an account's two rates cannot be told from chance
# Meaning can be wrong about a word that it never met, such as a brand. So a term that sold starts
# from at least half of this, however foreign it looked.
MISREAD = 0.1
# An own product can be dear or out of stock. So this share of own terms sells as foreign ones do,
# and clicks without an order never speak against a term by more.
DULL = 0.2
# Foreign terms sell by accident, so their rates differ less than those of own terms, which have
# strong and weak offers among them: they are known by this many times the clicks.
STEADY = 4.0
_CLIP = 1e-4
# Priors of the fit, (mean, deviation) of logarithms. An account with few orders gets these values.
_RATE = (np.log(0.1), 1.0)  # orders a click of own terms
_RATIO = (np.log(0.03), 0.35)  # rate of foreign terms over that of own ones
_WORTH = (np.log(15.0), 0.7)  # clicks that a term's own rate is known by before it has any
# The ratio stays low: where meaning misreads a language, "foreign" terms would seem to sell well.
_BOUNDS = ((np.log(1e-3), np.log(0.6)), (np.log(0.01), np.log(0.05)), (np.log(2.0), np.log(200.0)))


@dataclass(frozen=True, slots=True)
class Rates:
    """Orders a click: a beta around ``own`` worth ``worth`` clicks, another around ``foreign``."""

    own: float
    foreign: float
    worth: float

    def log_ratio(self, orders: Floats, clicks: Floats) -> Floats:
        """Return the log of how much likelier the orders are under an own term.

        It rises with orders, falls with clicks, and is never below log ``DULL``.
        """
        ratio = np.logaddexp(
            np.log(DULL),
            np.log1p(-DULL)
            + _likelihood(orders, clicks, self.own, self.worth)
            - _likelihood(orders, clicks, self.foreign, STEADY * self.worth),
        )
        found: Floats = np.where(orders > 0, ratio, np.minimum(ratio, 0.0))
        return found


@dataclass(frozen=True)
class Taught:
    """``matches`` after the account was heard.

    ``sold`` is the number of terms with an order, ``changed`` how many outcomes became others,
    ``words`` those that other terms with them gained most by.
    ``rates`` are None where the account has too few orders to say anything; its matches are then
    as they were.
    """

    matches: Matches
    sold: int = 0
    changed: int = 0
    rates: Rates | None = None
    words: tuple[str, ...] = ()

    @property
    def message(self) -> Message | None:
        """The same in a sentence; None where nothing was learned."""
        if self.rates is None:
            return None
        outcomes = say("match.taught.changed", n=self.changed)
        if not self.words:
            return say("match.taught.learned", n=self.sold, outcomes=outcomes)
        words = ", ".join(f"“{word}”" for word in self.words)
        return say("match.taught.worded", n=self.sold, outcomes=outcomes, words=words)


def taught(matches: Matches, report: SearchTermReport) -> Taught:
    """Return the matches with the probabilities that the report's clicks and orders leave.

    A term that sold, or with words that sell in other terms, can become a match, and then its best
    product has at least the term's probability; its own clicks without an order only lower it.
    Products keep their order and scores.
    """
    rows = _with_sums(matches.terms, report)
    orders, clicks = (rows[name].to_numpy().astype(np.float64) for name in ("orders", "clicks"))
    orders = np.minimum(orders, clicks)
    if orders.sum() < LEAST_ORDERS:
        return Taught(matches)
    prior = rows["probability"].to_numpy()
    rates = fit_rates(prior, orders, clicks)
    worded, words = with_words(rows["search_term"].to_list(), prior, orders, clicks, rates)
    after = posterior(worded, orders, clicks, rates)
    terms = _with_outcomes(matches.terms, after)
    changed = int((terms["outcome"] != matches.terms["outcome"]).sum())
    heard = replace(matches, terms=terms, products=_products(matches.products, terms))
    return Taught(heard, int((orders > 0).sum()), changed, rates, words)


def with_words(
    terms: Sequence[str], prior: Floats, orders: Floats, clicks: Floats, rates: Rates
) -> tuple[Floats, tuple[str, ...]]:
    """Return the probability of each term after the words that it shares with others, (n,).

    Beside it, the strongest of these words. None falls by this. Meaning can misread any word, so
    each term starts from at least half of ``MISREAD``.
    """
    ratio = np.where(clicks > 0, rates.log_ratio(orders, clicks), 0.0)
    start = _misread(prior)
    found = WordGains.of(terms, start, ratio)
    lifted = expit(logit(np.clip(start, _CLIP, 1 - _CLIP)) + found.gains)
    return np.where(found.gains > 0, np.maximum(prior, lifted), prior), found.words


def posterior(prior: Floats, orders: Floats, clicks: Floats, rates: Rates) -> Floats:
    """Return the probability that each term is about a product, after its clicks and orders."""
    start = np.where(orders > 0, _misread(prior), prior)
    odds = logit(np.clip(start, _CLIP, 1 - _CLIP)) + rates.log_ratio(orders, clicks)
    after: Floats = np.where(clicks > 0, expit(odds), prior)
    return np.where(orders > 0, after, np.minimum(after, prior))


def _misread(prior: Floats) -> Floats:
    found: Floats = prior + MISREAD * np.maximum(0.5 - prior, 0.0)
    return found


def fit_rates(prior: Floats, orders: Floats, clicks: Floats) -> Rates:
    """Return the two rates that make the orders of all terms likeliest, penalised.

    Each term is a mixture: own with its prior probability, which may be misread, foreign otherwise.
    So foreign terms that sell well do not raise the rate of those that do not.
    """
    clicked = clicks > 0
    k, n = orders[clicked], clicks[clicked]
    p = prior[clicked] + MISREAD * (0.5 - prior[clicked])

    def surprise(x: Floats) -> float:
        rates = Rates(*_rates(x))
        foreign = _likelihood(k, n, rates.foreign, STEADY * rates.worth)
        evidence = foreign + np.log1p(p * np.expm1(rates.log_ratio(k, n)))
        usual = zip(x, (_RATE, _RATIO, _WORTH), strict=True)
        return float(sum(((a - m) / s) ** 2 for a, (m, s) in usual) / 2 - evidence.sum())

    start = np.array([_RATE[0], _RATIO[0], _WORTH[0]])
    return Rates(*_rates(minimize(surprise, start, method="L-BFGS-B", bounds=_BOUNDS).x))


def _rates(x: Floats) -> tuple[float, float, float]:
    own, ratio, worth = (float(one) for one in np.exp(x))
    return own, own * ratio, worth


def _likelihood(orders: Floats, clicks: Floats, rate: float, worth: float) -> Floats:
    """Return the beta-binomial log-likelihood of orders, up to a constant of the two counts."""
    a, b = worth * rate, worth * (1 - rate)
    found: Floats = betaln(orders + a, clicks - orders + b) - betaln(a, b)
    return found


def _with_sums(terms: pl.DataFrame, report: SearchTermReport) -> pl.DataFrame:
    sums = report.frame.group_by("search_term").agg(pl.col("orders", "clicks").sum())
    rows = terms.join(sums, on="search_term", how="left", maintain_order="left")
    return rows.with_columns(pl.col("orders", "clicks").fill_null(0))


def _with_outcomes(terms: pl.DataFrame, after: Floats) -> pl.DataFrame:
    """Return the terms with new probabilities; of its kind is at least what is one's own."""
    rows = terms.with_columns(
        probability=pl.Series(after, dtype=pl.Float64),
        related_probability=pl.max_horizontal("related_probability", pl.Series(after)),
    )
    return rows.with_columns(
        outcome=pl.when(pl.col("probability") >= RETRIEVED)
        .then(pl.lit(Outcome.MATCH.value))
        .when(pl.col("related_probability") >= RETRIEVED)
        .then(pl.lit(Outcome.RELATED.value))
        .otherwise(pl.lit(Outcome.NONE.value))
    )


def _products(products: pl.DataFrame, terms: pl.DataFrame) -> pl.DataFrame:
    """Return the products, the first with its term's probability and none above it."""
    rows = products.join(
        terms.select("search_term", term="probability"),
        on="search_term", how="left", maintain_order="left",
    )  # fmt: skip
    first, own = pl.col("rank") == 1, pl.col("probability")
    found = pl.when(first).then("term").otherwise(pl.min_horizontal(own, "term"))
    return rows.with_columns(probability=found).select(products.columns)
