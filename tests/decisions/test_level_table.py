"""What is told of targetings, ad groups, campaigns and products rests on all their terms."""

import polars as pl
import pytest

from admatch.decisions.level_table import level_table
from admatch.decisions.recommend import recommend
from admatch.impact.model import ImpactModel
from tests.decisions.conftest import background, make_catalog, make_matches, make_report, term


@pytest.fixture(scope="module")
def table():
    rows = [*background(), term("winter coat", 200, 12), term("cheap coat", 150, 0)]
    report, catalog = make_report(rows), make_catalog()
    matches = make_matches(report, {"winter coat": 0.9, "cheap coat": 0.9})
    model = ImpactModel(seed=7).fit(report, matches, catalog=catalog)
    advice = recommend(report, matches, model, target_acos=0.3, catalog=catalog)
    return advice, level_table(advice)


def test_every_level_adds_up_to_the_report(table):
    advice, lines = table
    for level in ("targeting", "ad_group", "campaign"):
        assert lines.filter(level=level)["clicks"].sum() == advice.rows["clicks"].sum()
    about = advice.rows.drop_nulls("product_id")
    assert lines.filter(level="product")["clicks"].sum() == about["clicks"].sum() > 0


def test_every_level_has_a_range(table):
    _, lines = table
    known = lines.filter(pl.col("expected_spend") > 0)
    assert set(known["level"]) == {"targeting", "ad_group", "campaign", "product"}
    assert known.select((pl.col("acos_low") < pl.col("acos_expected")).all()).item()
    assert known.select((pl.col("acos_expected") < pl.col("acos_high")).all()).item()
    assert known["above_target"].is_between(0, 1).all()
