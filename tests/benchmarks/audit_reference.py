"""Makes what an audit compares listings with: ``python -m tests.benchmarks.audit_reference CACHE``.

Quantiles of every signal over listings of toys and electronics (texts) and over 1,500 fashion
products that the eyes were not trained on and that no benchmark measures (pictures), and the
weights that tell stuffed titles. Written to ``admatch/audit/reference.json``. Ten minutes.
"""

import argparse
import json
from pathlib import Path

import numpy as np
import polars as pl
from sklearn.linear_model import LogisticRegression

from admatch.audit.agreement import NEIGHBOURS, _separation, _signals
from admatch.audit.bullets import bullet_fits
from admatch.audit.claims import claimed_colour, colour_shares
from admatch.audit.material import Material, _generic
from admatch.audit.neighbours import nearest
from admatch.audit.pictures import Pictures
from admatch.audit.reference import Reference
from admatch.audit.stuffing import FEATURES, scaled_features, stuffed, title_features
from admatch.audit.vocabulary import Vocabulary
from admatch.catalog.records import CATALOG_SCHEMA
from admatch.encode.english import EnglishEncoder
from admatch.encode.image import ImageEncoder
from admatch.encode.multimodal import MultimodalEncoder
from admatch.encode.product_text import product_vectors
from admatch.match.universal import UniversalModel
from tests.benchmarks.shared_data import _bestbuy, _toys, cached_vectors, shopper_terms
from tests.benchmarks.shared_images import (
    FASHION,
    fashion_products,
    looked_at,
)
from tests.benchmarks.stuffed_titles import Stuffer, stuffer

OUT = Path(__file__).parents[2] / "admatch" / "audit" / "reference.json"
SEED, LISTINGS, PICTURED = 7, 3_000, 1_500
POINTS = np.concatenate([np.linspace(0, 1, 201)])


class Bench:
    """The encoders, and what makes ``Material`` of products without an index."""

    def __init__(self, cache: Path) -> None:
        self.cache, self.reader, self.eyes = cache, EnglishEncoder(), ImageEncoder()
        self.encoder = MultimodalEncoder(self.reader, self.eyes)
        self.model = UniversalModel.shipped()

    def encode(self, texts: list[str], stage: str = "") -> np.ndarray:
        found = np.empty((len(texts), self.reader.dim), np.float32)
        order = np.argsort([len(text) for text in texts], kind="stable")
        for start in range(0, len(order), 1024):
            part = order[start : start + 1024]
            found[part] = self.reader.encode_text([texts[i] for i in part])
        return found

    def material(
        self,
        frame: pl.DataFrame,
        seen: np.ndarray | None = None,
        extra: tuple[str, ...] = (),
        english: bool = True,
    ) -> Material:
        """Return the material of listings, each with one picture where ``seen`` is given."""
        size, frame = frame.height, listed(frame)
        titles = self.encode(frame["title"].to_list())
        bodies = [f"{text or ''}"[:1500] for text in frame["description"].to_list()]
        sampled = np.random.default_rng(SEED).permutation(size)[:500]
        nothing = Pictures(np.empty(0, np.int64), [], np.empty((0, titles.shape[1]), np.float32))
        pictures = Pictures(np.arange(size), [""] * size, seen) if seen is not None else nothing
        return Material(
            frame,
            product_vectors(frame, self.encode),
            titles,
            bodies,
            [""] * size,
            pictures,
            Vocabulary.of([*frame["title"], *bodies, *extra], self.encode),
            np.concatenate([titles[sampled], _generic(self.model)]),
            sampled,
            Reference(self.encoder),
            english,
            self.encode,
        )

    def stuffer(self, name: str, titles: list[str]) -> Stuffer:
        terms = shopper_terms()
        asked = cached_vectors("queries", [term.lower() for term in terms], self.reader, self.cache)
        return stuffer(titles, terms, asked, cached_vectors(name, titles, self.reader, self.cache))


def listed(frame: pl.DataFrame) -> pl.DataFrame:
    """Return listings with every column that a catalog has."""
    missing = [
        pl.lit(None, kind).alias(name)
        for name, kind in CATALOG_SCHEMA.items()
        if name not in frame.columns
    ]
    ids = pl.int_range(frame.height).cast(pl.String).alias("product_id")
    return frame.with_columns(*missing).with_columns(ids).select(*CATALOG_SCHEMA)


def halves(frame: pl.DataFrame, seed: int = SEED) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return listings to fit on, and others to measure on."""
    some = frame.unique("title", maintain_order=True).sample(fraction=1, shuffle=True, seed=seed)
    return some[:LISTINGS], some[LISTINGS : 2 * LISTINGS]


def sentences(text: str) -> list[str]:
    """Return a description's sentences that are as long as a bullet."""
    parts = [part.strip(" -*#") for part in text.replace("\n", ". ").split(". ")]
    return [part for part in parts if len(part.split()) >= 5][:5]


