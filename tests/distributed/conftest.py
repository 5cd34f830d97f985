"""Terms in partitioned Parquet, and an index whose encoder knows words only."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from admatch.catalog.records import Catalog, Product
from admatch.distributed.match import ADDED, match_rows
from admatch.index.index import Index
from tests.conftest import WordEncoder

THINGS = ("hose", "pump", "lamp", "chair", "mug", "drill")
LOOKS = ("red", "blue", "steel", "garden", "small", "folding", "warm", "old", "round", "light")


@pytest.fixture
def index_folder(model, tmp_path) -> Path:
    """The folder of a saved index of 60 things."""
    titles = [f"{look} {thing}" for look in LOOKS for thing in THINGS]
    catalog = Catalog.from_products([Product(f"P{i}", title) for i, title in enumerate(titles)])
    Index.build(catalog, encoder=WordEncoder(), model=model).save(tmp_path / "index")
    return tmp_path / "index"


def some_terms(count: int, seed: int) -> pl.DataFrame:
    """Return rows with repeated terms, other kinds of cells, and columns of their own."""
    rng = np.random.default_rng(seed)
    words = [*THINGS, *LOOKS, "tyre", "bread"]
    terms = [" ".join(rng.choice(words, 1 + i % 3)) for i in range(count)]
    for place, odd in ((0, "*"), (1, "B012345678"), (2, None), (3, ""), (4, "Red  HOSE")):
        terms[place::50] = [odd] * len(terms[place::50])
    clicks = rng.integers(0, 9, count)
    return pl.DataFrame({"place": [f"{seed}-{i}" for i in range(count)], "search_term": terms}
    ).with_columns(clicks=pl.Series(clicks))  # fmt: skip


@pytest.fixture
def terms(tmp_path) -> Path:
    """A folder of three files in two partitions, 1,000 rows, in small row groups."""
    folder = tmp_path / "terms"
    for number, (day, count) in enumerate((("1", 400), ("1", 250), ("2", 350))):
        (part := folder / f"day={day}").mkdir(parents=True, exist_ok=True)
        some_terms(count, number).write_parquet(part / f"{number}.parquet", row_group_size=97)
    return folder


def read_all(folder: Path) -> pl.DataFrame:
    """Return the rows of a folder of Parquet, by their place."""
    parts = [pl.read_parquet(path) for path in sorted(folder.rglob("*.parquet"))]
    return pl.concat(parts).sort("place")


def assert_as_single_machine(out: Path, terms: Path, index_folder: Path) -> None:
    """Check every row against the index asked for all rows at once: none lost, none doubled."""
    index = Index.load(index_folder, encoder=WordEncoder())
    expected = match_rows(index, read_all(terms))
    found = read_all(out)
    exact = [name for name in expected.columns if "probability" not in name and name != "retrieved"]
    assert found.columns == expected.columns
    assert set(ADDED) < set(found.columns)
    assert found.select(exact).equals(expected.select(exact))
    for name in ("probability", "related_probability", "product_probability"):
        np.testing.assert_allclose(found[name].to_numpy(), expected[name].to_numpy(), rtol=1e-5)
    assert found["retrieved"].list.len().equals(expected["retrieved"].list.len())
