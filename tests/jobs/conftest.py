"""A job over one small account, with an encoder that is known by heart."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np
import pytest

from admatch.index.shipped import Pair
from admatch.pipeline.models import Models
from tests.conftest import WordEncoder

FIRST = date(2026, 1, 1)
TERMS = ("oat milk", "whole milk", "garden hose", "oat drink", "red shoes", "milk carton")
CONSOLE = (
    "Date,Portfolio name,Currency,Campaign Name,Ad Group Name,Targeting,Match Type,"
    "Customer Search Term,Impressions,Clicks,Spend,7 Day Total Sales ,7 Day Total Orders (#),"
    "7 Day Total Units (#)"
)


class CountingEncoder(WordEncoder):
    def __init__(self):
        self.read = Counter()

    def encode_text(self, texts):
        self.read.update(texts)
        return super().encode_text(texts)


@dataclass
class Shop:
    """An account's folder: a catalog, and daily reports of what shoppers did."""

    folder: object
    encoder: CountingEncoder
    models: Models
    terms: list[str] = field(default_factory=lambda: list(TERMS))

    def report(self, name, first, days, seed=1):
        """Write a report of some days; ``seed`` decides about their figures."""
        lines = [CONSOLE]
        for day in range(first, first + days):
            rng = np.random.default_rng((seed, day))
            for place, term in enumerate(self.terms):
                clicks = int(rng.integers(1, 9))
                orders = int(rng.binomial(clicks, 0.2 if "milk" in term else 0.0))
                told = FIRST + timedelta(day)
                group = f"G{place % 3}"
                lines.append(
                    f"{told},P,USD,Camp,{group},{group} milk,BROAD,{term},{clicks * 30},{clicks},"
                    f"{clicks * 0.8:.2f},{orders * 12:.2f},{orders},{orders}"
                )
        path = self.folder / "reports" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return path

    def job(self, text=""):
        path = self.folder / "job.toml"
        path.write_text(
            '[[account]]\nname = "Shop"\nreports = ["reports/*.csv"]\ncatalog = "catalog.csv"\n'
            f"target_acos = 0.3\n{text}",
            encoding="utf-8",
        )
        return path


@pytest.fixture
def shop(tmp_path, model):
    encoder = CountingEncoder()
    pair = Pair(encoder, model)
    (tmp_path / "catalog.csv").write_text(
        "product_id,title,price,currency\nB0SAMPLE01,oat milk 1 l,3.5,USD\n"
        "B0SAMPLE02,whole milk 1 l,2.5,USD\nB0SAMPLE03,oat drink vanilla,4.0,USD\n"
    )
    return Shop(tmp_path, encoder, Models(lambda *_: pair))
