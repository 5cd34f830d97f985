"""Do listings of one product share an ID's prefix: ``python -m tests.benchmarks.prefixes [CACHE]``.

Labelled pairs of listings from relevance/product_matching: two listings of one product (matching),
or of two products of one category that look alike (not matching); and pairs drawn at random from
the listings of one set. Each listing is its title. Shares of pairs whose first 1, 2 or 3 codes
after the modality are equal. Codebooks of several sizes
(residual k-means, as admatch's) are fitted to the other catalogs, so that these listings are new to
them, with three seeds: mean, and standard deviation over seeds. The shipped codebooks have seen the
listings, though no labels. Intervals are the middle 95 % of 1,000 bootstraps over pairs.
"""

import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from admatch.encode.english import EnglishEncoder
from admatch.match.universal import UniversalModel
from admatch.training.seeds import SIZES
from tests.benchmarks.baselines.residual import fit_residual, residual_codes
from tests.benchmarks.record import record
from tests.benchmarks.shared_data import SHARED, _record_title, training_products
from tests.benchmarks.training_set import catalog_vectors

NAME = "relevance/product_matching"
SEEDS = (7, 8, 9)
FITTED_TO = 40_000  # vectors
CHOICES = tuple(
    dict.fromkeys(
        [
            SIZES,
            (32, 64, 256),
            (32, 16, 256),
            (16, 64, 256),
            (16, 32, 256),
            (64, 8, 256),
            (8, 8, 256),
            (4, 4, 256),
        ]
    )
)
DETAILED = ("shipped", "/".join(map(str, SIZES)))  # shown by data set, too
DEPTHS = (1, 2, 3)
EVERY = "all"


@dataclass(frozen=True)
class Pairs:
    """Labelled pairs: the numbers, (n, 2), of their listings, and which pairs match."""

    sets: np.ndarray
    listings: np.ndarray
    match: np.ndarray


def labelled_pairs(titles: list[str]) -> Pairs:
    """Return the distinct pairs of all sets whose two listings have titles."""
    place = {title: number for number, title in enumerate(titles)}
    pairs = {}
    for path in sorted((SHARED / NAME).rglob("*.txt*")):
        for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
            cells = line.split("\t")
            both = [place.get(_record_title(cell) or "") for cell in cells[:2]]
            if len(cells) == 3 and None not in both:
                pairs[path.parent.name, *both] = cells[2].strip() == "1"
    sets, left, right = zip(*pairs, strict=True)
    return Pairs(np.array(sets), np.array([left, right]).T, np.array(list(pairs.values())))


def random_pairs(pairs: Pairs, rng: np.random.Generator) -> np.ndarray:
    """Return a pair of different listings of the same set for each pair, (n, 2)."""
    drawn = np.empty_like(pairs.listings)
    for name in np.unique(pairs.sets):
        part = pairs.sets == name
        members = np.unique(pairs.listings[part])
        first = rng.integers(len(members), size=part.sum())
        second = (first + rng.integers(1, len(members), size=part.sum())) % len(members)
        drawn[part] = np.stack([members[first], members[second]], axis=1)
    return drawn


def shared_codes(tree: np.ndarray, listings: np.ndarray) -> np.ndarray:
    """Return how many leading codes the two ``listings`` (n, 2) of each pair share, (n,)."""
    left, right = tree[listings[:, 0]], tree[listings[:, 1]]
    return np.logical_and.accumulate(left == right, axis=1).sum(axis=1)


def row(
    name: str, shared: np.ndarray, random: np.ndarray, match: np.ndarray, rng: np.random.Generator
) -> dict:
    """Return shares by depth; ``shared`` (seeds, pairs) are leading codes in common.

    ``random`` are those of pairs drawn at random.
    """
    cells: dict[str, object] = {"system": name, "pairs": int(match.sum())}
    kinds = (("match", shared[:, match]), ("other", shared[:, ~match]), ("random", random))
    for label, codes in kinds:
        for depth in DEPTHS:
            cells[f"{label} >= {depth}"] = float((codes >= depth).mean())
    two = shared[:, match] >= 2
    draws = rng.choice(two.mean(axis=0), (1000, two.shape[1])).mean(axis=1)
    low, high = np.percentile(draws, [2.5, 97.5])
    cells["± (match >= 2)"] = round(float(two.mean(axis=1).std(ddof=1)), 4) if len(two) > 1 else "-"
    cells["95 % (match >= 2)"] = f"{low:.3f} … {high:.3f}"
    return cells


def sample(vectors: np.ndarray, seed: int) -> np.ndarray:
    return vectors[np.random.default_rng(seed).permutation(len(vectors))[:FITTED_TO]]


def main(cache: Path) -> None:
    encoder, rng = EnglishEncoder(), np.random.default_rng(SEEDS[0])
    products = training_products()
    vectors = {name: catalog_vectors(name, p, encoder, cache) for name, p in products.items()}
    listings = vectors.pop(NAME)
    others = np.concatenate(list(vectors.values()))
    pairs = labelled_pairs(products[NAME]["title"].to_list())
    trees = {"shipped": [UniversalModel.shipped().codebooks.encode(listings).tree]}
    for sizes in CHOICES:
        trees["/".join(map(str, sizes))] = [
            residual_codes(listings, fit_residual(sample(others, seed), sizes, seed))
            for seed in SEEDS
        ]
    drawn, rows = random_pairs(pairs, rng), []
    for books, by_seed in trees.items():
        shared, random = (
            np.stack([shared_codes(tree, listings) for tree in by_seed])
            for listings in (pairs.listings, drawn)
        )
        for name in [EVERY, *np.unique(pairs.sets)] if books in DETAILED else [EVERY]:
            part = (pairs.sets == name) | (name == EVERY)
            title = f"{books} {name}"
            rows.append(row(title, shared[:, part], random[:, part], pairs.match[part], rng))
    record("prefixes", "share of pairs with equal leading codes", rows, SEEDS[0])


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else ".cache"))
