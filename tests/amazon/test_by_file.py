"""What only a bulk file makes is left out of what the API is asked for."""

from pathlib import Path

import pytest

from admatch.amazon.allow import kind_of, select
from admatch.amazon.plan import ApplyPlan, Step
from admatch.impact.changes import Change, Place
from admatch.reports.account.records import MatchType, Placement

from .scenario import JOB

LAMPS, NEW = Place("Lamps", campaign_id="1"), Place("SP | New", "Exact")
IN_NEW = Place("SP | New", "Exact", "SP | New", "Exact")


@pytest.mark.parametrize(
    "change",
    [
        Change.placement(Placement.TOP, LAMPS, 20.0),
        Change.budget(LAMPS, 12.0),
        Change.new_campaign("SP | New", 12.0),
        Change.new_ad_group(NEW, 0.5),
        Change.product_ad("L-1", NEW),
        Change.keyword("desk lamp", MatchType.EXACT, IN_NEW, 0.5),
    ],
)
def test_whole_campaigns_and_what_is_in_new_ones_are_left_out(change):
    step = Step(2, change, change)
    plan = ApplyPlan(Path("run.manifest.json"), "", "US", "USD", (step,))
    selection = select(plan, JOB)
    assert (selection.steps, selection.left_out, selection.money) == ((), (step,), 0)
    assert kind_of(step) is None
