"""A catalog that is not the advertiser's is noticed, and said before anything else."""

from dataclasses import replace
from types import SimpleNamespace

import polars as pl
import pytest

from admatch.catalog.records import Catalog, Product
from admatch.cli.verbs.run import _report
from admatch.decisions.recommend import recommend
from admatch.export.recommendations import write_recommendations_html
from admatch.impact.model import ImpactModel
from admatch.pipeline.analyse import Understood, advise
from admatch.pipeline.catalog_doubts import catalog_doubts
from admatch.pipeline.history import ChangeHistory
from admatch.pipeline.options import AnalysisOptions
from admatch.reports.account.records import ACCOUNT_SCHEMA, Account, Entity
from tests.decisions.conftest import (
    GOOD,
    background,
    entity,
    make_catalog,
    make_matches,
    make_report,
    term,
)

SHARE = "WRONG CATALOG? 58\u00a0% of the spend on the 12 terms that sold, $3,600.00 in all, went to"


def matches(about, rows=()):
    return make_matches(make_report([*background(), *rows]), about)


def test_what_sold_is_about_none_of_the_products():
    foreign = {text: 0.02 for text in GOOD[:7]}
    assert [str(one)[: len(SHARE)] for one in catalog_doubts(matches(foreign), None)] == [SHARE]


@pytest.mark.parametrize(
    ("about", "rows"),
    [
        ({text: 0.02 for text in GOOD[:6]}, []),  # half of what sold
        ({}, [term("garden gnome", 9_000)]),  # most of the spend, but nobody bought
        ({f"gnome {n}": 0.02 for n in range(4)}, [term(f"gnome {n}", 9, 1) for n in range(4)]),
    ],
)
def test_an_own_catalog_raises_no_doubt(about, rows):
    assert catalog_doubts(matches(about, rows), None) == ()


def test_few_terms_that_sold_say_nothing():
    few = make_report([term(f"gnome {n}", 9, 1) for n in range(4)])
    assert catalog_doubts(make_matches(few, default=0.02), None) == ()


def account(*products):
    rows = [entity(Entity.PRODUCT_AD, "Auto", "All", **one) for one in products]
    return Account(pl.DataFrame(rows, schema=ACCOUNT_SCHEMA), (), ("bulk",))


def said(products, *advertised):
    about = make_matches(make_report(background()))
    known = Catalog.from_products(products)
    found = catalog_doubts(SimpleNamespace(frame=about.frame, catalog=known), account(*advertised))
    return " ".join(found)


ASINS = [{"asin": f"B0HOSE000{n}", "sku": f"H-{n}"} for n in range(6)]


def test_most_advertised_products_are_absent():
    others = [Product(f"B0SHOE000{n}", f"Shoe {n}") for n in range(9)]
    message = said(others, *ASINS)
    assert "6 of 6 advertised products are not in the catalog, such as B0HOSE0000" in message
    half = [Product(f"B0HOSE000{n}/H", f"Hose {n}") for n in range(3)]
    assert said([*half, *others], *ASINS) == ""


@pytest.mark.parametrize(
    "products",
    [
        [Product(str(n), f"Hose {n}", sku=f"h-{n}") for n in range(6)],  # found by SKU
        [Product(f"B0TUBE000{n}", "Hose", parent_id=f"b0hose000{n}") for n in range(6)],
        [Product(f"400638133393{n}", f"Hose {n}") for n in range(6)],  # no kind of ID in common
    ],
)
def test_products_under_other_ids_raise_no_doubt(products):
    assert said(products, *ASINS) == ""


def test_doubts_come_first_in_what_is_decided_and_written(tmp_path):
    report = make_report(background())
    found = replace(make_matches(report, default=0.02), catalog=make_catalog())
    model = ImpactModel(seed=7).fit(report, found, catalog=make_catalog())
    held = {
        "options": AnalysisOptions(target_acos=0.3), "report": report, "matches": found,
        "model": model, "fit": SimpleNamespace(backtest=None),
        "doubts": catalog_doubts(found, None),
    }  # fmt: skip
    known = Understood(**dict.fromkeys(Understood.__dataclass_fields__) | held)
    learned = SimpleNamespace(correction=None)
    advice = advise(known, ChangeHistory(), learned)
    assert advice.warnings[0].startswith("WRONG CATALOG? 100\u00a0%")
    page = tmp_path / "page.html"
    write_recommendations_html(advice, report, None, page)
    text = page.read_text("utf-8")
    assert 0 < text.index("WRONG CATALOG?") < text.index("<h1>")
    assert text.count("WRONG CATALOG?") == 1
    shown = advice._repr_html_()
    assert 0 < shown.index("WRONG CATALOG?") < shown.index("<b>")
    assert shown.count("WRONG CATALOG?") == 1
    plain = recommend(report, found, model, target_acos=0.3, catalog=make_catalog())
    assert "WRONG CATALOG?" not in plain._repr_html_()


def test_a_job_says_it_before_what_it_did(capsys):
    _report({"account": "Shop", "state": "nothing new", "doubts": ["WRONG CATALOG? 6 of 6"]})
    first, second = capsys.readouterr().err.splitlines()
    assert "WRONG CATALOG? 6 of 6" in first
    assert "WRONG" not in second
