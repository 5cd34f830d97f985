"""Each row aims at the target and the margin of its own product, campaign, portfolio or brand."""

import polars as pl
import pytest

from admatch.catalog.records import Catalog, Product
from admatch.decisions.goals import Goals, portfolios_of, with_goals
from admatch.errors import InputError
from admatch.reports.account.records import ACCOUNT_SCHEMA, Account, Entity

CATALOG = Catalog.from_products(
    [
        Product("HOSE", "Hose", "Acme", price=20.0, currency="USD", cost=8.0, fees=4.0),
        Product("REEL", "Reel", "Acme", sku="R-1", margin=0.5, target_acos=0.2),
        Product("POT", "Pot", "Zed", price=10.0, currency="EUR", cost=4.0),
        Product("FREE", "Thing"),
    ]
)
NO_ADS = pl.DataFrame(schema=dict.fromkeys(("campaign", "ad_group", "product_id"), pl.String))
PORTFOLIOS = pl.DataFrame({"campaign": ["Garden"], "portfolio": ["Spring"]})


def row(product=None, campaign="Other", ad_group="A", outcome="match", currency="USD"):
    return {
        "currency": currency, "campaign": campaign, "ad_group": ad_group,
        "product_id": product, "outcome": outcome,
    }  # fmt: skip


def aimed(*rows, shown=NO_ADS, catalog=CATALOG, account=None, **goals):
    """Return target and margin of each row, and the notes."""
    schema = dict.fromkeys(row(), pl.String)
    frame = pl.DataFrame(rows, schema=schema).with_row_index("row")
    asked = Goals(**({"target_acos": 0.3} | goals))
    found, notes = with_goals(frame, asked, catalog, account, PORTFOLIOS, shown)
    assert found["row"].to_list() == list(range(len(rows)))
    pairs = [
        (round(target, 4), None if margin is None else round(margin, 4))
        for target, margin in found.select("target_acos", "margin").iter_rows()
    ]
    worth = [target if margin is None else margin for target, margin in pairs]
    assert found["worth"].round(4).to_list() == worth
    return pairs, notes


def ads(*pairs):
    lines = [("Garden", group, product) for group, product in pairs]
    return pl.DataFrame(lines, schema=NO_ADS.schema, orient="row")


def test_columns_of_the_catalog_come_before_the_default():
    found, notes = aimed(row("HOSE"), row("REEL"), row("FREE"), row(None), margin=0.35)
    assert found == [(0.3, 0.4), (0.2, 0.5), (0.3, 0.35), (0.3, 0.35)]
    assert {one.id for one in notes} == {"decisions.goals.other_currency"}  # of POT


def test_a_term_that_matches_nothing_is_about_no_product():
    assert aimed(row("REEL", outcome="none"), row("REEL", outcome=None))[0] == [(0.3, None)] * 2


def test_names_count_from_the_product_to_the_brand():
    targets = {"Acme": 0.11, "Spring": 0.12, "Garden": 0.13, "r-1": 0.14}
    found, notes = aimed(
        row("HOSE"), row("HOSE", "Garden"), row("REEL", "Garden"), row("POT"), targets=targets
    )
    assert [target for target, _ in found] == [0.11, 0.13, 0.14, 0.3]
    assert len(notes) == 1
    spring = {"Spring": 0.12, "Acme": 0.11}
    assert aimed(row("HOSE", "Garden"), targets=spring)[0][0][0] == 0.12
    margins = {"Acme": 0.6, "Garden": 0.7}
    pairs = aimed(row("HOSE"), row("FREE", "Garden"), row("REEL"), margins=margins)[0]
    assert [margin for _, margin in pairs] == [0.4, 0.7, 0.5]  # columns first, then names


def test_an_ad_group_counts_for_terms_that_name_no_product_of_its_own():
    shown = ads(("A", "HOSE"), ("A", "REEL"), ("B", "REEL"), ("B", "FREE"))
    found, _ = aimed(
        row("REEL", "Garden"), row("POT", "Garden"), row(None, "Garden"),
        row(None, "Garden", "B"), row("REEL", "Garden", "B"), shown=shown,
    )  # fmt: skip
    own, average = (0.2, 0.5), (0.25, 0.45)
    assert found == [own, average, average, (0.25, None), own]  # FREE's margin is unknown


def test_costs_say_nothing_about_sales_in_another_currency():
    found, notes = aimed(row("POT"), row("HOSE"), row("REEL"))
    assert found == [(0.3, None), (0.3, 0.4), (0.2, 0.5)]  # a share needs no currency
    assert [one.id for one in notes] == ["decisions.goals.other_currency"]
    assert "EUR" in notes[0]
    assert aimed(row("POT", currency="EUR"))[0] == [(0.3, 0.6)]
    assert aimed(row("POT", currency=None))[0] == [(0.3, 0.6)]


def test_a_name_that_is_not_there_is_said_and_nothing_is_lost():
    found, notes = aimed(row("POT", "Garden"), targets={"Gardn": 0.2, "Nowhere": 0.1, "zed ": 0.4})
    assert found[0][0] == 0.4
    said = [one for one in notes if one.id != "decisions.goals.other_currency"]
    assert [one.id for one in said] == ["decisions.goals.misspelt", "decisions.goals.unknown"]
    assert "'Garden'" in said[0]


def test_without_products():
    assert aimed(row(None, "Garden"), catalog=None, targets={"Spring": 0.1})[0] == [(0.1, None)]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"targets": {"A": 30}}, "'A': .* written 0.3"),
        ({"targets": {"A": -0.1}}, "'A': the target"),
        ({"margins": {"B": 1.2}}, "'B': the margin"),
        ({"margins": {"B": float("nan")}}, "'B'"),
        ({"margin": 0}, "margin"),
        ({"target_acos": 0}, "target"),
    ],
)
def test_what_cannot_be_meant_is_refused(given, said):
    with pytest.raises(InputError, match=said):
        Goals(**({"target_acos": 0.3} | given))


def test_portfolios_are_found_by_their_id_or_in_the_report():
    lines = [
        {"entity": Entity.PORTFOLIO.value, "portfolio_id": "9", "portfolio": "Spring"},
        {"entity": Entity.CAMPAIGN.value, "portfolio_id": "9", "campaign": "Garden"},
        {"entity": Entity.CAMPAIGN.value, "portfolio": "Named", "campaign": "Other"},
    ]
    account = Account(pl.DataFrame(lines, schema=ACCOUNT_SCHEMA), (), ())
    report = pl.DataFrame({"campaign": ["Garden", "Third"], "portfolio": ["Old", "Own"]})
    found = portfolios_of(report, account)
    assert dict(found.iter_rows()) == {"Garden": "Spring", "Other": "Named", "Third": "Own"}
    assert dict(portfolios_of(report, None).iter_rows()) == {"Garden": "Old", "Third": "Own"}
