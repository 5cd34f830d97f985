"""The real accounts beside the project, and what the shipped models say of their terms."""

from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from admatch.encode.choice import EncoderChoice
from admatch.ids.semantic_id import written_ids
from admatch.impact.related_terms import BEST_SCHEMA, MEMBER_SCHEMA, SemanticPools, first_codes
from admatch.index.build import encode_in_order
from admatch.index.shipped import shipped_pair
from admatch.reports.reader import read_report
from admatch.reports.records import SearchTermReport
from admatch.reports.terms import shopper_terms
from tests.benchmarks.shared_data import SHARED

REPORTS = {
    "hoses, DE": "hoses_de_2025_03_german/Sponsored_Products_Suchbegriff_Bericht.xlsx",
    "hair care, US": "hair_care_us_unified_2025/custom_ads.csv",
    "golf, US": "golf_putter_bulk_str/SPSTR - Bulk.xlsx",
    "skin care, JP": "skin_care_jp_2025_04_japanese/your_data.csv",
    "Ayurveda, IN": "ayurveda_in_2020_daily_6_reports/Sponsored Products Search term report.xlsx",
    "tableware, US": "us_2021_bamboo/Sponsored Products Search term report (4).csv",
    "solar, Google": "google_ads_solar_us_2024/Search terms report.csv",
}
# Two bulk downloads with 3 and 9 orders are left out: nothing could be told from chance.
NEIGHBOURS, SHARPNESS = 30, 20.0


def reports() -> dict[str, SearchTermReport]:
    """Return the accounts that have clicks and at least 90 orders."""
    return {name: read_report(SHARED / "reports" / path) for name, path in REPORTS.items()}


@dataclass(frozen=True)
class Semantics:
    """What no catalog is needed for: terms, their free IDs, and their nearest terms."""

    prefixes: pl.DataFrame
    kin: pl.DataFrame
    collected: pl.DataFrame

    @classmethod
    def of(cls, report: SearchTermReport) -> "Semantics":
        """Return the semantics of a report's terms by the pair that its language asks for."""
        clicked = replace(report, frame=report.frame.filter(pl.col("clicks") > 0))
        terms = shopper_terms(clicked).sort()
        pair = shipped_pair(EncoderChoice.AUTO, terms.to_list())
        plain = [" ".join(term.casefold().split()) for term in terms]
        vectors = encode_in_order(pair.encoder, plain, "encoding terms", lambda *_: None)
        paths = []
        for start in range(0, len(vectors), 256):
            part = pair.model.decoder(vectors[start : start + 256])
            paths.append(pair.model.decode_freely(part)[1])
        ids = written_ids(np.concatenate(paths))
        found = first_codes(pl.DataFrame({"search_term": terms, "semantic_id": ids}))
        own = pl.DataFrame({"key": terms, "atom": terms}).with_columns(weight=pl.lit(1.0))
        return cls(found, _nearest(vectors, terms), own)

    def meaning(self, *, prefixes: bool, kin: bool) -> SemanticPools | None:
        """Return those parts that are asked for."""
        nothing = pl.DataFrame(schema=MEMBER_SCHEMA)
        if not prefixes and not kin:
            return None
        return SemanticPools(
            self.prefixes if prefixes else nothing,
            self.kin if kin else nothing,
            self.collected if kin else nothing,
            pl.DataFrame(schema=BEST_SCHEMA),
        )


def _nearest(vectors: np.ndarray, terms: pl.Series) -> pl.DataFrame:
    """Return each term's nearest other ones by cosine, weighted by it."""
    keep = min(NEIGHBOURS, len(vectors) - 1)
    found, weights = [], []
    for start in range(0, len(vectors), 1024):
        cosine = vectors[start : start + 1024] @ vectors.T
        rows = np.arange(len(cosine))
        cosine[rows, start + rows] = -1.0
        nearest = np.argpartition(-cosine, keep - 1, axis=1)[:, :keep]
        found.append(nearest)
        weights.append(np.exp(SHARPNESS * (np.take_along_axis(cosine, nearest, 1) - 1)))
    of = np.repeat(np.arange(len(vectors)), keep)
    return pl.DataFrame(
        {
            "key": terms.gather(of),
            "atom": terms.gather(np.concatenate(found).ravel()),
            "weight": np.concatenate(weights).ravel().astype(np.float64),
        }
    )
