"""Queries and the products they mean → a trained decoder."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy, normalize

from admatch.encode.device import device
from admatch.encode.precision import training_format
from admatch.generate.decoder import Decoder
from admatch.generate.trainable import TrainableDecoder
from admatch.ids.codebooks import Codebooks, Codes

BATCH = 1024  # pairs; their products are the sampled catalog of a step
RATE, DECAY = 3e-4, 0.01  # three times the rate finds fewer products of catalogs never seen
SHARPNESS = 20.0  # by which scores, which estimate cosines, are multiplied in a softmax
# Share of a batch's queries that are moved towards their product, and how far at most. Moving all
# of them would leak the answer into every query.
MIXED, MIXING = 0.5, 0.5
KINDS = 2  # first codes of a sampled catalog: an advertiser's products are alike


@dataclass(frozen=True)
class Examples:
    """Queries (n, dim), the number of the product that each means, and each one's weight.

    ``products`` and ``weights`` are (n,).
    """

    queries: Tensor
    products: Tensor
    weights: Tensor

    def __len__(self) -> int:
        return len(self.products)


@dataclass(frozen=True)
class Recipe:
    """How a decoder is trained.

    ``mixed`` is the share of queries moved towards the product they mean, ``kinds`` the number of
    first codes of a sampled catalog.
    """

    steps: int
    mixed: float = MIXED
    kinds: int = KINDS


@dataclass(frozen=True)
class Targets:
    """What a decoder learns to generate: the IDs of n products, and their vectors (n, dim)."""

    codebooks: Codebooks
    codes: Codes
    vectors: Tensor


def fit_decoder(
    targets: Targets,
    examples: Examples,
    recipe: Recipe,
    seed: int,
    start: Decoder | None = None,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Decoder:
    """Return a decoder trained on examples, from ``start`` or from no correction at all.

    The loss is a softmax over the IDs of a sampled catalog, the products of a batch: later the
    decoder has to choose among an advertiser's IDs in the same way. (An additional loss over the
    codes of each level made unseen catalogs worse.) It runs on a GPU where there is one.
    """
    here = device()
    torch.manual_seed(seed)
    trained = TrainableDecoder(targets.codebooks, start).to(here)
    optimizer = torch.optim.AdamW(trained.parameters(), lr=RATE, weight_decay=DECAY)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, total_steps=recipe.steps)
    for step, batch in enumerate(_batches(targets, examples, recipe, seed)):
        fast = training_format(here) == torch.bfloat16
        with torch.autocast(here, torch.bfloat16, enabled=fast):
            loss = _loss(trained, batch.to(here))
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        schedule.step()
        progress(step + 1, recipe.steps)
    return trained.decoder()


@dataclass(frozen=True)
class _Batch:
    """Queries (n, dim), their weights, and which product of the sampled catalog each means, (n,).

    ``parts`` are the vectors of the products' codes, level by level, each (products, dim).
    """

    queries: Tensor
    weights: Tensor
    meant: Tensor
    parts: tuple[Tensor, ...]

    def to(self, device: str) -> "_Batch":
        return _Batch(
            self.queries.to(device),
            self.weights.to(device),
            self.meant.to(device),
            tuple(part.to(device) for part in self.parts),
        )


def _batches(targets: Targets, examples: Examples, recipe: Recipe, seed: int) -> Iterator[_Batch]:
    """Yield one batch for each step: queries about the products of one sampled catalog."""
    draws = torch.Generator().manual_seed(seed)
    books, codes = targets.codebooks, targets.codes
    levels = [torch.from_numpy(book) for book in books.levels]
    kind = torch.from_numpy(codes.tree[:, 0].astype("int64"))[examples.products]
    members = [part for part in _grouped(kind, len(levels[0])) if len(part)]
    for _ in range(recipe.steps):
        chosen = torch.randperm(len(members), generator=draws)[: recipe.kinds]
        pool = torch.cat([members[int(i)] for i in chosen])
        rows = pool[torch.randint(len(pool), (BATCH,), generator=draws)]
        catalog, meant = torch.unique(examples.products[rows], return_inverse=True)
        near = targets.vectors[catalog][meant]
        queries = _mixed(examples.queries[rows], near, recipe.mixed, draws)
        tree = torch.from_numpy(codes.tree[catalog.numpy()].astype("int64"))
        means = [book[code] for book, code in zip(levels, tree.unbind(1), strict=True)]
        detail = torch.from_numpy(books.decode_detail(codes.detail[catalog.numpy()]))
        parts = (*means, detail)
        yield _Batch(queries, examples.weights[rows], meant, parts)


def _grouped(labels: Tensor, groups: int) -> Sequence[Tensor]:
    """Return the rows with each label, 0 … ``groups`` - 1."""
    ends = torch.bincount(labels, minlength=groups).cumsum(0)[:-1]
    return torch.tensor_split(labels.argsort(stable=True), ends.tolist())


def _mixed(queries: Tensor, meant: Tensor, share: float, draws: torch.Generator) -> Tensor:
    """Return unit queries, some of them moved towards the vector of the product they mean."""
    chosen = torch.rand((len(queries), 1), generator=draws) < share
    step = chosen * MIXING * torch.rand((len(queries), 1), generator=draws)
    return normalize(torch.lerp(queries.float(), meant.float(), step), dim=-1)


def _loss(decoder: TrainableDecoder, batch: _Batch) -> Tensor:
    """Return the mean loss of queries over the products of the sampled catalog."""
    corrected = decoder(batch.queries)
    levels = [query @ part.T for query, part in zip(corrected, batch.parts, strict=True)]
    scores = torch.stack(levels).float().sum(0) / torch.stack(batch.parts).sum(0).norm(dim=1)
    losses = cross_entropy(SHARPNESS * scores, batch.meant, reduction="none")
    return (losses * batch.weights).sum() / batch.weights.sum()
