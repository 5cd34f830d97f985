"""Evidence from words of whole texts, neighbouring words of titles, and what titles state."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt
import polars as pl

from admatch.arrays import AnyArray, Floats32, Ints
from admatch.match.attributes.index import Agreement, AttributeIndex
from admatch.match.attributes.quantities import without_quantities
from admatch.match.heads import evidence, unmet
from admatch.match.lexical import LexicalIndex, TermPostings, with_rarest
from admatch.match.tokens import pairs, words
from admatch.match.word_vectors import WordVectors

COLUMNS = ("keys", "starts", "products", "times", "weights", "lengths")  # of a ``LexicalIndex``


@dataclass(frozen=True, slots=True)
class DenseCoverage:
    """The share of each of n terms that each product covers, 0 … 1.

    ``singles`` (n, products) is dense. Few products have a phrase: ``cells`` are their positions
    in such an array once flattened, ascending, with one position past the end as the last, and
    ``shares`` are the phrases' shares there. ``agreement`` is what term and title say of the same
    attributes.
    """

    singles: Floats32
    cells: Ints
    shares: Floats32
    agreement: Agreement

    def best(self, k: int, weight: float) -> Ints:
        """Return the k products, (n, k), that cover most of each term, -1 where there are fewer.

        ``weight`` is the weight of phrases beside singles. Of equals the first ones are taken.
        """
        covered = self.singles.copy()
        covered.reshape(-1)[self.cells[:-1]] += np.float32(weight) * self.shares[:-1]
        best = np.full((len(covered), k), -1)
        for row, shares in zip(best, covered, strict=True):
            products = np.flatnonzero(shares)
            products = products[np.argsort(-shares[products], stable=True)[:k]]
            row[: len(products)] = products
        return best

    def of(self, items: Ints) -> tuple[Floats32, ...]:
        """Return four numbers of given products (n, k).

        The shares that singles and phrases cover, and how many attributes agree and contradict.
        """
        cells = items + self.singles.shape[1] * np.arange(len(items))[:, None]
        index = np.searchsorted(self.cells, cells)
        phrases = np.where(self.cells[index] == cells, self.shares[index], np.float32(0))
        return np.take(self.singles, cells), phrases, *self.agreement.of(items)


@dataclass(frozen=True, slots=True)
class LazyCoverage:
    """The share of each of n terms that some of very many products cover, looked up on demand."""

    singles: Sequence[TermPostings]
    phrases: Sequence[TermPostings]
    agreement: Agreement

    def of(self, items: Ints) -> tuple[Floats32, ...]:
        """Return the four numbers of given products (n, k), as ``DenseCoverage`` does."""
        rows = items.astype(np.int32)
        singles, phrases = (_looked_up(one, rows) for one in (self.singles, self.phrases))
        return singles, phrases, *self.agreement.of(items)

    def best(self, k: int, weight: float) -> Ints:
        """Return the k products, (n, k), that cover most of each term, -1 where there are fewer.

        ``weight`` is the weight of phrases beside singles. Of equals the first ones are taken. Only
        about ``LOOKED_AT`` products are scored for a term, those that contain its rarest words.
        """
        result = np.full((len(self.singles), k), -1)
        for row, single, phrase in zip(result, self.singles, self.phrases, strict=True):
            products = with_rarest([*single.postings, *phrase.postings])
            covered = single.coverage(products) + weight * phrase.coverage(products)
            products = products[np.argsort(-covered, stable=True)[:k]]
            row[: len(products)] = products
        return result


def _looked_up(terms: Sequence[TermPostings], rows: npt.NDArray[np.int32]) -> Floats32:
    return np.stack([term.coverage(products) for term, products in zip(terms, rows, strict=True)])


@dataclass(frozen=True)
class WordEvidence:
    """The words of whole texts, ``singles``, and pairs of neighbours in titles, ``phrases``.

    Two neighbouring words in a title name one thing ("coffee table"); apart they may name two.
    ``attributes`` are what ``titles`` state: sizes, colours, models.
    """

    singles: LexicalIndex
    phrases: LexicalIndex
    attributes: AttributeIndex
    titles: pl.Series

    @classmethod
    def build(cls, texts: Sequence[str], titles: Sequence[str]) -> "WordEvidence":
        """Return the evidence of products with these texts and titles."""
        return cls(
            LexicalIndex.build(texts),
            LexicalIndex.build(titles, pairs),
            AttributeIndex.build(titles),
            pl.Series(titles, dtype=pl.String),
        )

    def updated(self, former: Ints, texts: Sequence[str], titles: Sequence[str]) -> "WordEvidence":
        """Return the evidence of other products, of which ``texts`` and ``titles`` are new.

        ``former`` is each product's number here, or -1 for the next of the new ones.
        """
        every = np.empty(len(former), object)
        every[former >= 0] = self.titles.gather(former[former >= 0]).to_numpy()
        every[former < 0] = titles
        return WordEvidence(
            self.singles.updated(former, texts),
            self.phrases.updated(former, titles),
            self.attributes.updated(former, titles),
            pl.Series(every.tolist(), dtype=pl.String),
        )

    def tables(self) -> dict[str, AnyArray]:
        """Return the tables that ``from_tables`` restores the evidence from."""
        return {
            f"{name}.{column}": getattr(index, column)
            for name, index in (("singles", self.singles), ("phrases", self.phrases))
            for column in COLUMNS
        } | self.attributes.tables()

    @classmethod
    def from_tables(cls, tables: Mapping[str, AnyArray], titles: pl.Series) -> "WordEvidence":
        """Return the evidence that was saved as ``tables``; nothing is read before it is used."""
        singles, phrases = (
            LexicalIndex(split, *(tables[f"{name}.{column}"] for column in COLUMNS))
            for name, split in (("singles", words), ("phrases", pairs))
        )
        return cls(singles, phrases, AttributeIndex.from_tables(tables, singles.size), titles)

    def met(self, terms: Sequence[str], items: Ints, vectors: WordVectors | None) -> Floats32:
        """Return whether products (n, k) meet a term's words, as ``heads.evidence``: (4, n, k).

        Without ``vectors`` no word comes near another.
        """
        titles = self.titles.gather(items.ravel()).to_list()
        repeated = [term for term in terms for _ in range(items.shape[1])]
        lacking = [
            unmet(term, title, partial(self.singles.holds, product))
            for term, title, product in zip(repeated, titles, items.ravel().tolist(), strict=True)
        ]
        near = (
            vectors.nearest(lacking, titles)
            if vectors
            else [dict.fromkeys(some, 0.0) for some in lacking]
        )
        found = [evidence(term, one) for term, one in zip(repeated, near, strict=True)]
        return np.moveaxis(np.array(found, np.float32).reshape(*items.shape, 4), -1, 0)

    def dense_coverage(self, terms: Sequence[str]) -> DenseCoverage:
        """Return the share of each term that every product covers."""
        agreement, terms = self.attributes.agreement(terms), _worded(terms)
        cells, shares = self.phrases.flat_coverage(terms)
        order = np.argsort(cells, kind="stable")
        cells, shares = cells[order], shares[order]
        first = np.flatnonzero(np.diff(cells, prepend=-1))
        sums = np.add.reduceat(shares, first) if len(first) else shares
        return DenseCoverage(
            self.singles.coverage(terms),
            np.append(cells[first], len(terms) * self.phrases.size),
            np.append(sums, np.float32(0)),
            agreement,
        )

    def lazy_coverage(self, terms: Sequence[str]) -> LazyCoverage:
        """Return the same for a catalog too large to score every product."""
        agreement, terms = self.attributes.agreement(terms), _worded(terms)
        return LazyCoverage(self.singles.postings(terms), self.phrases.postings(terms), agreement)


def _worded(terms: Sequence[str]) -> list[str]:
    """Return the terms without sizes, which are no words: attributes compare them."""
    return [rest if (rest := without_quantities(term)).strip() else term for term in terms]
