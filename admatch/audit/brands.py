"""How alike the pictures of each brand look, whatever they show."""

from typing import Any

import numpy as np
import polars as pl

from admatch.audit.looks import looks, oddness
from admatch.audit.material import Material
from admatch.audit.records import BRANDS_SCHEMA, Aspect, Finding, Judged, Severity

LEAST = 8  # pictured products of a brand, below which it has no style yet
# Oddness above which a picture is told. Of shop photos among clean pictures it tells 98 of 100,
# of clean ones 1 (tests/benchmarks/results/audit_brands.json).
ODD = 4.0


def brand_style(material: Material) -> tuple[Judged, pl.DataFrame]:
    """Return how like its brand each main picture looks, and the frame of brands.

    A look is how a picture was taken: its background, light, saturation and contrast. A score is
    the standing within the brand, 100 for its most usual picture; a brand's consistency is how
    many of 100 pictures look as its pictures usually do.
    """
    main = material.pictures.main
    number = dict(zip(material.pictures.products[main].tolist(), main.tolist(), strict=True))
    groups = material.frame.select("brand").with_row_index("place").drop_nulls()
    scores, found = np.full(len(material), np.nan), list[Finding]()
    rows = []
    for (brand,), group in groups.group_by("brand", maintain_order=True):
        own = [place for place in group["place"].to_list() if place in number]
        row: dict[str, Any] = {"brand": brand, "products": group.height, "pictured": len(own)}
        if len(own) >= LEAST:
            odd = oddness(looks([material.pictures.files[number[place]] for place in own]))
            scores[own] = 100 * (np.argsort(np.argsort(-odd, kind="stable")) + 0.5) / len(own)
            strays = [own[at] for at in np.flatnonzero(odd > ODD)]
            row["consistency"] = 100 * (1 - len(strays) / len(own))
            row["outliers"] = [material.frame["product_id"][place] for place in strays]
            found += [_stray(place, str(brand), float(scores[place])) for place in strays]
        rows.append(row)
    frame = pl.DataFrame(rows, schema=BRANDS_SCHEMA)
    return Judged(scores, found), frame.sort("consistency", "brand", nulls_last=True)


def _stray(place: int, brand: str, score: float) -> Finding:
    return Finding(
        place,
        Aspect.BRAND_STYLE,
        Severity.LOW,
        score,
        f"The main picture looks unlike those of {brand}’s other products: its background, light "
        "or colours",
        "Take it again in the brand’s style",
    )
