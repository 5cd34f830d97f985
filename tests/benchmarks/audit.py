"""Measures the listing audit on planted faults: ``python -m tests.benchmarks.audit CACHE``.

Swapped pictures, stuffed titles, wrong colours, stray bullets, off-topic keywords, further pictures
that repeat or belong elsewhere. Of every system the AUROC, and of the audit what it tells of
(score 5 or less) with its false alarms. Products are neither those that eyes were trained on nor
those that the reference population is made of. Needs the data sets beside the project.
"""

import argparse
import time
import zlib
from pathlib import Path
from resource import RUSAGE_SELF, getrusage
from tempfile import TemporaryDirectory

import numpy as np
import polars as pl
from PIL import Image
from sklearn.metrics import roc_auc_score

from admatch.audit.agreement import NEIGHBOURS, SAME, _separation, _signals
from admatch.audit.audit import audit_listings
from admatch.audit.brands import ODD
from admatch.audit.bullets import bullet_fits
from admatch.audit.claims import (
    DOUBTED,
    DOUBTED_TINT,
    claimed_colour,
    colour_shares,
    colours,
)
from admatch.audit.gallery import AGAIN, ASTRAY, picture_fits, repetition
from admatch.audit.keywords import OFF_TOPIC
from admatch.audit.looks import looks, oddness
from admatch.audit.neighbours import nearest
from admatch.audit.page import write_audit_html
from admatch.audit.pictures import Pictures
from admatch.audit.records import LOW
from admatch.audit.stuffing import stuffed, title_features
from admatch.audit.tints import tint_shares
from admatch.catalog.records import Catalog
from admatch.encode.misfit import ENGLISH_NAME
from admatch.index.index import Index
from admatch.match.tokens import WORD, words
from tests.benchmarks.audit_pairs import competing, missing, near_duplicates
from tests.benchmarks.audit_reference import Bench, halves, listed, sentences
from tests.benchmarks.record import record
from tests.benchmarks.shared_data import _bestbuy, _toys
from tests.benchmarks.shared_images import (
    FASHION,
    FASHION_TRAIN,
    Photos,
    fashion_photos,
    fashion_products,
    grocery_photos,
    grocery_products,
    looked_at,
)

SEED, RUNS, SWAPPED = 7, 20, 0.1


def auroc(faulty: np.ndarray, sound: np.ndarray) -> float:
    """Return how surely a fault has a lower signal than sound things, NaN counted as usual."""
    usual = np.nanmedian(sound)
    signal = np.nan_to_num(np.concatenate([faulty, sound]), nan=usual)
    return float(roc_auc_score(np.repeat([1, 0], (len(faulty), len(sound))), -signal))


def held_fashion(bench: Bench) -> tuple[pl.DataFrame, np.ndarray, Photos]:
    products = fashion_products()
    photos = fashion_photos(products)
    looked = looked_at("f", photos, bench.eyes, bench.cache)
    seen = bench.eyes.projection.project(*(part[FASHION_TRAIN:] for part in looked))
    held = products[FASHION_TRAIN:].with_columns(title="productDisplayName")
    return held, seen, photos


def swapped(bench: Bench) -> list[dict[str, object]]:
    fashion, seen, _ = held_fashion(bench)
    listings, clean = grocery_products()
    icons = bench.eyes.projection.project(*looked_at("g_icon", clean, bench.eyes, bench.cache))
    test = grocery_photos("test")
    photos = bench.eyes.projection.project(*looked_at("g_test", test, bench.eyes, bench.cache))
    rng = np.random.default_rng(SEED)
    one = [rng.choice(np.flatnonzero(test.products == product)) for product in range(81)]
    sets = {
        "1,500 fashion products held out": (fashion.select("title"), seen),
        "81 groceries, clean pictures (trained on)": (listings, icons),
        "81 groceries, a shop photo each (not trained on)": (listings, photos[one]),
    }
    rows = []
    for name, (frame, pictures) in sets.items():
        material = bench.material(frame, pictures)
        rows.append({"set": name, **_swapped(material, pictures)})
    return rows


