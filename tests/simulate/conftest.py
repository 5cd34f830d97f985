from pathlib import Path

import pytest

from admatch.catalog.reader import read_catalog
from admatch.simulate.simulation import simulate

SAMPLE = Path(__file__).parents[2] / "data" / "sample"


@pytest.fixture(scope="session")
def groceries():
    return read_catalog(SAMPLE / "catalog.csv")


@pytest.fixture(scope="session")
def simulation(groceries):
    return simulate(groceries, seed=7, days=60, terms=600)
