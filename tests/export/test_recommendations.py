import re
from html.parser import HTMLParser

import polars as pl
import pytest

from admatch.decisions.backtest import backtest
from admatch.decisions.guard_rails import GuardRails
from admatch.decisions.recommend import recommend
from admatch.decisions.recommendations import COLUMNS
from admatch.decisions.waste import waste_of
from admatch.export.charts import Axes, Range, agreement, bars, curve, ranges
from admatch.export.recommendations import (
    write_recommendations_csv,
    write_recommendations_html,
    write_recommendations_parquet,
)
from admatch.impact.model import ImpactModel
from tests.decisions.conftest import background, make_catalog, make_matches, make_report, term

VOID = ("meta", "img", "br", "line", "circle", "rect", "polygon", "polyline")
EVIL = "=cmd|'/c calc'!A1 <script>alert(1)</script>"


@pytest.fixture(scope="module")
def advised():
    report = make_report([*background(), term("dog bowl", 60), term(EVIL, 60), term("hose", 2)])
    matches, catalog = make_matches(report, {"dog bowl": 0.01, EVIL: 0.01}), make_catalog()
    model = ImpactModel().fit(report, matches, catalog=catalog)
    advice = recommend(
        report, matches, model, target_acos=0.3, catalog=catalog,
        guard_rails=GuardRails(sales_at_risk=0.05),
    )  # fmt: skip
    return advice, report, matches, catalog, model


class Reader(HTMLParser):
    """Collects the tags that would fetch or run something, and checks that tags are balanced."""

    def __init__(self):
        super().__init__()
        self.fetching, self.scripts, self.open = [], 0, []

    def handle_starttag(self, tag, attrs):
        self.scripts += tag == "script"
        self.fetching += [
            value for name, value in attrs
            if name in ("src", "href") and not value.startswith(("data:", "#"))
        ]  # fmt: skip
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert tag in VOID or self.open.pop() == tag


def test_the_page_is_whole_and_asks_nothing_of_a_network(advised, tmp_path):
    advice, report, matches, catalog, model = advised
    path = tmp_path / "page.html"
    effect = model.what_if(advice.best())
    tested = backtest(report, matches, catalog=catalog)
    write_recommendations_html(advice, report, catalog, path, effect=effect, backtest=tested)
    page, reader = path.read_text(encoding="utf-8"), Reader()
    reader.feed(page)
    assert not reader.fetching
    assert not reader.scripts
    assert not reader.open
    assert "&lt;script&gt;" in page
    assert page.count("<svg") >= 4
    assert "dog bowl" in page
    assert "GUARD-RAIL LOOSENED" in page  # loud, in the output itself
    assert "nan" not in re.sub("[a-z]+", " ", "".join(re.findall(r"<svg.*?</svg>", page)))


def test_the_page_without_effect_backtest_and_catalog(advised, tmp_path):
    advice, report, *_ = advised
    write_recommendations_html(advice, report, None, tmp_path / "page.html")
    assert "too small for a backtest" in (tmp_path / "page.html").read_text(encoding="utf-8")


def test_tables_hold_every_row_and_run_nothing(advised, tmp_path):
    advice = advised[0]
    write_recommendations_csv(advice, tmp_path / "a.csv")
    write_recommendations_parquet(advice, tmp_path / "a.parquet")
    assert pl.read_parquet(tmp_path / "a.parquet").equals(advice.frame)
    table = pl.read_csv(tmp_path / "a.csv", infer_schema=False)
    assert table.columns == list(COLUMNS)
    assert table.height == len(advice)
    assert not table.filter(pl.col("search_term").str.starts_with("=")).height


def test_waste_is_what_is_expected_to_be_spent_beyond_the_target_where_it_is_acted_on(advised):
    advice = advised[0]
    rows = advice.rows.filter(pl.col("currency") == "USD").to_dicts()
    thin, pools, waste = {}, {}, 0.0
    for row in rows:
        row["excess"] = row["expected_spend"] - 0.3 * (row["expected_sales"] or 0.0)
        row["group"] = row["campaign"], row["ad_group"]
        row["thin"] = row["targeting_clicks"] < 15
        key = *row["group"], row["thin"]
        thin[key] = thin.get(key, 0.0) + row["mature_clicks"]
    for row in rows:
        place = (*row["group"], row["targeting"], row["match_type"])
        if row["thin"]:
            place = row["group"] if thin[*row["group"], True] >= 30 else ("rest",)
        if row["action"].startswith("negate"):
            waste += max(row["excess"], 0.0)
        else:
            pools[place] = pools.get(place, 0.0) + row["excess"]
    expected = waste + sum(max(excess, 0.0) for excess in pools.values())
    found = waste_of(advice, "USD")
    assert expected > 0
    assert found.mean == pytest.approx(expected)
    assert sum(amount for _, amount in found.causes) == pytest.approx(expected)
    assert found.mean <= sum(row["expected_spend"] for row in rows)
    assert 0 <= found.low < found.mean < found.high


def test_drawings_escape_their_texts():
    row = Range("<b>", 1, 0.5, 2, 0.1, 3, "&")
    axes = Axes((0, 1), (0, 1), "x", "<y>")
    drawn = (
        ranges([row], 1.0, "<t>", 'a "title"'),
        bars([("<b>", 2.0, "&")], "bars"),
        curve([(0, 0), (1, 1)], [(0, 0, 1), (1, 0, 1)], axes, [(1, 1, "<m>")], 0.5, "curve"),
        agreement([(0.1, 0.1, 0.05, 0.2)], "agreement"),
    )
    for one in drawn:
        assert "<b>" not in one
        assert "<t>" not in one
        assert one.startswith("<svg")
        assert one.endswith("</svg>")


def test_drawings_of_nothing():
    assert "<svg" in ranges([], None, "", "nothing")
    assert "<svg" in bars([], "nothing")
    assert "<svg" in agreement([], "nothing")
