"""How uniform the pictures of each brand look, whatever they show."""

from typing import Any

import numpy as np
import polars as pl

from admatch.audit.looks import looks, oddness
from admatch.audit.material import Material
from admatch.audit.records import BRANDS_SCHEMA, Aspect, Finding, Judged, Severity
from admatch.messages import say

LEAST = 8  # products with a picture; a brand with fewer has no style yet
# Oddness above which a picture is a finding: 98 of 100 shop photos among clean pictures are, and 1
# of 100 clean ones (tests/benchmarks/results/audit_brands.json).
ODD = 4.0


def brand_style(material: Material) -> tuple[Judged, pl.DataFrame]:
    """Return how typical of its brand each main picture looks, and the frame of brands.

    A look is how a picture was taken: its background, light, saturation and contrast. A score is
    the standing within the brand, 100 for its most typical picture. A brand's consistency is the
    number of pictures, of 100, that look as its pictures usually do.
    """
    main = material.pictures.main
    number = dict(zip(material.pictures.products[main].tolist(), main.tolist(), strict=True))
    groups = material.frame.select("brand").with_row_index("row").drop_nulls()
    scores, found = np.full(len(material), np.nan), list[Finding]()
    rows = []
    for (brand,), group in groups.group_by("brand", maintain_order=True):
        own = [row for row in group["row"].to_list() if row in number]
        entry: dict[str, Any] = {"brand": brand, "products": group.height, "pictured": len(own)}
        if len(own) >= LEAST:
            odd = oddness(looks([material.pictures.files[number[row]] for row in own]))
            scores[own] = 100 * (np.argsort(np.argsort(-odd, kind="stable")) + 0.5) / len(own)
            strays = [own[at] for at in np.flatnonzero(odd > ODD)]
            entry["consistency"] = 100 * (1 - len(strays) / len(own))
            entry["outliers"] = [material.frame["product_id"][row] for row in strays]
            found += [_stray(row, str(brand), float(scores[row])) for row in strays]
        rows.append(entry)
    frame = pl.DataFrame(rows, schema=BRANDS_SCHEMA)
    return Judged(scores, found), frame.sort("consistency", "brand", nulls_last=True)


def _stray(row: int, brand: str, score: float) -> Finding:
    return Finding(
        row,
        Aspect.BRAND_STYLE,
        Severity.LOW,
        score,
        say("audit.brand_style.evidence", brand=brand),
        say("audit.brand_style.remedy"),
    )
