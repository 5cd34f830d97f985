"""Terms that share words but mean another thing: ``python -m tests.benchmarks.traps``.

Three catalogs with terms written by hand, which nothing was trained on (folder ``traps``): the
sample's groceries, German hoses and fittings, and a shop for home and phones. Own terms are about a
product; near misses name another thing with the product's words, an accessory, a refill, an
ingredient, a rival's brand, or another size, colour, material, model or wearer. By catalog, for the
best cosine and for admatch: AUROC of own terms against near misses, own terms found and near misses
refused at a probability of one half, the expected calibration error where one term in four and one
in three is own, and the share refused by kind. All is read by the English encoder.
"""

from pathlib import Path

import numpy as np
import polars as pl
from sklearn.metrics import roc_auc_score

from admatch.catalog.reader import read_catalog
from admatch.encode.english import EnglishEncoder
from admatch.encode.multimodal import query_vectors
from admatch.index.index import Index
from tests.benchmarks.belonging import calibration_error
from tests.benchmarks.record import record

TRAPS = Path(__file__).parent / "traps"
CATALOGS = {
    "sample": Path(__file__).parents[2] / "data" / "sample" / "catalog.csv",
    "hoses": TRAPS / "hoses.csv",
    "home": TRAPS / "home.csv",
}
KINDS = (
    "head", "accessory", "refill", "ingredient", "brand", "size", "model", "colour", "material",
    "gender",
)  # fmt: skip
SHARES = (0.25, 1 / 3)  # of own terms


def figures(score: np.ndarray, probability: np.ndarray, kinds: np.ndarray) -> dict[str, object]:
    """Return the figures of terms of these kinds, ``own`` among them."""
    own, refused = kinds == "own", probability < 0.5
    found: dict[str, object] = {
        "own": int(own.sum()),
        "near misses": int((~own).sum()),
        "AUROC": float(roc_auc_score(own, score)),
        "own found": float((~refused)[own].mean()),
        "near misses refused": float(refused[~own].mean()),
    }
    for share in SHARES:
        found[f"ECE, {share:.0%} own"] = calibration_error(probability, own, share)
    by_kind = {k: float(refused[kinds == k].mean()) if (kinds == k).any() else "" for k in KINDS}
    return found | by_kind


def measured(traps: pl.DataFrame) -> tuple[list[dict[str, object]], pl.DataFrame]:
    """Return a row for each catalog and for all, and every term with its probability."""
    encoder, parts = EnglishEncoder(), []
    for name, path in CATALOGS.items():
        terms = traps.filter(catalog=name)
        index = Index.build(read_catalog(path), encoder=encoder)
        texts = terms["term"].to_list()
        best = [ranked[0] for ranked in index.search(texts, 5)]
        cosine = query_vectors(encoder, texts) @ index.parts.vectors.T
        parts.append(
            terms.with_columns(
                cosine=pl.Series(cosine.max(axis=1)),
                odds=pl.Series([one.score for one in best]),
                probability=pl.Series([one.probability for one in best]),
                title=pl.Series([one.title for one in best]),
            )
        )
    every = pl.concat(parts)
    rows = []
    for name in (*CATALOGS, "all"):
        part = every if name == "all" else every.filter(catalog=name)
        kinds = part["kind"].to_numpy()
        cosine, odds, probability = (
            part[column].to_numpy() for column in ("cosine", "odds", "probability")
        )
        # Any threshold for the plain cosine: the one that keeps 93 % of the own terms.
        kept = cosine >= np.quantile(cosine[kinds == "own"], 0.07)
        rows.append({"system": f"{name}: cosine", **figures(cosine, kept.astype(float), kinds)})
        rows.append({"system": f"{name}: admatch", **figures(odds, probability, kinds)})
    return rows, every


def main() -> None:
    rows, every = measured(pl.read_csv(TRAPS / "traps.csv"))
    own = pl.col("kind") == "own"
    missed = every.filter(own != (pl.col("probability") >= 0.5))
    for row in missed.sort("catalog", "probability", descending=True).iter_rows(named=True):
        print(f"{row['probability']:.2f} {row['kind']:10} {row['term']:36} {row['title'][:60]}")
    record("traps", "terms that share words with a product but mean another thing", rows, 0)


if __name__ == "__main__":
    main()
