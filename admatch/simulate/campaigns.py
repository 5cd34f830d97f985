"""Campaigns, ad groups and targets, and those that serve a term."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from admatch.simulate.terms import Item, Kind, Term
from admatch.simulate.words import fold, tokens

MOST_GROUPS = 4  # top categories with campaigns of their own; the others share one
MOST_TARGETS = 3  # targets that serve one term; real accounts overlap about as much
KEYWORD_SHARE = 0.6  # share of relevant terms of up to three words that have a keyword
AUTO_TARGETS = ("close-match", "loose-match", "substitutes", "complements")
_WEIGHTS = {"EXACT": 4.0, "PHRASE": 2.0, "BROAD": 2.0, "close-match": 2.0}  # others weigh 1
_CLOSE = frozenset({Kind.RELEVANT, Kind.MISSPELT, Kind.COMPETITOR})


@dataclass(frozen=True, slots=True)
class Target:
    """A target that serves a term, in Amazon's spellings; ``group`` is what its ads show."""

    group: str
    campaign: str
    ad_group: str
    targeting: str
    match_type: str

    @property
    def weight(self) -> float:
        """The share of a term's traffic that the target draws, relative to others."""
        return _WEIGHTS.get(self.match_type, _WEIGHTS.get(self.targeting, 1.0))


class Campaigns:
    """An account's campaigns: an automatic, a keyword and a product campaign for every group.

    A group is a category, or a single product where products are ``apart``.
    """

    def __init__(
        self,
        items: Sequence[Item],
        terms: Sequence[Term],
        rng: np.random.Generator,
        *,
        apart: bool = False,
    ) -> None:
        self.rng = rng
        largest = Counter(item.top for item in items).most_common(MOST_GROUPS)
        self._tops = {top for top, _ in largest}
        self._group_of = {
            item.product_id: item.product_id if apart else self._group(item.top) for item in items
        }
        self.groups: dict[str, list[str]] = {}
        for product_id, group in self._group_of.items():
            self.groups.setdefault(group, []).append(product_id)
        self._leaf_of = {item.product_id: item.leaf for item in items}
        self._keywords = [
            (group, keyword, [fold(word) for word in tokens(keyword)])
            for group, keyword in self._choose_keywords(terms)
        ]
        self._by_word: dict[str, list[int]] = {}  # keywords by their first word
        for number, (_, _, wanted) in enumerate(self._keywords):
            self._by_word.setdefault(wanted[0] if wanted else "", []).append(number)

    def targets_of(self, term: Term) -> list[Target]:
        """Return one to ``MOST_TARGETS`` different targets that serve a term."""
        options = self._options(term)
        weights = np.array([target.weight for target in options])
        count = min(len(options), int(self.rng.integers(1, MOST_TARGETS + 1)))
        chosen = self.rng.choice(len(options), count, replace=False, p=weights / weights.sum())
        return [options[number] for number in sorted(chosen)]

    def _options(self, term: Term) -> list[Target]:
        groups = Counter(self._group_of[product_id] for product_id in term.product_ids)
        all_groups = list(self.groups)
        group = groups.most_common(1)[0][0] if groups else self._any(all_groups)
        if term.kind is Kind.STAR:
            return [one for name in all_groups for one in self._page_targets(name, None)]
        if term.kind is Kind.ASIN:
            return self._page_targets(group, term.text.upper())
        auto = "close-match" if term.kind in _CLOSE else "loose-match"
        return [automatic_target(group, auto), *self._keyword_targets(term)]

    def _keyword_targets(self, term: Term) -> list[Target]:
        """Return the keywords that match a term by Amazon's rules, plurals folded."""
        words = [fold(word) for word in tokens(term.plain)]
        targets = []
        near = {number for word in ("", *words) for number in self._by_word.get(word, ())}
        for group, keyword, wanted in map(self._keywords.__getitem__, sorted(near)):
            if not set(wanted) <= set(words):
                continue
            types = ["BROAD"]
            if any(words[i : i + len(wanted)] == wanted for i in range(len(words))):
                types.append("PHRASE")
            if words == wanted:
                types.append("EXACT")
            targets += [_keyword(group, keyword, match_type) for match_type in types]
        return targets

    def _page_targets(self, group: str, asin: str | None) -> list[Target]:
        leaves = sorted({self._leaf_of[product] or group for product in self.groups[group]})
        products = [f'category="{self._any(leaves)}"', *([f'asin="{asin}"'] if asin else [])]
        targeted = [
            Target(group, f"SP | {group} | Products", "Product pages", target, "-")
            for target in products
        ]
        pages = [automatic_target(group, name) for name in ("substitutes", "complements")]
        return [*targeted, *pages]

    def _choose_keywords(self, terms: Sequence[Term]) -> list[tuple[str, str]]:
        short = [
            (self._group_of[term.product_ids[0]], term.plain)
            for term in terms
            if term.kind is Kind.RELEVANT and len(term.plain.split()) <= 3
        ]
        distinct = list(dict.fromkeys(short))
        return [pair for pair in distinct if self.rng.random() < KEYWORD_SHARE]

    def _group(self, top: str) -> str:
        return top if top in self._tops else "Other"

    def _any(self, choices: Sequence[str]) -> str:
        return choices[int(self.rng.integers(len(choices)))]


def automatic_target(group: str, targeting: str) -> Target:
    """Return a target of a group's automatic campaign, one of ``AUTO_TARGETS``."""
    return Target(group, f"SP | {group} | Auto", "All products", targeting, "-")


def _keyword(group: str, keyword: str, match_type: str) -> Target:
    return Target(
        group, f"SP | {group} | Keywords", f"{match_type.title()} match", keyword, match_type
    )
