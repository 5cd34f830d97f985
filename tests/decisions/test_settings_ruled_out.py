"""A campaign's setting is left alone within the cooldown, after its opposite, and once rejected."""

from dataclasses import replace

import polars as pl
import pytest

from admatch.decisions.campaign_lines import without_ruled_out
from admatch.decisions.outcomes import is_judged, reaches
from admatch.decisions.ruled_out import REJECTED
from admatch.impact.changes import Change, ChangeSet, Place
from admatch.reports.account.records import Placement

TOP = Placement.TOP


def lines(new=20.0):
    return pl.DataFrame(
        {
            "campaign": ["Lamps", "Desks"], "label": [TOP.value, "Daily Budget"],
            "action": ["placement-down", "budget-up"], "setting": [45.0, 10.0],
            "new_setting": [new, 12.0],
        }
    )  # fmt: skip


def changed(before, after):
    return ChangeSet((replace(Change.placement(TOP, Place("Lamps"), after), before=before),))


def rejected(action):
    return pl.DataFrame([("Lamps", None, "placement top", action)], schema=REJECTED, orient="row")


@pytest.mark.parametrize(
    ("ruled_out", "left"),
    [
        ((None, None, None), ["Lamps", "Desks"]),
        ((changed(30.0, 45.0), None, None), ["Desks"]),
        ((None, changed(30.0, 45.0), None), ["Desks"]),
        ((None, changed(60.0, 45.0), None), ["Lamps", "Desks"]),
        ((None, None, rejected("placement-down")), ["Desks"]),
        ((None, None, rejected("placement-up")), ["Lamps", "Desks"]),
    ],
)
def test_only_what_nobody_ruled_out_is_left(ruled_out, left):
    assert without_ruled_out(lines(), *ruled_out)["campaign"].to_list() == left


def test_the_rows_of_a_campaign_with_a_new_setting_are_no_comparison():
    (change,) = changed(45.0, 20.0)
    rows = pl.DataFrame({"campaign": ["Lamps", "Desks"], "ad_group": ["A", "B"]})
    assert rows.select(reaches(change))["campaign"].to_list() == [True, False]
    assert not is_judged(change)
