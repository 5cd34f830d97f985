from pathlib import Path

import polars as pl
import pytest

from admatch.reports.records import REPORT_SCHEMA
from admatch.reports.suspicious import contradiction_notices, contradictions

FINE = {
    "row": 2,
    "impressions": 90,
    "clicks": 9,
    "spend": 4.5,
    "sales": 30.0,
    "orders": 2,
    "units": 3,
}


def sentences(*changes):
    rows = [FINE | {"row": at} | change for at, change in enumerate(changes, start=2)]
    frame = pl.DataFrame(rows, schema=REPORT_SCHEMA)
    found = contradictions(frame)
    return [(one.row, one.what) for one in contradiction_notices(Path("report.csv"), found)]


def test_figures_that_agree_are_not_suspicious():
    assert sentences({}, {"clicks": 0, "spend": 0.0, "sales": 0.0, "orders": 0, "units": 0}) == []


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"impressions": 8}, "more clicks than impressions"),
        ({"orders": 10}, "more orders than clicks"),
        ({"clicks": 0, "orders": 0, "sales": 0.0}, "cost without a click"),
        ({"orders": 0}, "sales without an order"),
        ({"sales": 0.0}, "orders without sales"),
        ({"spend": -0.1}, "figures below zero"),
        ({"sales": -30.0}, "figures below zero"),
    ],
)
def test_each_contradiction_names_its_first_row(change, what):
    assert sentences({}, change, {}) == [(3, f"1 row has {what}")]
    assert sentences({}, change, {}, change) == [(3, f"2 rows have {what}")]


def test_a_figure_that_the_file_lacks_contradicts_nothing():
    absent = dict.fromkeys(("impressions", "orders", "sales", "units"))
    assert sentences(absent) == []


def test_parts_add_up():
    rows = [FINE | {"row": at, "orders": 99} for at in (2, 3, 4)]
    parts = [contradictions(pl.DataFrame([row], schema=REPORT_SCHEMA)) for row in rows]
    whole = contradictions(pl.DataFrame(rows, schema=REPORT_SCHEMA))
    assert {what: parts[0][what] + parts[1][what] + parts[2][what] for what in whole} == whole
