import numpy as np
import polars as pl
import pytest

from admatch.decisions.backtest import Backtest, backtest
from admatch.reports.reader import read_report
from admatch.simulate.simulation import simulate
from admatch.simulate.write import write_simulation
from tests.decisions.conftest import background, make_catalog, make_report, term


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    from pathlib import Path

    from admatch.catalog.reader import read_catalog

    sample = Path(__file__).parents[2] / "data" / "sample" / "catalog.csv"
    folder = tmp_path_factory.mktemp("account")
    write_simulation(simulate(read_catalog(sample), seed=5, days=60, terms=600), folder, {})
    return folder


@pytest.mark.parametrize(
    ("name", "by_time"), [("search_terms.csv", False), ("search_terms_daily.csv", True)]
)
def test_an_account_that_the_model_fits(folder, name, by_time):
    found = backtest(read_report(folder / name), None, catalog=make_catalog())
    assert found.by_time is by_time
    assert found.coverage is None or 0.3 < found.coverage <= 1
    assert not found.fails(0.5)
    both = found.calibration.select("expected", "observed").to_numpy()
    assert np.corrcoef(both.T)[0, 1] > (0.2 if by_time else 0.7)  # later days are few
    assert (found.calibration["low"] <= found.calibration["expected"]).all()


def test_too_little_to_split():
    assert backtest(make_report([term("hose", 3, 1)]), None) is None
    assert backtest(make_report([term("hose", 0)]), None) is None
    few = backtest(make_report(background()), None)
    assert few is None or few.coverage is None


def test_only_what_is_no_accident_fails():
    nothing = pl.DataFrame()
    assert Backtest(True, 0.5, 60, nothing).fails(0.7)
    assert not Backtest(True, 0.5, 5, nothing).fails(0.7)
    assert not Backtest(True, None, 3, nothing).fails(0.7)
