"""What is slow to learn is kept from night to night, and learned anew when it has to be."""

from datetime import timedelta

import pytest

from admatch.decisions.backtest import Backtest
from admatch.impact.model import ImpactModel
from admatch.jobs.read import read_job
from admatch.jobs.store.parquet import export_parquet
from admatch.pipeline.history import Learned
from admatch.store.workspace import Workspace

from .conftest import FIRST
from .test_run import files, night

DAY = FIRST + timedelta(50)
LATER = DAY + timedelta(1)


@pytest.fixture
def known(shop):
    """A shop with 40 days of facts, and a night done."""
    shop.report("a.csv", 0, 40)
    assert night(shop, DAY)["fitted_on"] == str(DAY)
    return shop


@pytest.fixture
def grown(monkeypatch):
    """How often trees were not given."""
    found, fit = [], ImpactModel.fit

    def counted(model, *told, trees=None, **how):
        found.extend([] if trees else [how])
        return fit(model, *told, trees=trees, **how)

    monkeypatch.setattr(ImpactModel, "fit", counted)
    return found


def test_a_day_more_rests_on_the_kept_fit_and_counts_all_the_same(known, grown):
    known.terms.append("green tea")
    known.report("b.csv", 40, 1)
    told = night(known, LATER)
    assert told["fitted_on"] == str(DAY)
    assert not grown
    assert told["rows"] == 40 * 6 + 7
    assert told["terms"] == 7
    # and so does the day after, from the same fit
    known.report("c.csv", 41, 1)
    assert night(known, LATER + timedelta(1))["fitted_on"] == str(DAY)


def test_a_kept_night_is_made_again_byte_for_byte(known):
    known.report("b.csv", 40, 1)
    night(known, LATER)
    written = files(known)
    assert night(known, LATER)["state"] == "nothing new"
    for name in written:
        (known.folder / name).unlink()
    assert night(known, LATER)["state"] == "done"
    assert night(known, DAY)["state"] == "nothing new"
    assert files(known).items() <= written.items()


@pytest.mark.parametrize(("days", "later"), [(6, 1), (1, 28)])
def test_more_clicks_or_days_are_fitted_anew(known, grown, days, later):
    known.report("b.csv", 40, days)
    told = night(known, DAY + timedelta(later))
    assert told["fitted_on"] == str(DAY + timedelta(later))
    assert grown


def test_nothing_new_for_a_month_is_no_reason(known):
    assert night(known, DAY + timedelta(60))["state"] == "nothing new"


def test_another_catalog_is_fitted_anew(known):
    catalog = known.folder / "catalog.csv"
    catalog.write_text(catalog.read_text().replace("vanilla", "chocolate"))
    known.report("b.csv", 40, 1)
    assert night(known, LATER)["fitted_on"] == str(LATER)


def test_a_fit_that_fails_its_backtest_is_not_kept(known, monkeypatch):
    known.report("b.csv", 40, 1)
    monkeypatch.setattr(Backtest, "fails", lambda tested, least: True)
    monkeypatch.setattr("admatch.decisions.recommend.refusals", lambda *told: [])
    assert night(known, LATER)["fitted_on"] == str(LATER)


def test_where_changes_drift_every_night_learns_anew(known, monkeypatch):
    monkeypatch.setattr(Learned, "drifted", lambda learned, least: True)
    known.report("b.csv", 40, 1)
    assert night(known, LATER)["fitted_on"] == str(DAY)  # whose facts did not tell of it yet
    assert night(known, LATER)["state"] == "nothing new"
    known.report("c.csv", 41, 1)
    day = LATER + timedelta(1)
    assert night(known, day)["fitted_on"] == str(day)
    assert night(known, day)["state"] == "nothing new"


def test_an_earlier_day_does_not_know_a_later_fit(known):
    told = night(known, FIRST + timedelta(19))
    assert told["rows"] == 20 * 6
    assert told["fitted_on"] == str(FIRST + timedelta(19))


def test_fits_are_carried_in_parquet(known):
    workspace = Workspace(read_job(known.job()).workspace)
    assert export_parquet(workspace, known.folder / "backup")["fits"] == 1
    workspace.close()