def _swapped(material, pictures: np.ndarray) -> dict[str, object]:
    found: dict[str, list[float]] = {}
    for run in range(RUNS):
        rng = np.random.default_rng(run)
        chosen = rng.choice(len(pictures), max(2, int(SWAPPED * len(pictures))), replace=False)
        mixed = pictures.copy()
        mixed[chosen] = pictures[np.roll(chosen, 1)]
        planted = _seeing(material, mixed)
        signal = _signals(planted)[0]
        scores = material.reference.standing("image_title", signal, seen=True)
        plain = np.einsum("nd,nd->n", mixed, material.titles)
        sound = np.ones(len(pictures), dtype=bool)
        sound[chosen] = False
        for key, value in {
            "AUROC": auroc(signal[chosen], signal[sound]),
            "AUROC, plain cosine": auroc(plain[chosen], plain[sound]),
            "told of": (scores[chosen] <= LOW).mean(),
            "false alarms": (scores[sound] <= LOW).mean(),
        }.items():
            found.setdefault(key, []).append(float(value))
    return {key: float(np.mean(values)) for key, values in found.items()}


def _seeing(material, pictures: np.ndarray):
    from dataclasses import replace

    own = Pictures(material.pictures.products, material.pictures.files, pictures)
    return replace(material, pictures=own)


def stuffed_titles(bench: Bench) -> list[dict[str, object]]:
    styles = pl.read_csv(FASHION / "styles.csv", ignore_errors=True, truncate_ragged_lines=True)
    named = styles.filter(pl.col("has_image") == 0).drop_nulls("productDisplayName")
    fashion = named.select(title="productDisplayName", description=pl.lit(None, pl.String))
    rows = []
    for name, frame in (("toys", _toys()), ("bestbuy", _bestbuy()), ("fashion", fashion)):
        some = halves(frame)[1]
        maker = bench.stuffer(f"{name}-measured", some["title"].to_list())
        planted = {way: maker.stuffed(way, SEED + 1) for way in maker.ways}
        every = tuple(title for titles in planted.values() for title in titles)
        material = bench.material(some, extra=every)
        clean = _title_signals(material, maker.titles)
        for way, titles in planted.items():
            own = _title_signals(material, titles)
            scores = [
                material.reference.standing("stuffing", part["audit"]) for part in (own, clean)
            ]
            rows.append(
                {"set": name, "way": way}
                | {f"AUROC, {key}": auroc(own[key], clean[key]) for key in clean}
                | {"told of": float((scores[0] <= LOW).mean())}
                | {"false alarms": float((scores[1] <= LOW).mean())}
            )
            print(rows[-1], flush=True)
    return [*rows, {"set": "mean", "way": "all"} | _means(rows)]


def _means(rows: list[dict[str, object]]) -> dict[str, float]:
    numbers = [key for key, value in rows[0].items() if isinstance(value, float)]
    return {key: float(np.mean([row[key] for row in rows])) for key in numbers}


def _title_signals(material, titles: list[str]) -> dict[str, np.ndarray]:
    features = title_features(material.words, titles, material.bodies)
    return {
        "audit": -stuffed(material, titles, material.bodies),
        "words in the title": -np.array([len(words(title)) for title in titles], dtype=float),
        "words said again": -features[:, 0],
        "cosine of its halves": -features[:, 3],
    }


