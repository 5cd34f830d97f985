"""How alike the pictures of each brand look, whatever they show."""

import numpy as np
import polars as pl

from admatch.audit.material import Material
from admatch.audit.records import BRANDS_SCHEMA, Aspect, Finding, Floats, Judged, Severity
from admatch.encode.protocol import Vectors

LEAST = 8  # pictured products of a brand, below which it has no style yet
FAR = 3.5  # robust deviations below its brand's median likeness


def brand_style(material: Material) -> tuple[Judged, pl.DataFrame]:
    """Return how like its brand each main picture looks, and the frame of brands.

    A picture's style is what of its vector its own text does not explain; a product's signal the
    cosine of that to the mean of its brand's others. Scores are standings within the brand.
    """
    main = material.pictures.main
    places = material.pictures.products[main]
    styles = unexplained(material.pictures.vectors[main], material.vectors[places])
    brands = material.frame["brand"]
    groups = pl.DataFrame({"brand": brands}).with_row_index("place").drop_nulls()
    pictured = set(places.tolist())
    scores, found, rows = np.full(len(material), np.nan), [], []
    for (brand,), group in groups.group_by("brand", maintain_order=True):
        own = [place for place in group["place"].to_list() if place in pictured]
        row = {"brand": brand, "products": group.height, "pictured": len(own)}
        if len(own) >= LEAST:
            signal = likeness(styles[np.searchsorted(places, own)])
            scores[own] = 100 * (np.argsort(np.argsort(signal)) + 0.5) / len(own)
            far = np.flatnonzero(deviations(signal) < -FAR)
            strays = [own[number] for number in far]
            row |= {
                "consistency": float(100 * np.clip(signal.mean(), 0, 1)),
                "outliers": [material.frame["product_id"][place] for place in strays],
            }
            found += [_stray(place, str(brand), float(scores[place])) for place in strays]
        rows.append(row)
    frame = pl.DataFrame(rows, schema=BRANDS_SCHEMA)
    return Judged(scores, found), frame.sort("consistency", "brand", nulls_last=True)


def unexplained(pictures: Vectors, texts: Vectors) -> Vectors:
    """Return unit vectors (n, dim) of what of pictures' vectors their texts do not explain."""
    along = np.einsum("nd,nd->n", pictures, texts)[:, None] * texts
    rest = pictures - along
    unit: Vectors = rest / np.maximum(np.linalg.norm(rest, axis=1, keepdims=True), 1e-9)
    return unit


def likeness(styles: Vectors) -> Floats:
    """Return the cosine of each style (n, dim) to the mean of the others."""
    others = styles.sum(axis=0) - styles
    lengths = np.maximum(np.linalg.norm(others, axis=1), 1e-9)
    return np.asarray(np.einsum("nd,nd->n", styles, others) / lengths, dtype=np.float64)


def deviations(signal: Floats) -> Floats:
    """Return how far each value is from the median, in standard deviations told by quartiles."""
    low, middle, high = np.quantile(signal, (0.25, 0.5, 0.75))
    return np.asarray((signal - middle) / max((high - low) / 1.349, 1e-3))


def _stray(place: int, brand: str, score: float) -> Finding:
    return Finding(
        place,
        Aspect.BRAND_STYLE,
        Severity.LOW,
        score,
        f"The main picture looks unlike those of {brand}’s other products",
        "Take it again in the brand’s style: light, background, angle",
    )
