"""The true rates and prices of every term at each target: ``Truth``."""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from admatch.catalog.records import Catalog
from admatch.simulate.assumptions import Assumptions
from admatch.simulate.served import Served
from admatch.simulate.terms import Kind, Term

Floats: TypeAlias = npt.NDArray[np.float64]
PLAIN_PRICE = 20.0  # where a catalog names no price


@dataclass(frozen=True, slots=True)
class Truth:
    """Arrays with an entry for each target of ``Served``, and two with a column for each day.

    ``cpc`` and prices are in cents, ``order_value`` is the average value of an order. ``clicks``
    and ``cvr`` are (targets, days): expected clicks, and orders a click.
    """

    relevance: Floats
    ctr: Floats
    cpc: Floats
    price: Floats
    companion_price: Floats
    order_value: Floats
    clicks: Floats
    cvr: Floats


def draw_truth(
    catalog: Catalog,
    served: Served,
    days: int,
    first_weekday: int,
    assumed: Assumptions,
    rng: np.random.Generator,
) -> Truth:
    """Return the truth of ``days`` days; ``first_weekday`` counts from Monday, 0."""
    relevance = _relevance(served, assumed, rng)
    prices = prices_of(catalog)
    price = np.array([prices[one] for one in served.promoted], dtype=float)
    companion = np.array([prices[one] for one in served.companion], dtype=float)
    halo, units = assumed.order["halo"], 1 + assumed.order["second_unit"]
    kinds = _numbers([served.terms[n].category or served.terms[n].kind for n in served.owner])
    ctr = _logit(assumed.click["base"]) - assumed.click["fall"] * (1 - relevance)
    ctr += assumed.click["term"] * rng.standard_normal(len(relevance))
    return Truth(
        relevance=relevance,
        ctr=_expit(ctr),
        cpc=_cost(served, float(np.median(list(prices.values()))), assumed, rng),
        price=price,
        companion_price=companion,
        order_value=units * ((1 - halo) * price + halo * companion),
        clicks=_clicks(served, kinds, days, first_weekday, assumed, rng),
        cvr=_conversion(served, relevance, kinds, days, assumed, rng),
    )


def prices_of(catalog: Catalog) -> dict[str, int]:
    """Return every product's price in cents; the median replaces a missing one."""
    column = catalog.frame["price"]
    usual = column.median()
    filled = column.fill_null(usual if isinstance(usual, float) else PLAIN_PRICE)
    cents = np.rint(filled.to_numpy() * 100).astype(int).tolist()
    return dict(zip(catalog.frame["product_id"].to_list(), cents, strict=True))


def _relevance(served: Served, assumed: Assumptions, rng: np.random.Generator) -> Floats:
    table = assumed.relevance
    shapes = np.array([table[_kind_of(term)] for term in served.terms])
    mean, strength = shapes[:, 0], shapes[:, 1]
    of_term = rng.beta(mean * strength, (1 - mean) * strength)
    owner = np.array(served.owner)
    here = [
        not served.terms[n].product_ids or shown in served.terms[n].product_ids
        for n, shown in zip(served.owner, served.promoted, strict=True)
    ]
    found: Floats = of_term[owner] * np.where(here, 1.0, table["misplaced"])
    return found


def _kind_of(term: Term) -> str:
    own = term.kind is Kind.ASIN and term.product_ids
    return "own_asin" if own else term.kind.value


def _conversion(
    served: Served,
    relevance: Floats,
    kinds: npt.NDArray[np.int64],
    days: int,
    assumed: Assumptions,
    rng: np.random.Generator,
) -> Floats:
    """Return orders a click by target and day."""
    table = assumed.conversion
    level = _logit(table["base"]) - table["fall"] * (1 - relevance)
    groups = _numbers([f"{one.campaign}\t{one.ad_group}" for one in served.targets])
    products, owner = _numbers(served.promoted), np.array(served.owner)
    for name, number in (("category", kinds), ("product", products), ("ad_group", groups)):
        level += table[name] * rng.standard_normal(number.max() + 1)[number]
    tails = table["tails"]
    noise = rng.standard_t(tails, len(served.terms)) * np.sqrt((tails - 2) / tails)
    level += table["term"] * noise[owner]
    drift = _walk(kinds.max() + 1, days, table["drift"], rng)
    cvr: Floats = np.minimum(_expit(level[:, None] + drift[kinds]), table["most"])
    return cvr


