"""Terms → ranked own products, each with the odds that the term is about it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import cached_property

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from admatch.encode.device import device_for
from admatch.encode.linear import Linear, scanner
from admatch.encode.product_pictures import Pictured
from admatch.encode.protocol import Vectors
from admatch.generate.decoder import CodeScores, Decoder
from admatch.generate.generator import Generator
from admatch.generate.search import best_columns
from admatch.match.lexical import TINY
from admatch.match.meaning import MeaningFeatures
from admatch.match.ranking import FINDS, candidates
from admatch.match.relevance import FEATURES
from admatch.match.universal import UniversalModel
from admatch.match.words import DenseCoverage, LazyCoverage, WordEvidence

GENERATED = 12  # products, at least, whose evidence is computed exactly
# Where not every product can be ranked, so many are generated, and as many found by words. Of
# 126,000 they bring what ranking them all does (nDCG@10 .663, recall@50 .751).
POOL = 128


@dataclass(frozen=True)
class Retrieved:
    """The best products of n terms, best first.

    ``items`` and ``log_odds`` are (n, k), ``features`` (n, k, ``FEATURES``); where a term has
    fewer than k products, ``items`` is -1 and ``log_odds`` minus infinity. ``kin_odds`` (n,) are
    the log-odds that a term is at least about the kind of the product ranked first.
    ``paths`` (n, depth) is the ID that each term takes in the universe of generic products.
    """

    items: npt.NDArray[np.int64]
    log_odds: npt.NDArray[np.float32]
    kin_odds: npt.NDArray[np.float32]
    features: npt.NDArray[np.float32]
    paths: npt.NDArray[np.int64]

    @property
    def probability(self) -> npt.NDArray[np.float64]:
        """How probable it is, (n, k), that a term is about each product."""
        return _probability(self.log_odds)

    @property
    def related_probability(self) -> npt.NDArray[np.float64]:
        """How probable it is, (n,), that a term is at least about the kind of a product."""
        return _probability(self.kin_odds)

    @classmethod
    def nothing(cls) -> "Retrieved":
        """Return the answer to no terms."""
        none = np.empty((0, 1), np.int64)
        features = np.empty((0, 1, len(FEATURES)), np.float32)
        return cls(none, none.astype(np.float32), none[:, 0].astype(np.float32), features, none)

    @classmethod
    def joined(cls, blocks: Sequence["Retrieved"], order: Sequence[int]) -> "Retrieved":
        """Return the rows of all blocks, end to end, in the given order."""
        return cls(
            *(
                np.concatenate([getattr(block, column.name) for block in blocks])[list(order)]
                for column in fields(cls)
            )
        )


class Retriever:
    """Retrieves the products of one catalog.

    ``vectors`` (n, dim) are the products' unit vectors, in the order of ``generator``'s IDs;
    ``pictured`` is what their pictures show. A ``tuned`` decoder generates in place of the
    model's; the calibration was fitted to the model's, and to texts alone.
    """

    def __init__(
        self,
        model: UniversalModel,
        generator: Generator,
        vectors: Vectors,
        words: WordEvidence,
        pictured: Pictured | None = None,
        tuned: Decoder | None = None,
    ) -> None:
        self.model, self.generator = model, generator
        self.ranking = model.ranking
        self.words = words
        place = device_for(vectors)
        self._model, self._generator = model.on(place), generator.to(place)
        self._tuned = tuned.copy_to(place) if tuned else None
        meaning = MeaningFeatures.of(vectors, pictured, model.generic)
        self._lift = meaning.lift
        self._vectors = torch.from_numpy(meaning.vectors).to(place)

    @cached_property
    def _scan(self) -> Linear:
        return scanner(self._vectors)

    @torch.inference_mode()
    def retrieve(self, terms: Sequence[str], queries: Vectors, k: int) -> Retrieved:
        """Return the k best products of each term; ``queries`` (n, dim) are the terms' vectors."""
        asked = torch.from_numpy(queries).to(self._vectors.device)
        codes = self._model.decoder(asked)
        covered = self._covered(terms)
        walked = self._tuned(asked) if self._tuned else codes
        items, score = self._ranked(asked, walked, covered, k)
        missing, items = items < 0, items.clamp(min=0)
        free, paths = self._model.decode_freely(codes)
        own = self._generator.paths(items)
        features = torch.stack(
            [
                score - self._lift,
                torch.einsum("qd,qcd->qc", asked, self._vectors[items]) - self._lift,
                *covered.of(items),
                free[:, None] - self._generator.score(codes, items),
                free[:, None].expand_as(score),
                (own == paths[:, None]).cumprod(-1)[..., 1:].sum(-1),
                torch.full_like(score, math.log(len(self.generator))),
            ],
            dim=-1,
        ).masked_fill_(missing[..., None], 0.0)
        # No product is surer than the one ranked before it.
        odds = self.model.belonging.own.log_odds(features).cummin(dim=1).values
        # What is its own is akin, too.
        kin = torch.maximum(self.model.belonging.akin.log_odds(features[:, 0]), odds[:, 0])
        items, odds = items.masked_fill_(missing, -1), odds.masked_fill_(missing, -torch.inf)
        return Retrieved(*(part.cpu().numpy() for part in (items, odds, kin, features, paths)))

    def likeness(self, queries: Vectors) -> Vectors:
        """Return how near each product is in meaning, (queries, products)."""
        asked = torch.from_numpy(queries).to(self._vectors.device)
        return (asked @ self._vectors.T).cpu().numpy()

    def _covered(self, terms: Sequence[str]) -> DenseCoverage | LazyCoverage:
        if not self.generator.exhaustive:
            return self.words.sought(terms)
        return self.words.covered(terms).on(self._vectors.device)

    def _ranked(
        self, asked: Tensor, codes: CodeScores, covered: DenseCoverage | LazyCoverage, k: int
    ) -> tuple[Tensor, Tensor]:
        """Return the best products (n, at most k) and their scores, best first, -1 for none.

        The candidates are ranked anew with their exact vectors, with the term moved towards the
        ones that it found first, and beyond the first few with those that they are like.
        """
        depth = min(max(GENERATED, 2 * k), len(self.generator))
        width = min(candidates(k), len(self.generator))
        # What dense or lexical search could bring into the final order is among the best by the
        # sum of both, ``first``, and so is what the model's own decoder generates.
        if isinstance(covered, DenseCoverage):
            first, finds = self._best_of_all(asked, covered, width)
        else:
            generated = self._generator.generate(codes, max(POOL, depth)).items
            first, finds = self._best_of_some(asked, generated, covered, width)
        tuned = first[:, :0]
        if self._tuned and self.generator.exhaustive:
            tuned = self._generator.generate(codes, depth, beam=depth).items
        items = _united(tuned, first)
        repeated, items = items < 0, items.clamp(min=0)
        meant = self.ranking.moved(asked, finds, self._vectors)
        vectors = self._vectors[items]
        cosine = torch.einsum("qd,qcd->qc", meant, vectors)
        score = self.ranking.rank_some(cosine, covered, items)
        # The shortlist stands in catalog order, so equal scores keep it.
        score = score.masked_fill_(repeated, -torch.inf)
        place, score = self.ranking.ordered(score, vectors, k)
        return items.gather(1, place).masked_fill_(score == -torch.inf, -1), score

    def _best_of_all(
        self, asked: Tensor, covered: DenseCoverage, width: int
    ) -> tuple[Tensor, Tensor]:
        """Return the best products, (n, width) in any order, and the first finds among them."""
        coarse = self.ranking.rank_all(self._scan(asked), covered)
        first = best_columns(coarse, width)
        order = coarse.gather(1, first).topk(min(FINDS, width)).indices
        return first, first.gather(1, order)

    def _best_of_some(
        self, asked: Tensor, generated: Tensor, covered: LazyCoverage, width: int
    ) -> tuple[Tensor, Tensor]:
        """Return the same from the products generated and those that words find."""
        phrases = self.ranking.phrases / max(self.ranking.coverage, TINY)
        items = _united(generated, covered.best(POOL, phrases).to(asked.device))
        empty, items = items < 0, items.clamp(min=0)
        vectors = self._vectors.index_select(0, items.flatten()).view(*items.shape, -1)
        meaning = torch.bmm(vectors, asked[..., None])[..., 0]
        scores = self.ranking.rank_some(meaning, covered, items)
        first = items.gather(1, scores.masked_fill_(empty, -torch.inf).topk(width).indices)
        return first, first[:, :FINDS]


def _united(some: Tensor, others: Tensor) -> Tensor:
    """Return the products (n, …) of both, sorted, repeats as -1."""
    items = torch.cat([some, others], dim=1).sort(dim=1).values
    repeated = torch.zeros_like(items, dtype=torch.bool)
    repeated[:, 1:] = items[:, 1:] == items[:, :-1]
    return items.masked_fill_(repeated, -1)


def _probability(log_odds: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
    return 1 / (1 + np.exp(-log_odds.astype(np.float64)))
