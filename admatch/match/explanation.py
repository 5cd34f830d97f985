"""Why a term is about a product, or is not, in numbers and in plain words: ``Explanation``."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from admatch.encode.protocol import Vectors
from admatch.ids.semantic_id import written_ids
from admatch.match.lexical import words
from admatch.match.records import RETRIEVED, Outcome
from admatch.match.relevance import FEATURES
from admatch.match.retriever import Retrieved
from admatch.match.tabulate import tabulate_products, tabulate_terms

PATH_PARTS = ("kind", "family", "article")  # what a shared code of each level stands for
AHEAD = 0.02  # by which a generic product has to fit better for it to be worth telling
SURE, LIKELY = 0.9, RETRIEVED
DEPARTURE = FEATURES.index("departure")


@dataclass(frozen=True, slots=True)
class Explanation:
    """What speaks for a term's being about a product, and what against it.

    ``probability`` is that of this product, ``outcome`` the term's. ``rank`` is the product's
    among all for this term, from 1, None where it is not even among the candidates; then
    ``probability`` is None, too. ``cosine`` is how near term and product are in meaning, pictures
    included, ``nearer_than`` the share of other products that are farther. ``departure`` is by how
    much a generic product meets the term better than this one's ID does. ``best`` is the product
    ranked first, with its title and probability.
    """

    search_term: str
    product_id: str
    title: str
    outcome: Outcome
    probability: float | None
    rank: int | None
    products: int
    cosine: float
    nearer_than: float
    words_found: tuple[str, ...]
    words_missing: tuple[str, ...]
    term_path: str
    semantic_id: str
    departure: float | None
    best: tuple[str, str, float]

    @property
    def shared_codes(self) -> int:
        """How many leading codes, after the modality, the term's path and the ID have in common."""
        pairs = zip(self.term_path.split("·")[1:], self.semantic_id.split("·")[1:], strict=True)
        same = [one == other for one, other in pairs]
        return [*same, False].index(False)

    @property
    def sentences(self) -> tuple[str, ...]:
        """The explanation in plain words, the verdict first."""
        told = (self._verdict, self._meaning, self._words, self._path, self._generic, self._rival)
        return tuple(sentence for tell in told if (sentence := tell()))

    def _verdict(self) -> str:
        about = f"“{self.search_term}” and “{self.title}”"
        if self.probability is None:
            return f"{about} do not match: the product is not even among the term's candidates."
        share = f"{self.probability:.0%} sure, ranked {self.rank} of {self.products:,}"
        if self.probability >= SURE:
            return f"{about} match: {share}."
        if self.probability >= LIKELY:
            return f"{about} probably match: {share}."
        return f"{about} do not match: {share}."

    def _meaning(self) -> str:
        others = "all" if self.nearer_than == 1 else f"{self.nearer_than:.0%} of the"
        return (
            f"In meaning the product is nearer to the term than {others} others "
            f"(likeness {self.cosine:.2f})."
        )

    def _words(self) -> str:
        found = ", ".join(f"“{word}”" for word in self.words_found)
        missing = ", ".join(f"“{word}”" for word in self.words_missing)
        if not found:
            return f"Its text has none of the term's words: {missing}." if missing else ""
        return f"Its text has {found}" + (f"; it lacks {missing}." if missing else ", all of them.")

    def _path(self) -> str:
        paths = f"the term goes to {self.term_path}, the product stands at {self.semantic_id}"
        depth = self.shared_codes
        if not depth:
            return f"Their paths in the ID space part at once: {paths}."
        shared = " and ".join(f"the {part}" for part in PATH_PARTS[:depth])
        return f"They share {shared}: {paths}."

    def _generic(self) -> str:
        if self.departure is None or self.departure < AHEAD:
            return ""
        return (
            f"Some product that is not yours fits the term better, by {self.departure:.2f}: that "
            "speaks for somebody else's product."
        )

    def _rival(self) -> str:
        product_id, title, probability = self.best
        if product_id == self.product_id:
            return ""
        sure = f"{product_id} “{title}”, {probability:.0%} sure"
        if self.outcome is Outcome.MATCH:
            return f"The term is rather about {sure}."
        kind = "something of its kind" if self.outcome is Outcome.RELATED else "nothing you sell"
        return f"The term is about {kind}; nearest comes {sure}."


def explained(
    term: str,
    place: int,
    text: str,
    products: pl.DataFrame,
    ids: npt.NDArray[np.int16],
    retrieved: Retrieved,
    likeness: Vectors,
) -> Explanation:
    """Return why a term is about the product at ``place``, or is not.

    ``products`` holds ``product_id, title`` in catalog order, ``ids`` are theirs, ``text`` is the
    product's own; ``retrieved`` are the term's best products, ``likeness`` (products,) how near
    each is to it in meaning.
    """
    told = tabulate_terms(pl.Series([term]), retrieved).row(0, named=True)
    ranked = tabulate_products(retrieved, products, ids)
    product = products.row(place, named=True)
    own = ranked.filter(product_id=product["product_id"]).to_dicts()
    at = own[0]["rank"] if own else None
    asked, has = dict.fromkeys(words(term)), {*words(text)}
    return Explanation(
        search_term=term,
        product_id=product["product_id"],
        title=product["title"],
        outcome=Outcome(told["outcome"]),
        probability=own[0]["probability"] if own else None,
        rank=at,
        products=len(products),
        cosine=float(likeness[place]),
        nearer_than=float((likeness < likeness[place]).sum() / max(1, len(likeness) - 1)),
        words_found=tuple(word for word in asked if word in has),
        words_missing=tuple(word for word in asked if word not in has),
        term_path=told["semantic_id"],
        semantic_id=str(written_ids(ids[[place]])[0]),
        departure=float(retrieved.features[0, at - 1, DEPARTURE]) if at else None,
        best=ranked.select("product_id", "title", "probability").row(0),
    )
