"""The search terms, and the targets that serve each: ``served_terms``."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np

from admatch.catalog.records import Catalog
from admatch.simulate.assumptions import Assumptions
from admatch.simulate.campaigns import Campaigns, Target, automatic_target
from admatch.simulate.terms import Item, Kind, Term, TermMaker, take_apart

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Served:
    """An account's campaigns and terms; ``targets[i]`` serves the term ``owner[i]``.

    ``promoted[i]`` is the product whose ad is shown, ``companion[i]`` the other own product that
    halo sales are of.
    """

    items: Sequence[Item]
    campaigns: Campaigns
    terms: Sequence[Term]
    owner: Sequence[int]
    targets: Sequence[Target]
    promoted: Sequence[str]
    companion: Sequence[str]


def served_terms(
    catalog: Catalog,
    count: int,
    assumed: Assumptions,
    rng: np.random.Generator,
    *,
    apart: bool = False,
) -> Served:
    """Return about ``count`` distinct terms with the targets that serve them.

    Campaigns advertise a category, or a single product where products are ``apart``.
    """
    items = take_apart(catalog)
    terms = _more_strangers(TermMaker(items, rng).make(count), count, assumed, rng)
    campaigns = Campaigns(items, terms, rng, apart=apart)
    pairs = [
        (number, target)
        for number, term in enumerate(terms)
        for target in _targets(term, campaigns, assumed, rng)
    ]
    promoted = [_promoted(terms[number], target, campaigns, rng) for number, target in pairs]
    others = [item.product_id for item in items]
    companions = [
        _any(_near(target, campaigns, others, assumed, rng), rng, but=shown)
        for (_, target), shown in zip(pairs, promoted, strict=True)
    ]
    stream = rng.spawn(1)[0]  # of its own, so that nothing else of an account changes
    companions = [
        _meant(terms[number], shown, usual, assumed, stream)
        for (number, _), shown, usual in zip(pairs, promoted, companions, strict=True)
    ]
    return Served(
        items, campaigns, terms, [n for n, _ in pairs], [p for _, p in pairs], promoted, companions
    )


def _more_strangers(
    terms: Sequence[Term], count: int, assumed: Assumptions, rng: np.random.Generator
) -> list[Term]:
    """Return the terms with further off-catalog ones until there are ``count``, if possible.

    The table of off-catalog terms is short, so a modifier makes further ones from it.
    """
    known = {term.text: term for term in terms}
    strange = [term for term in terms if term.kind is Kind.OFF_CATALOG]
    wanted = min(count - len(terms), round(count * assumed.terms["idle_share"]))
    for _ in range(max(wanted, 0) * 2 if strange else 0):
        if wanted <= 0:
            break
        term, modifier = _any(strange, rng), _any(assumed.terms["modifiers"], rng)
        text = f"{modifier} {term.text}" if rng.random() < 0.4 else f"{term.text} {modifier}"
        if text not in known:
            known[text] = replace(term, text=text, plain=text)
            wanted -= 1
    return list(known.values())


def _targets(
    term: Term, campaigns: Campaigns, assumed: Assumptions, rng: np.random.Generator
) -> list[Target]:
    """Return the targets that serve a term, at times one that advertises none of its products."""
    targets = campaigns.targets_of(term)
    others = [group for group in campaigns.groups if group not in {one.group for one in targets}]
    if term.kind in (Kind.ASIN, Kind.STAR) or not others or rng.random() >= assumed.terms["leak"]:
        return targets
    return [*targets, automatic_target(_any(others, rng), "loose-match")]


def _promoted(term: Term, target: Target, campaigns: Campaigns, rng: np.random.Generator) -> str:
    """Return the product that the target's ad shows: one the term is about, if there is any."""
    here = set(campaigns.groups[target.group])
    about = [product_id for product_id in term.product_ids if product_id in here]
    return _any(about or campaigns.groups[target.group], rng)


def _near(
    target: Target,
    campaigns: Campaigns,
    others: Sequence[str],
    assumed: Assumptions,
    rng: np.random.Generator,
) -> Sequence[str]:
    same_kind = rng.random() < assumed.order["same_kind"]
    return campaigns.groups[target.group] if same_kind else others


def _meant(
    term: Term, shown: str, usual: str, assumed: Assumptions, rng: np.random.Generator
) -> str:
    """Return a product that the term is about beside the one shown, at times; else the usual."""
    others = [one for one in term.product_ids if one != shown]
    by_chance = rng.random() >= assumed.order["about"]
    return usual if by_chance or not others else _any(others, rng)


def _any(choices: Sequence[_T], rng: np.random.Generator, but: _T | None = None) -> _T:
    """Return one of the choices, not ``but`` if there is any other."""
    chosen = choices[int(rng.integers(len(choices)))]
    if chosen == but and len(choices) > 1:
        return choices[(choices.index(chosen) + 1) % len(choices)]
    return chosen
