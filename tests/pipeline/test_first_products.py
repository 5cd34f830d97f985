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
    given = {"search_term": ["a", "b", "c", "d"], "product_id": "P1", "title": "One"}
    given |= {"before": "P2", "title_before": "Two", "alone": [0.0, 3.0, 0.0, 0.0]}
    given |= {"shown": [12.2, 1.0, 0.4, 0.4], "beside": [40.0, 0.0, 0.0, 2.6]}
    rows = pl.DataFrame(given)
    found = moved_lines(rows)
    assert found["why"].to_list() == [
        "12 orders after clicks on its ad for this keyword or target",
        "3 orders in ad groups that advertise it alone, or are named after it",
        "other terms about it sell in the same ad groups as this one",
        "the term sells in ad groups that advertise it",
    ]
    assert moved_lines(rows.clear()).is_empty()


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
