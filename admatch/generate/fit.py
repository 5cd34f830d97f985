"""Queries and the products they mean → a trained decoder."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy, normalize

from admatch.encode.device import device
from admatch.encode.precision import fast_format
from admatch.generate.decoder import Decoder
from admatch.ids.codebooks import Codebooks, Codes

BATCH = 1024  # pairs; their products are the sampled catalog of a step
RATE, DECAY = 3e-4, 0.01  # three times the rate finds fewer products of catalogs never seen
SHARPNESS = 20.0  # by which scores, which estimate cosines, are multiplied in a softmax
# Share of a batch's queries that are moved towards their product, and how far at most. Always-on
# mixing would leak the answer into every query.
MIXED, MIXING = 0.5, 0.5
KINDS = 2  # first codes of a sampled catalog: what one advertiser sells is alike


@dataclass(frozen=True)
class Examples:
    """Queries (n, dim), the number of the product that each means, and how much each counts.

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

    For how many steps, with what share of queries moved towards what they mean, and on sampled
    catalogs of how many first codes.
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

    The loss is a softmax over the IDs of a sampled catalog, the products of a batch: what the
    decoder is later asked is which of an advertiser's IDs is meant. (A loss over the codes of
    each level beside it made unseen catalogs worse.) Runs on a GPU where there is one.
    """
    place = device()
    torch.manual_seed(seed)
    decoder = Decoder(targets.codebooks)
    if start is not None:
        decoder.load_state_dict(start.state_dict())
    decoder.to(place)
    optimizer = torch.optim.AdamW(decoder.parameters(), lr=RATE, weight_decay=DECAY)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, total_steps=recipe.steps)
    for step, batch in enumerate(_batches(targets, examples, recipe, seed)):
        with torch.autocast(
            place.type, torch.bfloat16, enabled=fast_format(place.type) == torch.bfloat16
        ):
            loss = _loss(decoder, batch.to(place))
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        schedule.step()
        progress(step + 1, recipe.steps)
    return decoder.cpu().eval()


@dataclass(frozen=True)
class _Batch:
    """Queries (n, dim), their weights, and which product of the sampled catalog each means, (n,).

    The catalog's products are told as the parts of their IDs, each (products, dim).
    """

    queries: Tensor
    weights: Tensor
    meant: Tensor
    parts: tuple[Tensor, ...]

    def to(self, place: torch.device) -> "_Batch":
        return _Batch(
            self.queries.to(place),
            self.weights.to(place),
            self.meant.to(place),
            tuple(part.to(place) for part in self.parts),
        )


def _batches(targets: Targets, examples: Examples, recipe: Recipe, seed: int) -> Iterator[_Batch]:
    """Yield a batch a step: queries about the products of one sampled catalog."""
    draws = torch.Generator().manual_seed(seed)
    books, codes = targets.codebooks, targets.codes
    kind = torch.from_numpy(codes.tree[:, 0].astype("int64"))[examples.products]
    members = [part for part in _grouped(kind, len(books.levels[0])) if len(part)]
    for _ in range(recipe.steps):
        chosen = torch.randperm(len(members), generator=draws)[: recipe.kinds]
        pool = torch.cat([members[int(i)] for i in chosen])
        rows = pool[torch.randint(len(pool), (BATCH,), generator=draws)]
        catalog, meant = torch.unique(examples.products[rows], return_inverse=True)
        near = targets.vectors[catalog][meant]
        queries = _mixed(examples.queries[rows], near, recipe.mixed, draws)
        tree = torch.from_numpy(codes.tree[catalog.numpy()].astype("int64"))
        levels = zip(books.levels, tree.unbind(1), strict=True)
        detail = books.decode_detail(codes.detail[catalog.numpy()])
        parts = (*(book[code] for book, code in levels), detail)
        yield _Batch(queries, examples.weights[rows], meant, parts)


def _grouped(labels: Tensor, groups: int) -> Sequence[Tensor]:
    """Return the places of each label, 0 … ``groups`` - 1."""
    ends = torch.bincount(labels, minlength=groups).cumsum(0)[:-1]
    return torch.tensor_split(labels.argsort(stable=True), ends.tolist())


def _mixed(queries: Tensor, meant: Tensor, share: float, draws: torch.Generator) -> Tensor:
    """Return unit queries, some of them moved towards the vector of what they mean."""
    chosen = torch.rand((len(queries), 1), generator=draws) < share
    far = chosen * MIXING * torch.rand((len(queries), 1), generator=draws)
    return normalize(torch.lerp(queries.float(), meant.float(), far), dim=-1)


def _loss(decoder: Decoder, batch: _Batch) -> Tensor:
    """Return the mean loss of queries over the products of the sampled catalog."""
    seen = decoder.seen(batch.queries)
    summed = torch.stack([query @ part.T for query, part in zip(seen, batch.parts, strict=True)])
    scores = summed.float().sum(0) / torch.stack(batch.parts).sum(0).norm(dim=1)
    losses = cross_entropy(SHARPNESS * scores, batch.meant, reduction="none")
    return (losses * batch.weights).sum() / batch.weights.sum()