def claims(bench: Bench) -> list[dict[str, object]]:
    """Return how well pictures tell a claimed colour from a wrong one, and what is left out."""
    held, seen, photos = held_fashion(bench)
    material = bench.material(held.select("title"), seen)
    shares = colour_shares(material)
    claimed = [claimed_colour(title, "", "")[0] for title in held["title"]]
    rows_of = np.array([row for row, one in enumerate(claimed) if one is not None])
    right = np.array([claimed[row] for row in rows_of])
    rng = np.random.default_rng(SEED)
    sold = [place for place, name in enumerate(colours().names) if name not in ("orange", "gold")]
    wrong = np.array([rng.choice([one for one in sold if one != own]) for own in right])
    own, other = shares[rows_of, right], shares[rows_of, wrong]
    tints = tint_shares([str(photos.files[FASHION_TRAIN + row]) for row in rows_of])
    each = np.arange(len(rows_of))
    lacks, lacks_other = (tints[each, one] < DOUBTED_TINT for one in (right, wrong))
    rows = [
        {
            "attribute": "colour, wrong ones planted",
            "products": len(right),
            "AUROC": auroc(other, own),
            "told of": float(((other < DOUBTED) & lacks_other).mean()),
            "false alarms": float(((own < DOUBTED) & lacks).mean()),
        }
    ]
    lower = held["title"].str.to_lowercase()
    kinds = {f"material: {one}": ([one], lower.str.contains(one)) for one in
             ("leather", "denim", "cotton", "steel")}  # fmt: skip
    for column in ("usage", "season"):
        for value, count in held[column].drop_nulls().value_counts().iter_rows():
            if count >= 20:
                kinds[f"{column}: {value.lower()}"] = ([value.lower()], held[column] == value)
    for name, (prompt, there) in kinds.items():
        truth = there.fill_null(False).to_numpy()
        near = seen @ bench.encode([f"a {prompt[0]} thing"])[0]
        score = float(roc_auc_score(truth, near))
        rows.append({"attribute": f"left out, {name}", "products": int(truth.sum()), "AUROC": score,
                     "told of": None, "false alarms": None})  # fmt: skip
    return rows


def bullets(bench: Bench) -> list[dict[str, object]]:
    """Return how well a bullet of another product is told from the product's own."""
    some = halves(_toys())[1].filter(pl.col("description").is_not_null())[:1500]
    material = bench.material(some)
    listed = [sentences(text) for text in some["description"]]
    texts = [one for row in listed for one in row]
    places = np.repeat(np.arange(len(some)), [len(row) for row in listed])
    stray = np.random.default_rng(SEED).permutation(len(some))[places]
    away = stray != places
    own, other = (bullet_fits(material, texts, at) for at in (places, stray))
    vectors = bench.encode(texts)
    plain = [np.einsum("kd,kd->k", vectors, material.titles[at]) for at in (places, stray)]
    usual = [material.reference.standing("bullets", part) for part in (own, other)]
    return [
        {
            "set": f"{len(texts):,} sentences of toys' descriptions",
            "AUROC": auroc(other[away], own),
            "AUROC, plain cosine": auroc(plain[1][away], plain[0]),
            "told of": float((usual[1][away] <= LOW).mean()),
            "false alarms": float((usual[0] <= LOW).mean()),
        }
    ]


def main_pictures(bench: Bench) -> list[dict[str, object]]:
    """Return how well a main picture that is of the nearest other listing is told from the own."""
    held, seen, _ = held_fashion(bench)
    material = bench.material(held.select("title"), seen)
    near = nearest(material.vectors, NEIGHBOURS)
    apart = near.cosines < SAME
    rival = near.others[np.arange(len(seen)), apart.argmax(axis=1)]
    places = np.arange(len(seen))
    own, other = (_separation(material, places, part, near.others) for part in (seen, seen[rival]))
    scores = [material.reference.standing("main_picture", part, seen=True) for part in (own, other)]
    plain = [np.einsum("nd,nd->n", part, material.vectors) for part in (seen, seen[rival])]
    return [
        {
            "set": "1,500 fashion products held out, the nearest other listing's picture",
            "AUROC": auroc(other, own),
            "AUROC, plain cosine": auroc(plain[1], plain[0]),
            "told of": float((scores[1] <= LOW).mean()),
            "false alarms": float((scores[0] <= LOW).mean()),
        }
    ]


