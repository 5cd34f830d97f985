"""Terms → ranked own products, each with the log-odds that the term is about it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
import torch
from torch import Tensor

from admatch.arrays import Floats, Floats32, Ints, Vectors
from admatch.encode.device import device_for
from admatch.encode.product_pictures import Pictured
from admatch.generate.decoder import CodeScores, Decoder
from admatch.generate.generator import Generator
from admatch.generate.search import best_columns
from admatch.match.lexical import TINY
from admatch.match.meaning import MeaningFeatures
from admatch.match.ranking import FEEDBACK, candidates
from admatch.match.relevance import FEATURES
from admatch.match.universal import UniversalModel
from admatch.match.word_vectors import Encode, WordVectors
from admatch.match.words import DenseCoverage, LazyCoverage, WordEvidence
from admatch.threads import steady

# Products that are generated, and as many that words find. Of 126,000 products they give what
# ranking them all does (nDCG@10 .663, recall@50 .751). Where generation scores every leaf it takes
# the better candidates of twice as many: .998 of the first tens of ranking all, .991 with as many.
POOL = 128


@dataclass(frozen=True)
class Retrieved:
    """The best products of n terms, best first.

    ``items`` and ``log_odds`` are (n, k), ``features`` (n, k, ``FEATURES``); where a term has
    fewer than k products, ``items`` is -1 and ``log_odds`` minus infinity. ``related_odds`` (n,)
    are the log-odds that a term is at least about the kind of the product ranked first.
    ``paths`` (n, depth) is each term's ID in the universe of generic products.
    """

    items: Ints
    log_odds: Floats32
    related_odds: Floats32
    features: Floats32
    paths: Ints

    @property
    def probability(self) -> Floats:
        """The probability, (n, k), that a term is about each product."""
        return _probability(self.log_odds)

    @property
    def related_probability(self) -> Floats:
        """The probability, (n,), that a term is at least about the kind of its first product."""
        return _probability(self.related_odds)

    @classmethod
    def nothing(cls) -> "Retrieved":
        """Return the result for no terms."""
        none = np.empty((0, 1), np.int64)
        features = np.empty((0, 1, len(FEATURES)), np.float32)
        return cls(none, none.astype(np.float32), none[:, 0].astype(np.float32), features, none)

    @classmethod
    def joined(cls, blocks: Sequence["Retrieved"], order: Sequence[int]) -> "Retrieved":
        """Return the rows of all blocks, concatenated and then taken in ``order``."""
        return cls(
            *(
                np.concatenate([getattr(block, column.name) for block in blocks])[list(order)]
                for column in fields(cls)
            )
        )


class Retriever:
    """Retrieves the products of one catalog.

    ``vectors`` (n, dim) are the products' unit vectors, in the order of ``generator``'s IDs;
    ``encode`` returns the vectors of single words; ``pictured`` are those of the products'
    pictures. A ``tuned`` decoder generates instead of the
    model's; the calibration was fitted to the model's, and to texts alone.
    """

    def __init__(
        self,
        model: UniversalModel,
        generator: Generator,
        vectors: Vectors,
        words: WordEvidence,
        encode: Encode,
        pictured: Pictured | None = None,
        tuned: Decoder | None = None,
    ) -> None:
        self.model, self.generator = model, generator
        self.ranking = model.ranking
        self.words = words
        self._word_vectors = WordVectors(encode) if model.relevance.compares_words else None
        device = device_for(vectors)
        self._model, self._generator = model.to(device), generator.to(device)
        self._tuned = tuned.copy_to(device) if tuned else None
        meaning = MeaningFeatures.of(vectors, pictured, model.generic)
        self._lift, self._pictured = meaning.lift, pictured is not None
        self._vectors = torch.from_numpy(meaning.vectors).to(device)

    def retrieve(self, terms: Sequence[str], vectors: Vectors, k: int) -> Retrieved:
        """Return the k best products of each term; ``vectors`` (n, dim) are the terms'."""
        with steady(len(terms), len(self._vectors)):
            return self._retrieve(terms, vectors, k)

    @torch.inference_mode()
    def _retrieve(self, terms: Sequence[str], vectors: Vectors, k: int) -> Retrieved:
        queries = torch.from_numpy(vectors).to(self._vectors.device)
        codes = self._model.decoder(queries)
        covered = self._covered(terms)
        tuned = self._tuned(queries) if self._tuned else codes
        queries = self._model.aligned(queries)
        items, score = self._ranked(queries, tuned, covered, k)
        missing, items = items < 0, items.clamp(min=0)
        free, paths = self._model.decode_freely(codes)
        own = self._generator.paths(items)
        features = torch.stack(
            [
                score - self._lift,
                torch.einsum("qd,qcd->qc", queries, self._vectors[items]) - self._lift,
                *covered.of(items),
                *self.words.met(terms, items, self._word_vectors),
                free[:, None] - self._generator.score(codes, items),
                free[:, None].expand_as(score),
                (own == paths[:, None]).cumprod(-1)[..., 1:].sum(-1),
                torch.full_like(score, math.log(len(self.generator))),
            ],
            dim=-1,
        ).masked_fill_(missing[..., None], 0.0)
        # No product gets higher odds than the one ranked before it.
        relevance = self.model.relevance
        odds = relevance.own.log_odds(features).cummin(dim=1).values
        # A term about a product is also about that kind of product.
        related = torch.maximum(relevance.related.log_odds(features[:, 0]), odds[:, 0])
        items, odds = items.masked_fill_(missing, -1), odds.masked_fill_(missing, -torch.inf)
        return Retrieved(*(part.cpu().numpy() for part in (items, odds, related, features, paths)))

    def similarity(self, vectors: Vectors) -> Vectors:
        """Return each product's similarity to queries in meaning, (queries, products)."""
        queries = self._model.aligned(torch.from_numpy(vectors).to(self._vectors.device))
        with steady(*queries.shape[:1], len(self._vectors)):
            return (queries @ self._vectors.T).cpu().numpy()

    def _covered(self, terms: Sequence[str]) -> DenseCoverage | LazyCoverage:
        if not self.generator.exhaustive:
            return self.words.lazy_coverage(terms)
        return self.words.dense_coverage(terms).to(self._vectors.device)

    def _ranked(
        self, queries: Tensor, codes: CodeScores, covered: DenseCoverage | LazyCoverage, k: int
    ) -> tuple[Tensor, Tensor]:
        """Return the best products (n, at most k) and their scores, best first, -1 for none.

        The candidates are generated, or found by their words. They are ranked by their exact
        vectors, with each query moved towards its first finds, and after the first few with the
        scores of each product's neighbours.
        """
        count = len(self.generator)
        pool = 2 * POOL if self.generator.exhaustive else POOL
        generated = self._generator.generate(codes, min(max(pool, 2 * k), count)).items
        best, first = self._best_of(queries, generated, covered, min(candidates(k), count))
        moved = self.ranking.moved(queries, first, self._vectors)
        empty, items = best < 0, best.clamp(min=0)
        vectors = self._vectors[items]
        cosine = torch.einsum("qd,qcd->qc", moved, vectors)
        # The shortlist is in catalog order, which products with equal scores keep.
        score = self.ranking.rank_some(cosine, covered, items).masked_fill_(empty, -torch.inf)
        column, score = self.ranking.ordered(score, vectors, k)
        return items.gather(1, column).masked_fill_(score == -torch.inf, -1), score

    def _best_of(
        self,
        queries: Tensor,
        generated: Tensor,
        covered: DenseCoverage | LazyCoverage,
        width: int,
    ) -> tuple[Tensor, Tensor]:
        """Return the best products by meaning and words, (n, width), and the first of them.

        They come in catalog order, with -1 for none.
        """
        phrases = self.ranking.phrases / max(self.ranking.coverage, TINY)
        items = _united(generated, covered.best(POOL, phrases).to(queries.device))
        if self.generator.exhaustive:  # one product of matrices is faster than looking vectors up
            every = queries @ self._vectors.T
            if self._pictured:  # IDs are those of texts: what only pictures show is not generated
                items = _united(items, best_columns(every, min(POOL, every.shape[1])))
            empty, items = items < 0, items.clamp(min=0)
            meaning = every.gather(1, items)
        else:
            empty, items = items < 0, items.clamp(min=0)
            vectors = self._vectors.index_select(0, items.flatten()).view(*items.shape, -1)
            meaning = torch.bmm(vectors, queries[..., None])[..., 0]
        scores = self.ranking.rank_some(meaning, covered, items).masked_fill_(empty, -torch.inf)
        found = scores.topk(width)
        best = items.gather(1, found.indices)
        shortlist = best.masked_fill(found.values == -torch.inf, -1)
        return shortlist.sort(dim=1).values, best[:, :FEEDBACK]


def _united(some: Tensor, others: Tensor) -> Tensor:
    """Return the products (n, …) of both, sorted, with -1 for repeats."""
    items = torch.cat([some, others], dim=1).sort(dim=1).values
    repeated = torch.zeros_like(items, dtype=torch.bool)
    repeated[:, 1:] = items[:, 1:] == items[:, :-1]
    return items.masked_fill_(repeated, -1)


def _probability(log_odds: Floats32) -> Floats:
    return 1 / (1 + np.exp(-log_odds.astype(np.float64)))
