"""Rows that were added up while they were read bring the same decisions as all rows do."""

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from admatch.decisions.recommend import recommend
from admatch.impact.model import ImpactModel
from admatch.reports.aggregate import aggregate_report
from admatch.reports.reader import read_report
from tests.decisions.conftest import background, make_catalog, make_matches, term

HEADERS = {
    "start_date": "Start Date",
    "end_date": "End Date",
    "currency": "Currency",
    "campaign": "Campaign Name",
    "ad_group": "Ad Group Name",
    "targeting": "Targeting",
    "match_type": "Match Type",
    "search_term": "Customer Search Term",
    "impressions": "Impressions",
    "clicks": "Clicks",
    "spend": "Spend",
    "sales": "7 Day Total Sales ",
    "orders": "7 Day Total Orders (#)",
    "units": "7 Day Total Units (#)",
    "sales_promoted": "7 Day Advertised SKU Sales ",
    "sales_halo": "7 Day Other SKU Sales ",
}
GROUPS = st.sampled_from([{"ad_group": "All"}, {"ad_group": "Rest"}, {"campaign": "Manual"}])


@st.composite
def further_terms(draw):
    """Return rows of a few terms; many are of the same ad group and term."""
    texts = st.sampled_from(["winter coat", "hose reel", "b0reel0001", "*", "cheap coat"])
    count = draw(st.integers(1, 12))
    return [
        term(draw(texts), clicks := draw(st.integers(0, 60)), draw(st.integers(0, clicks // 20)))
        | draw(GROUPS)
        for _ in range(count)
    ]


def _decided(report):
    catalog = make_catalog()
    matches = make_matches(report, {"winter coat": 0.02, "cheap coat": 0.3})
    model = ImpactModel(seed=7).fit(report, matches, catalog=catalog)
    return recommend(report, matches, model, target_acos=0.3, catalog=catalog)


@settings(max_examples=4)
@given(rows=further_terms())
def test_the_same_decisions(rows, tmp_path_factory):
    path = tmp_path_factory.mktemp("added") / "report.csv"
    table = pl.DataFrame([*background(), *rows]).select(pl.col(list(HEADERS))).rename(HEADERS)
    table.write_csv(path)
    whole, summed = read_report(path), aggregate_report(path)
    assert len(whole) == table.height
    assert len(summed) <= len(whole)
    one, other = _decided(whole), _decided(summed)
    assert_frame_equal(one.frame, other.frame)
    assert_frame_equal(one.totals, other.totals)
    assert one.refusals == other.refusals