def _clicks(
    served: Served,
    kinds: npt.NDArray[np.int64],
    days: int,
    first_weekday: int,
    assumed: Assumptions,
    rng: np.random.Generator,
) -> Floats:
    """Return expected clicks by target and day."""
    table, owner = assumed.terms, np.array(served.owner)
    ranks = rng.permutation(len(served.terms)) + 1
    kinds_of = np.array([assumed.traffic[_kind_of(term)] for term in served.terms])
    traffic = kinds_of / ranks ** table["zipf"]
    traffic *= table["clicks_a_month"] / 30 * len(served.terms) / traffic.sum()
    weights = np.array([target.weight for target in served.targets])
    weights = weights * rng.uniform(0.4, 1.6, len(weights))
    share = weights / np.bincount(owner, weights)[owner]
    daily = (traffic[owner] * share)[:, None] * _bursts(owner, days, table["burst"], rng)
    clicks: Floats = daily * _season(kinds, days, first_weekday, assumed, rng)
    return clicks


def _bursts(
    owner: npt.NDArray[np.int64], days: int, shape: float, rng: np.random.Generator
) -> Floats:
    weeks = rng.gamma(shape, 1 / shape, (owner.max() + 1, days // 7 + 1))
    return np.repeat(weeks[owner], 7, axis=1)[:, :days]


def _season(
    kinds: npt.NDArray[np.int64],
    days: int,
    first_weekday: int,
    assumed: Assumptions,
    rng: np.random.Generator,
) -> Floats:
    table, count, day = assumed.season, kinds.max() + 1, np.arange(days)
    height, phase = rng.uniform(0, table["yearly"], count), rng.uniform(0, 2 * np.pi, count)
    yearly = 1 + height[:, None] * np.sin(2 * np.pi * day / 365 + phase[:, None])
    weekly = np.array(table["weekday"])[(day + first_weekday) % 7]
    level = np.exp(_walk(1, days, table["drift"], rng)[0])
    season: Floats = (yearly * weekly * level)[kinds]
    return season


def _cost(
    served: Served, usual_price: float, assumed: Assumptions, rng: np.random.Generator
) -> Floats:
    """Return cents a click by target."""
    table = assumed.cost
    factors = {"EXACT": table["exact"], "PHRASE": table["phrase"], "-": table["automatic"]}
    kinds = np.array([factors.get(target.match_type, 1.0) for target in served.targets])
    targets = _numbers(
        [f"{t.campaign}\t{t.ad_group}\t{t.targeting}\t{t.match_type}" for t in served.targets]
    )
    bids = rng.lognormal(0, table["target"], targets.max() + 1)[targets]
    cost = usual_price * table["share"] * kinds * bids
    found: Floats = np.maximum(cost * rng.lognormal(0, table["term"], len(kinds)), 2.0)
    return found


def _walk(count: int, days: int, step: float, rng: np.random.Generator) -> Floats:
    """Return (count, days) random walks that move once a week."""
    weeks = np.cumsum(step * rng.standard_normal((count, days // 7 + 1)), axis=1)
    return np.repeat(weeks, 7, axis=1)[:, :days]


def _numbers(names: object) -> npt.NDArray[np.int64]:
    _, numbers = np.unique(np.array(names, dtype=str), return_inverse=True)
    return numbers


def _logit(share: float) -> float:
    return float(np.log(share / (1 - share)))


def _expit(level: Floats) -> Floats:
    return 1 / (1 + np.exp(-level))
