from pathlib import Path

import pytest

from admatch.export.bulk.write import write_bulksheet
from admatch.impact.changes import ChangeSet

from .amazon import Amazon, Held

_SHARED = Path(__file__).parents[4] / "shared" / "data" / "reports" / "amazon_bulk_v2"


@pytest.fixture
def shared_bulk() -> Path:
    if not _SHARED.is_dir():
        pytest.skip("the shared reports are not here")
    return _SHARED


@pytest.fixture
def amazon():
    return Amazon().hold(
        Held("Keyword", "1", "11", "desk lamp", "exact", 0.9),
        Held("Keyword", "1", "11", "Green Lamp", "broad", None, "paused"),
        Held("Product Targeting", "1", "12", 'asin="B0LAMP0001"', None, 0.6),
        Held("Product Targeting", "2", "21", "close-match", None, 0.3),
        Held("Negative Keyword", "1", "11", "oil lamp", "negativePhrase"),
        Held("Campaign Negative Keyword", "1", None, "lava lamp", "negativeExact"),
        Held("Keyword", "1", "11", "old lamp", "exact", 0.5, "archived"),
    )


@pytest.fixture
def export(amazon, tmp_path):
    def write(*changes, account="", name="bulk.xlsx", **options):
        held = amazon.account() if account == "" else account
        options = {"marketplace": "DE"} | options
        return write_bulksheet(ChangeSet(changes), held, tmp_path / name, **options)

    return write
