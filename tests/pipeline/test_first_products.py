"""Orders that change the first product of terms are told, term by term."""

import polars as pl
import pytest

import admatch as am
from admatch.pipeline.insight_notes import insight_notes
from admatch.pipeline.moved import moved_lines
from admatch.simulate.simulation import simulate
from admatch.simulate.write import write_simulation
from tests.make_sample import SAMPLE


def test_every_term_has_its_reason():
    rows = [
        ("a", "P1", "One", "P2", "Two", 0.0, 12.2), ("b", "P1", "One", "P2", "Two", 3.0, 1.0),
        ("c", "P1", "One", "P2", "Two", 0.0, 0.4),
    ]  # fmt: skip
    names = ["search_term", "product_id", "title", "before", "title_before", "alone", "shown"]
    found = moved_lines(pl.DataFrame(rows, schema=names, orient="row"))
    assert found["why"].to_list() == [
        "12 orders after clicks on its ad for this keyword or target",
        "3 orders in ad groups that advertise nothing else",
        "the term sells in ad groups that advertise it",
    ]
    assert moved_lines(pl.DataFrame([], schema=dict.fromkeys(names, pl.Float64))).is_empty()


@pytest.mark.long
def test_purchased_products_are_heard_told_and_written(tmp_path):
    catalog = am.read_catalog(SAMPLE / "catalog.csv")
    write_simulation(simulate(catalog, seed=1, days=90, terms=600), tmp_path, {})
    terms, bought = tmp_path / "search_terms.csv", tmp_path / "purchased_products.csv"
    options, cache = am.AnalysisOptions(target_acos=0.30), am.FolderCache()
    plain, informed = (
        am.analyse(given, catalog, tmp_path / "bulk.xlsx", options, cache=cache)
        for given in (terms, [terms, bought])
    )
    assert informed.moved.filter(pl.col("shown") > 0).height > plain.moved.height / 4
    assert plain.moved["shown"].sum() == 0
    assert informed.matches.terms.equals(plain.matches.terms)  # a term is as much one's own
    assert any("first_products.csv" in one for one in insight_notes(informed))
    informed.write(tmp_path / "out", am.Outputs(html=False, matches=False, bulk=False))
    written = pl.read_csv(tmp_path / "out" / "first_products.csv")
    assert written["search_term"].sort().equals(informed.moved["search_term"].sort())
