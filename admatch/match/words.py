"""Evidence from words of whole texts, neighbouring words of titles, and what titles state."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt
import polars as pl
import torch
from torch import Tensor

from admatch.arrays import Ints
from admatch.generate.search import best_columns
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

    singles: Tensor
    cells: Tensor
    shares: Tensor
    agreement: Agreement

    def to(self, device: torch.device) -> "DenseCoverage":
        """Return the coverage on a device."""
        singles, cells, shares = (
            part.to(device) for part in (self.singles, self.cells, self.shares)
        )
        return DenseCoverage(singles, cells, shares, self.agreement)

    def best(self, k: int, weight: float) -> Tensor:
        """Return the k products, (n, k or all), that cover most of each term, in any order.

        ``weight`` is the weight of phrases beside singles.
        """
        covered = self.singles.clone()
        covered.view(-1).index_add_(0, self.cells[:-1], self.shares[:-1], alpha=weight)
        return best_columns(covered, min(k, covered.shape[1]))

    def of(self, items: Tensor) -> tuple[Tensor, ...]:
        """Return four numbers of given products (n, k).

        The shares that singles and phrases cover, and how many attributes agree and contradict.
        """
        terms, products = self.singles.shape
        cells = items + products * torch.arange(terms, device=items.device)[:, None]
        index = torch.searchsorted(self.cells, cells)
        phrases = self.shares[index].masked_fill_(self.cells[index] != cells, 0.0)
        return self.singles.gather(1, items), phrases, *self.agreement.of(items)


@dataclass(frozen=True, slots=True)
class LazyCoverage:
    """The share of each of n terms that some of very many products cover, looked up on demand.

    It is computed on the CPU, where the postings are.
    """

    singles: Sequence[TermPostings]
    phrases: Sequence[TermPostings]
    agreement: Agreement

    def of(self, items: Tensor) -> tuple[Tensor, ...]:
        """Return the four numbers of given products (n, k), as ``DenseCoverage`` does."""
        rows = items.cpu().numpy().astype(np.int32)
        singles, phrases = (_looked_up(one, rows) for one in (self.singles, self.phrases))
        words = (singles.to(items.device), phrases.to(items.device))
        return *words, *self.agreement.of(items)

    def best(self, k: int, weight: float) -> Tensor:
        """Return the k products, (n, k), that cover most of each term, -1 where there are fewer.

        ``weight`` is the weight of phrases beside singles. Only about ``LOOKED_AT`` products are
        scored for a term, those that contain its rarest words.
        """
        result = np.full((len(self.singles), k), -1)
        for row, single, phrase in zip(result, self.singles, self.phrases, strict=True):
            products = with_rarest([*single.postings, *phrase.postings])
            covered = single.coverage(products) + weight * phrase.coverage(products)
            best = np.argpartition(-covered, k - 1)[:k] if len(products) > k else slice(None)
            row[: len(products[best])] = products[best]
        return torch.from_numpy(result)


def _looked_up(terms: Sequence[TermPostings], rows: npt.NDArray[np.int32]) -> Tensor:
    covered = [term.coverage(products) for term, products in zip(terms, rows, strict=True)]
    return torch.from_numpy(np.stack(covered))


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

    def tables(self) -> dict[str, Tensor]:
        """Return the tables that ``from_tables`` restores the evidence from."""
        return {
            f"{name}.{column}": torch.from_numpy(getattr(index, column))
            for name, index in (("singles", self.singles), ("phrases", self.phrases))
            for column in COLUMNS
        } | self.attributes.tables()

    @classmethod
    def from_tables(cls, tables: Mapping[str, Tensor], titles: pl.Series) -> "WordEvidence":
        """Return the evidence that was saved as ``tables``; nothing is read before it is used."""
        singles, phrases = (
            LexicalIndex(split, *(tables[f"{name}.{column}"].numpy() for column in COLUMNS))
            for name, split in (("singles", words), ("phrases", pairs))
        )
        return cls(singles, phrases, AttributeIndex.from_tables(tables, singles.size), titles)

    def met(self, terms: Sequence[str], items: Tensor, vectors: WordVectors | None) -> Tensor:
        """Return whether products (n, k) meet a term's words, as ``heads.evidence``: (4, n, k).

        Without ``vectors`` no word comes near another.
        """
        rows = items.cpu().numpy()
        titles = self.titles.gather(rows.ravel()).to_list()
        repeated = [term for term in terms for _ in range(rows.shape[1])]
        lacking = [
            unmet(term, title, partial(self.singles.holds, product))
            for term, title, product in zip(repeated, titles, rows.ravel().tolist(), strict=True)
        ]
        near = (
            vectors.nearest(lacking, titles)
            if vectors
            else [dict.fromkeys(some, 0.0) for some in lacking]
        )
        found = [evidence(term, one) for term, one in zip(repeated, near, strict=True)]
        table = torch.tensor(found, dtype=torch.float32).view(*rows.shape, 4)
        return table.movedim(-1, 0).to(items.device)

    def dense_coverage(self, terms: Sequence[str]) -> DenseCoverage:
        """Return the share of each term that every product covers."""
        agreement, terms = self.attributes.agreement(terms), _worded(terms)
        cells, shares = self.phrases.flat_coverage(terms)
        order = np.argsort(cells, kind="stable")
        cells, shares = cells[order], shares[order]
        first = np.flatnonzero(np.diff(cells, prepend=-1))
        sums = np.add.reduceat(shares, first) if len(first) else shares
        return DenseCoverage(
            torch.from_numpy(self.singles.coverage(terms)),
            torch.from_numpy(np.append(cells[first], len(terms) * self.phrases.size)),
            torch.from_numpy(np.append(sums, np.float32(0))),
            agreement,
        )

    def lazy_coverage(self, terms: Sequence[str]) -> LazyCoverage:
        """Return the same for a catalog too large to score every product."""
        agreement, terms = self.attributes.agreement(terms), _worded(terms)
        return LazyCoverage(self.singles.postings(terms), self.phrases.postings(terms), agreement)


def _worded(terms: Sequence[str]) -> list[str]:
    """Return the terms without sizes, which are no words: attributes compare them."""
    return [rest if (rest := without_quantities(term)).strip() else term for term in terms]
