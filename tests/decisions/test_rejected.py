"""What somebody rejected is watched; everything else stays as it was decided."""

import polars as pl

from admatch.decisions.rejected import REJECTED, without_rejected

ROWS = pl.DataFrame(
    [
        ("C", "G", "Garden Hose", None, "auto", "negate-exact", None),
        ("C", "G", "garden hose", None, "auto", "bid-down", 0.8),
        ("C", None, "garden hose", None, "auto", "negate-exact", None),
        ("C", "G", "red hose", "hose", "auto", "negate-phrase", None),
    ],
    schema=["campaign", "ad_group", "search_term", "phrase", "targeting", "action", "factor"],
    orient="row",
).with_columns(why=pl.lit("clicks"))


def actions(*keys):
    rejected = pl.DataFrame(list(keys), schema=REJECTED, orient="row")
    return without_rejected(ROWS, rejected)["action"].to_list()


def test_nothing_rejected_changes_nothing():
    assert without_rejected(ROWS, None).equals(ROWS)
    assert without_rejected(ROWS, pl.DataFrame(schema=REJECTED)).equals(ROWS)


def test_only_the_very_change_is_left():
    kept = ROWS["action"].to_list()
    assert actions(("C", "G", "garden hose", "negate-exact")) == ["watch", *kept[1:]]
    assert actions(("C", None, "garden hose", "negate-exact")) == [*kept[:2], "watch", kept[3]]
    assert actions(("C", "G", "hose", "negate-phrase")) == [*kept[:3], "watch"]
    assert actions(("C", "G", "red hose", "negate-phrase")) == kept
    found = without_rejected(
        ROWS, pl.DataFrame([("C", "G", "auto", "bid-down")], schema=REJECTED, orient="row")
    )
    assert found.row(1, named=True) | {"action": "watch", "why": "rejected", "factor": None} == (
        found.row(1, named=True)
    )
