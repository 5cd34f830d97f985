"""Kinds of things named in several languages, from Shopify's product taxonomy (MIT).

``Names`` are parallel text. Titles are made of them as listings write them, with a colour, a
material and a size, and so are the terms of advertisers who sell some of these things.
"""

import gzip
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from admatch.arrays import Floats32, Ints, Rows
from admatch.generate.augment import Listing
from admatch.match.advertisers import Advertiser, Listings, Market, Sample
from admatch.match.universal import UniversalModel
from admatch.match.word_vectors import Encode
from tests.benchmarks.make_attributes import TAXONOMY, values

SEED = 7
FOLDERS = {"en": "en", "de": "de", "fr": "fr", "es": "es", "it": "it", "ja": "ja", "zh": "zh-CN"}
KINDS = 2_000  # of 10,595, drawn at random
STATED = {"Color", "Material"}
SIZES = ("5 cm", "20 cm", "120 cm", "2 m", "500 ml", "1 L", "250 g", "1 kg")
SOLD = (20, 60, 200)  # kinds of things of an advertiser
TERMS = 100  # of each kind
# Names so near each other that one may be a word for the other.
SAME = 0.75


@dataclass(frozen=True)
class Names:
    """``of[language][kind]`` is a kind's name; kinds with the same ``parent`` are siblings."""

    of: dict[str, list[str]]
    parent: Ints
    stated: dict[str, list[str]]

    def __len__(self) -> int:
        return len(self.parent)

    def title(self, kind: int, language: str, rng: np.random.Generator) -> str:
        """Return the title of a product of that kind."""
        parts = [self.of[language][kind]]
        if rng.random() < 0.7:
            value = self.stated[language][int(rng.integers(len(self.stated[language])))]
            parts.insert(int(rng.integers(2)), value)
        if rng.random() < 0.3:
            parts.append(SIZES[int(rng.integers(len(SIZES)))])
        return " ".join(parts)


def read_names(seed: int = SEED) -> Names:
    """Return some of the taxonomy's kinds, the same in every language."""
    paths = {language: _paths(folder) for language, folder in FOLDERS.items()}
    order = np.random.default_rng(seed).permutation(len(paths["en"]))[:KINDS]
    kinds = [list(paths["en"])[i] for i in order]
    above = [paths["en"][kind][:-1] for kind in kinds]
    number = {path: i for i, path in enumerate(dict.fromkeys(map(tuple, above)))}
    stated = {gid for gid, (_, attribute) in values("en").items() if attribute in STATED}
    return Names(
        {language: [found[kind][-1] for kind in kinds] for language, found in paths.items()},
        np.array([number[tuple(path)] for path in above]),
        {
            language: [name for gid, (name, _) in values(folder).items() if gid in stated]
            for language, folder in FOLDERS.items()
        },
    )


def _paths(folder: str) -> dict[str, list[str]]:
    text = gzip.decompress((TAXONOMY / folder / "categories.txt.gz").read_bytes()).decode()
    lines = [line.split(" : ", 1) for line in text.splitlines() if line.startswith("gid:")]
    return {gid.strip(): path.strip().split(" > ") for gid, path in lines}


def sample(
    model: UniversalModel,
    names: Names,
    titles: str,
    terms: str,
    size: int,
    encode: Encode,
    rng: np.random.Generator,
) -> Sample:
    """Return the evidence of terms in one language for an advertiser with titles in another.

    Own terms are the names of the things sold, foreign ones those of their siblings and of any
    other things, unless a name is so near to one sold that it may be a word for it.
    """
    sold = rng.permutation(len(names))[:size]
    advertiser = _advertiser(model, names, sold, titles, encode, rng)
    others = np.setdiff1d(np.arange(len(names)), sold)
    english = encode(names.of["en"])
    others = others[(english[others] @ english[sold].T).max(axis=1) < SAME]
    beside = np.isin(names.parent[others], names.parent[sold])
    own = rng.choice(sold, TERMS)
    near, far = (_some(others[mask], rng) for mask in (beside, ~beside))
    asked = [names.of[terms][kind].lower() for kind in (*own, *near, *far)]
    kind = np.repeat([0, 1, 2], [len(own), len(near), len(far)])
    evidence: Floats32 = advertiser.evidence(asked)
    return Sample(evidence, kind == 0, kind == 1, kind < 2, np.ones(len(kind), bool))


def _some(kinds: Rows, rng: np.random.Generator) -> Rows:
    return rng.permutation(kinds)[:TERMS]


def _advertiser(
    model: UniversalModel,
    names: Names,
    sold: Rows,
    language: str,
    encode: Encode,
    rng: np.random.Generator,
) -> Advertiser:
    made = [names.title(kind, language, rng) for kind in sold]
    vectors = encode(made)
    codes = model.codebooks.encode(vectors)
    listings = Listings([Listing(one) for one in made], made, vectors, codes)
    every = np.arange(len(made))
    return Advertiser(model, listings, Market(every, every[:0], every[:0]), encode)


def pairs_of_languages(languages: Sequence[str] = tuple(FOLDERS)) -> list[tuple[str, str]]:
    """Return languages of titles and of terms: English and each other one, both ways, and each one.

    In one language a thing's name is in its titles, and words alone tell.
    """
    others = [one for one in languages if one != "en"]
    across = [*(("en", one) for one in others), *((one, "en") for one in others)]
    return [*across, *((one, one) for one in languages)]