def unseen_fashion() -> tuple[pl.DataFrame, list[Path]]:
    """Return products that are neither trained on nor measured, and their pictures."""
    known = set(fashion_products()["id"].to_list())
    rows = pl.read_csv(FASHION / "styles.csv", ignore_errors=True, truncate_ragged_lines=True)
    rows = rows.filter(pl.col("has_image") == 1, ~pl.col("id").is_in(known))
    rows = rows.drop_nulls("productDisplayName").sort("id").sample(PICTURED, seed=SEED)
    rows = rows.filter(
        pl.Series([(FASHION / f"images/{number}.jpg").exists() for number in rows["id"]])
    )
    return rows, [FASHION / f"images/{number}.jpg" for number in rows["id"]]


def main(cache: Path) -> None:
    bench = Bench(cache)
    quantiles: dict[str, np.ndarray] = {}
    fitted = fit_stuffing(bench, quantiles)
    pictured_signals(bench, quantiles)
    bullet_signals(bench, quantiles)
    kept = {
        "made_by": "python -m tests.benchmarks.audit_reference",
        "population": "6,000 titles and 3,000 descriptions of toys and electronics, "
        f"{PICTURED} fashion pictures",
        "text_encoder": bench.encoder.name,
        "image_model": str(bench.encoder.image_model).split("@")[0],
        "stuffing": fitted,
        "quantiles": {
            name: np.quantile(values[np.isfinite(values)], POINTS).round(4).tolist()
            for name, values in quantiles.items()
        },
    }
    OUT.write_text(json.dumps(kept, indent=None, separators=(",", ":")) + "\n")
    print(
        {
            name: (len(values), np.quantile(values, [0.01, 0.05, 0.5]))
            for name, values in quantiles.items()
        }
    )
    print(fitted)


def fit_stuffing(bench: Bench, quantiles: dict[str, np.ndarray]) -> dict[str, object]:
    parts: dict[str, list[np.ndarray]] = {}
    materials = []
    for name, frame in (("toys", _toys()), ("bestbuy", _bestbuy())):
        some = halves(frame)[0]
        maker = bench.stuffer(f"{name}-fit", some["title"].to_list())
        ways = {"clean": maker.titles} | {way: maker.stuffed(way, SEED) for way in maker.ways}
        material = bench.material(some, extra=tuple(t for titles in ways.values() for t in titles))
        materials.append(material)
        for way, titles in ways.items():
            found = title_features(material.words, titles, material.bodies)
            parts.setdefault(way, []).append(found)
        print(f"{name}: titles stuffed", flush=True)
    features = {way: np.concatenate(found) for way, found in parts.items()}
    every = np.concatenate(list(features.values()))
    usual, spread = (np.round(part, 5) for part in (np.nanmean(every, 0), np.nanstd(every, 0)))
    scaled = {way: scaled_features(part, usual, spread) for way, part in features.items()}
    clean = scaled.pop("clean")
    fitted = {"features": list(FEATURES), "mean": usual.tolist(), "spread": spread.tolist()}
    fitted["ways"] = {way: _told_from(clean, part) for way, part in scaled.items()}
    signals = []
    for material in materials:
        material.reference.__dict__["_kept"] = {"stuffing": fitted}
        signals.append(-stuffed(material, material.frame["title"].to_list(), material.bodies))
    quantiles["stuffing"] = np.concatenate(signals)
    return fitted


def _told_from(clean: np.ndarray, planted: np.ndarray) -> dict[str, object]:
    model = LogisticRegression(max_iter=2000)
    model.fit(np.concatenate([clean, planted]), np.repeat([0, 1], (len(clean), len(planted))))
    return {
        "weights": model.coef_[0].round(4).tolist(),
        "bias": round(float(model.intercept_[0]), 4),
    }


def pictured_signals(bench: Bench, quantiles: dict[str, np.ndarray]) -> None:
    rows, files = unseen_fashion()
    from tests.benchmarks.shared_images import Photos

    looked = looked_at("f_reference", Photos(files, np.arange(len(files))), bench.eyes, bench.cache)
    seen = bench.eyes.projection.project(*looked)
    material = bench.material(rows.select(title="productDisplayName"), seen)
    quantiles["image_title"] = _signals(material)[0]
    near = nearest(material.vectors, NEIGHBOURS).others
    quantiles["main_picture"] = _separation(material, np.arange(len(seen)), seen, near)
    shares = colour_shares(material)
    claims = [claimed_colour(title, "", "")[0] for title in material.frame["title"]]
    own = np.array([shares[row, one] for row, one in enumerate(claims) if one is not None])
    quantiles["image_claims"] = np.log(own / (1 - own))


def bullet_signals(bench: Bench, quantiles: dict[str, np.ndarray]) -> None:
    some = halves(_toys())[0].filter(pl.col("description").is_not_null())
    material = bench.material(some)
    listed_ones = [sentences(text) for text in some["description"]]
    places = np.repeat(np.arange(len(some)), [len(row) for row in listed_ones])
    fits = bullet_fits(material, [one for row in listed_ones for one in row], places)
    worst = np.full(len(some), np.nan)
    np.fmin.at(worst, places, fits)
    quantiles["bullets"] = worst[np.isfinite(worst)]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("cache", type=Path, nargs="?", default=Path(".cache"))
    main(parser.parse_args().cache)