def hidden_words(bench: Bench) -> list[dict[str, object]]:
    """Return how well words of another product are told from a product's own.

    The own ones are words of the second half of its description that the rest of its listing, which
    is all that is read of it, does not have; the others are of other products' titles.
    """
    rng, rows = np.random.default_rng(SEED), []
    some = halves(_toys())[1].filter(pl.col("description").str.len_chars() > 400)[:600]
    kept = [text[: len(text) // 2] for text in some["description"]]
    material = bench.material(some.with_columns(description=pl.Series(kept)))
    texts = some.select("title", "description").rows()
    places = np.arange(len(some))
    said = [set(words(f"{text[0]} {half}")) for text, half in zip(texts, kept, strict=True)]
    for count in (1, 3, 5):
        far = [texts[number][0] for number in rng.integers(len(some), size=len(some))]
        own = [_some(text[1][len(text[1]) // 2 :], said[at], count, rng)
               for at, text in enumerate(texts)]  # fmt: skip
        other = [_some(title, said[at], count, rng) for at, title in enumerate(far)]
        fits = [material.fit(bench.encode(runs), material.vectors, places) for runs in (own, other)]
        told = [float((part < OFF_TOPIC).mean()) for part in fits]
        rows.append(
            {
                "words": count,
                "AUROC": auroc(fits[1], fits[0]),
                "told of": told[1],
                "false alarms": told[0],
            }
        )
    return rows


def _some(text: str, said: set[str], count: int, rng: np.random.Generator) -> str:
    """Return so many words of a text that a listing does not have."""
    long = [word for word in dict.fromkeys(WORD.findall(text.lower())) if len(word) > 3]
    return " ".join(rng.permutation([one for one in long if words(one)[0] not in said])[:count])


def further(bench: Bench) -> list[dict[str, object]]:
    """Return how well repeated and foreign pictures are told from further ones of the product.

    Groceries: the clean picture first, then shop photos of it; planted are the first once more,
    cut and recompressed, and shop photos of other products.
    """
    listings, clean = grocery_products()
    test, rng = grocery_photos("test"), np.random.default_rng(SEED)
    icons = bench.eyes.projection.project(*looked_at("g_icon", clean, bench.eyes, bench.cache))
    shop = bench.eyes.projection.project(*looked_at("g_test", test, bench.eyes, bench.cache))
    again = bench.eyes.encode_images([_cut(path) for path in clean.files])
    mine = [int(rng.choice(np.flatnonzero(test.products == one))) for one in range(81)]
    second = [int(rng.choice(np.flatnonzero(test.products == one))) for one in range(81)]
    other = [int(rng.choice(np.flatnonzero(test.products != one))) for one in range(81)]
    parts = np.stack([icons, shop[mine], shop[second], again, shop[other]], axis=1)
    material = bench.material(listings, icons)
    pictures = Pictures(np.repeat(np.arange(81), 5), [""] * 405, parts.reshape(405, -1))
    from dataclasses import replace

    material = replace(material, pictures=pictures)
    same = repetition(material).reshape(81, 5)
    fits = picture_fits(material).reshape(81, 5)
    return [
        {
            "fault": "first picture again, cut by a tenth",
            "AUROC": auroc(-same[:, 3], -same[:, 1]),
            "told of": float((same[:, 3] > AGAIN).mean()),
            "false alarms": float((same[:, 1] > AGAIN).mean()),
        },
        {
            "fault": "photo of another product",
            "AUROC": auroc(fits[:, 4], fits[:, 1]),
            "told of": float((fits[:, 4] < ASTRAY).mean()),
            "false alarms": float((fits[:, 1] < ASTRAY).mean()),
        },
    ]


def brands(bench: Bench) -> list[dict[str, object]]:
    """Return how well shop photos are told from a brand's clean pictures, 2 of 20, and vectors'."""
    _, clean = grocery_products()
    test = grocery_photos("test")
    icons = bench.eyes.projection.project(*looked_at("g_icon", clean, bench.eyes, bench.cache))
    shop = bench.eyes.projection.project(*looked_at("g_test", test, bench.eyes, bench.cache))
    some = [int(np.flatnonzero(test.products == one)[-1]) for one in range(81)]
    tidy, wild = looks([str(f) for f in clean.files]), looks([str(test.files[row]) for row in some])
    found: dict[str, list[float]] = {}
    for run in range(100):
        rng = np.random.default_rng(run)
        own = rng.permutation(81)[:20]
        seen, vectors = tidy[own], icons[own]
        seen[:2], vectors[:2] = wild[own[:2]], shop[some][own[:2]]
        odd = oddness(seen)
        others = vectors.sum(axis=0) - vectors
        near = np.einsum("nd,nd->n", vectors, others) / np.linalg.norm(others, axis=1)
        for key, value in {
            "AUROC": auroc(-odd[:2], -odd[2:]),
            "AUROC, cosine of vectors": auroc(near[:2], near[2:]),
            "told of": (odd[:2] > ODD).mean(),
            "false alarms": (odd[2:] > ODD).mean(),
        }.items():
            found.setdefault(key, []).append(float(value))
    means = {key: float(np.mean(values)) for key, values in found.items()}
    return [{"set": "20 groceries, 2 of them as shop photos"} | means]


def _cut(path: Path) -> Image.Image:
    with Image.open(path) as picture:
        whole = picture.convert("RGB")
    wide, high = whole.size
    return whole.crop((wide // 20, high // 20, wide - wide // 20, high - high // 20))


class HashedWords:
    """A stand-in that takes no time: a text's vector is the sum of random ones of its words."""

    name, dim, image_model = ENGLISH_NAME, 384, None

    def __init__(self) -> None:
        self._kept = np.random.default_rng(SEED).normal(size=(2**16, self.dim)).astype(np.float32)

    def encode_text(self, texts: list[str]) -> np.ndarray:
        found = np.empty((len(texts), self.dim), np.float32)
        for row, text in enumerate(texts):
            numbers = [zlib.crc32(word.encode()) % len(self._kept) for word in text.split()]
            found[row] = self._kept[numbers].sum(0) if numbers else 1
        return found / np.linalg.norm(found, axis=1, keepdims=True)


def scale(bench: Bench) -> list[dict[str, object]]:
    """Return the seconds that audits of text alone take, what encodes them apart."""
    every = listed(pl.concat([_bestbuy(), _toys()]))
    rows = []
    for size in (10, 1_000, 50_000):
        frame = every[:size].with_columns(pl.int_range(size).cast(pl.String).alias("product_id"))
        index = Index.build(Catalog(frame), encoder=HashedWords(), model=bench.model)
        start = time.perf_counter()
        audit = audit_listings(index)
        middle = time.perf_counter()
        with TemporaryDirectory() as folder:
            page = Path(folder) / "audit.html"
            write_audit_html(audit, index.catalog, page)
            weight = page.stat().st_size / 2**20
        rows.append(
            {
                "products": size,
                "audit, s": middle - start,
                "page, s": time.perf_counter() - middle,
                "page, MB": weight,
                "memory at most, GB": getrusage(RUSAGE_SELF).ru_maxrss / 2**20,
            }
        )
    return rows


PARTS = {
    "swapped": (swapped, "Pictures swapped in 10 % of a catalog"),
    "stuffed": (stuffed_titles, "Titles stuffed on purpose"),
    "claims": (claims, "Attributes claimed in 1,500 fashion titles, seen in their pictures"),
    "bullets": (bullets, "Bullets of another product"),
    "keywords": (hidden_words, "Back-end words of another product"),
    "main_picture": (main_pictures, "Main pictures of the nearest other listing"),
    "scale": (scale, "Audits of text alone, precomputed vectors"),
    "brands": (brands, "Pictures taken unlike their brand's"),
    "duplicates": (near_duplicates, "Copies of listings, told from variants"),
    "competing": (competing, "Listings that compete for terms, told from variants"),
    "missing": (missing, "Words proposed as missing, all of terms that sold"),
    "further": (further, "Further pictures that add nothing"),
}


def main(cache: Path, parts: list[str]) -> None:
    bench = Bench(cache)
    for name in parts or PARTS:
        measure, title = PARTS[name]
        record(f"audit_{name}", title, measure(bench), SEED)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("cache", type=Path, nargs="?", default=Path(".cache"))
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], help="all, unless named")
    given = parser.parse_args()
    main(given.cache, given.parts)
