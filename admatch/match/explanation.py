"""Why a term is about a product, or is not, in numbers and in plain words: ``Explanation``."""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from admatch.arrays import SemanticIds, Vectors
from admatch.ids.semantic_id import written_ids
from admatch.match.attributes.contradictions import contradictions
from admatch.match.heads import term_words, unmet
from admatch.match.records import RETRIEVED, Outcome
from admatch.match.relevance import FEATURES
from admatch.match.retriever import Retrieved
from admatch.match.tabulate import tabulate_products, tabulate_terms
from admatch.match.tokens import words
from admatch.messages import Message, say

AHEAD = 0.02  # a generic product has to fit better by this much to be mentioned
SURE, LIKELY = 0.9, RETRIEVED
DEPARTURE = FEATURES.index("departure")


@dataclass(frozen=True, slots=True)
class Explanation:
    """The evidence for and against a term's being about a product.

    ``probability`` is that of this product, ``outcome`` the term's. ``rank`` is the product's
    among all for this term, from 1; where it is not among the candidates, both ``rank`` and
    ``probability`` are None. ``cosine`` is the similarity of term and product in meaning, pictures
    included, ``nearer_than`` the share of other products that are less similar. ``departure`` is
    how much better a generic product fits the term than this one's ID does. ``best`` is the
    product ranked first: its ID, title and probability. ``unsold`` is the word that says what the
    term is about, where no title among the nearest has it; ``read_as`` is the term as it was read
    where words of it were misspelt.
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
    unsold: str | None = None
    read_as: str | None = None

    @property
    def shared_codes(self) -> int:
        """The number of leading codes, after the modality, that term and product share."""
        pairs = zip(self.term_path.split("·")[1:], self.semantic_id.split("·")[1:], strict=True)
        same = [one == other for one, other in pairs]
        return [*same, False].index(False)

    @property
    def sentences(self) -> tuple[Message, ...]:
        """The explanation in plain words, the verdict first."""
        every = (
            self._verdict(),
            self.read_as and say("match.explain.read_as", term=self.search_term, read=self.read_as),
            self._meaning(),
            self._words(),
            *self._contradictions(),
            self._path(),
            self._generic(),
            self._rival(),
            self.unsold and say("match.explain.unsold", word=self.unsold),
        )
        return tuple(sentence for sentence in every if sentence)

    def _verdict(self) -> Message:
        both = {"term": self.search_term, "title": self.title}
        if self.probability is None or self.rank is None:
            return say("match.explain.no_candidate", **both)
        share = say(
            "match.explain.share",
            percent=_percent(self.probability),
            rank=self.rank,
            products=self.products,
        )
        if self.probability >= SURE:
            return say("match.explain.match", share=share, **both)
        if self.probability >= LIKELY:
            return say("match.explain.likely", share=share, **both)
        return say("match.explain.no_match", share=share, **both)

    def _meaning(self) -> Message:
        cosine = f"{self.cosine:.2f}"
        if self.nearer_than == 1:
            return say("match.explain.nearest_of_all", cosine=cosine)
        return say("match.explain.nearer_than", percent=_percent(self.nearer_than), cosine=cosine)

    def _words(self) -> Message | None:
        if not self.words_found:
            if not self.words_missing:
                return None
            return say("match.explain.no_words", missing=_quoted(self.words_missing))
        found = _quoted(self.words_found)
        if not self.words_missing:
            return say("match.explain.all_words", found=found)
        return say("match.explain.some_words", found=found, missing=_quoted(self.words_missing))

    def _contradictions(self) -> list[Message]:
        found = contradictions(self.search_term, self.title)
        return [say("match.explain.contradicts", wanted=a, stated=b) for a, b in found]

    def _path(self) -> Message:
        paths = say("match.explain.paths", term=self.term_path, product=self.semantic_id)
        depth = self.shared_codes
        if not depth:
            return say("match.explain.shares_nothing", paths=paths)
        if depth == 1:
            return say("match.explain.shares_kind", paths=paths)
        if depth == 2:
            return say("match.explain.shares_family", paths=paths)
        return say("match.explain.shares_article", paths=paths)

    def _generic(self) -> Message | None:
        if self.departure is None or self.departure < AHEAD:
            return None
        return say("match.explain.generic_fits_better", difference=f"{self.departure:.2f}")

    def _rival(self) -> Message | None:
        product_id, title, probability = self.best
        if product_id == self.product_id:
            return None
        best = say("match.explain.best", id=product_id, title=title, percent=_percent(probability))
        if self.outcome is Outcome.MATCH:
            return say("match.explain.about_another", best=best)
        if self.outcome is Outcome.RELATED:
            return say("match.explain.about_related", best=best)
        return say("match.explain.about_nothing", best=best)


def explained(
    term: str,
    spelt: str,
    row: int,
    text: str,
    products: pl.DataFrame,
    ids: SemanticIds,
    retrieved: Retrieved,
    similarity: Vectors,
) -> Explanation:
    """Return why a term is about the product in ``row``, or is not.

    ``spelt`` is the term as it was read. ``products`` holds ``product_id, title`` in catalog order,
    ``ids`` are their IDs, ``text`` is the product's own. ``retrieved`` are the term's best
    products, ``similarity`` (products,) is
    each product's similarity to it in meaning.
    """
    of_term = tabulate_terms(pl.Series([term]), retrieved).row(0, named=True)
    ranked = tabulate_products(retrieved, products, ids)
    product = products.row(row, named=True)
    own = ranked.filter(product_id=product["product_id"]).to_dicts()
    rank = own[0]["rank"] if own else None
    wanted, present = dict.fromkeys(words(spelt)), {*words(text)}
    return Explanation(
        search_term=term,
        product_id=product["product_id"],
        title=product["title"],
        outcome=Outcome(of_term["outcome"]),
        probability=own[0]["probability"] if own else None,
        rank=rank,
        products=len(products),
        cosine=float(similarity[row]),
        nearer_than=float((similarity < similarity[row]).sum() / max(1, len(similarity) - 1)),
        words_found=tuple(word for word in wanted if word in present),
        words_missing=tuple(word for word in wanted if word not in present),
        term_path=of_term["semantic_id"],
        semantic_id=str(written_ids(ids[[row]])[0]),
        departure=float(retrieved.features[0, rank - 1, DEPARTURE]) if rank else None,
        best=ranked.select("product_id", "title", "probability").row(0),
        unsold=_unsold(spelt, text, ranked["title"].to_list()),
        read_as=None if words(spelt) == words(term) else spelt,
    )


def _unsold(term: str, text: str, titles: Sequence[str]) -> str | None:
    """Return the head of a term if neither the product nor any of some titles has it."""
    said = term_words(term)
    if said is None or any(said.head not in unmet(term, title) for title in (text, *titles)):
        return None
    return said.head


def _percent(share: float) -> int:
    return round(100 * share)


def _quoted(listed: Sequence[str]) -> Message:
    """Return words in quotation marks, one after the other."""
    first, *others = listed
    if not others:
        return say("match.explain.word", word=first)
    return say("match.explain.word_and_others", word=first, others=_quoted(others))
