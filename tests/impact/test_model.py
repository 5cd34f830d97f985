from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import admatch as am
from admatch.catalog.records import Catalog, Product
from admatch.errors import InputError
from admatch.impact.model import ImpactModel
from admatch.match.records import Matches
from admatch.reports.records import Granularity
from tests.impact.accounts import made, random_account, row


def test_posteriors_have_a_row_for_each_term_and_place():
    report = made(
        row("oil lamp", 10, 2),
        row("oil lamp", 5, 1, targeting="loose-match"),
        row("oil lamp", 8, 0, ad_group="Floor"),
        row("desk lamp", 3, 0),
    )
    table = am.ImpactModel().fit(report).posteriors
    assert table.height == 3
    first = table.row(0, named=True)
    assert (first["search_term"], first["ad_group"]) == ("oil lamp", "Desk")
    assert (first["clicks"], first["orders"], first["spend"]) == (15, 3, 7.5)
    assert first["targets"] == ["close-match", "loose-match"]
    assert table.select((pl.col("cvr_low") < pl.col("cvr")).all()).item()
    assert table.select((pl.col("cvr") < pl.col("cvr_high")).all()).item()
    assert 0.9 < first["maturity"] < 1


def test_thirty_rows_rest_on_shrinkage_and_say_so():
    model = ImpactModel().fit(made(*(row(f"lamp {n}", 1 + n % 7, n % 2) for n in range(30))))
    assert model.basis == "shrinkage"
    assert any("too few to learn what makes a term convert" in note.what for note in model.notes)


def test_words_are_learned_where_there_is_enough_to_learn_from():
    model = ImpactModel().fit(random_account(1, terms=1500))
    assert model.basis == "lightgbm"
    table = model.posteriors
    assert table["prior_cvr"].std() > 0.01


def test_chance_is_shrunk_away():
    """Ad groups alike, terms alike: nothing is to be learned."""
    rng = np.random.default_rng(3)
    rows = [row(f"lamp x{n}", 5, int(rng.binomial(5, 0.1))) for n in range(600)]
    model = ImpactModel().fit(made(*rows))
    assert model.basis == "shrinkage"
    assert model.posteriors["prior_cvr"].to_numpy() == pytest.approx(0.1, abs=0.02)


def test_more_evidence_moves_a_rate_towards_it():
    rates = []
    for clicks in (0, 10, 100, 1000):
        report = made(row("oil lamp", 500, 50), row("new lamp", clicks, 0))
        table = ImpactModel().fit(report, as_of=date(2026, 1, 1)).posteriors
        rates.append(table.filter(pl.col("search_term") == "new lamp")["cvr"][0])
    assert rates == sorted(rates, reverse=True)
    assert rates[-1] < 0.02


def test_the_same_seed_gives_the_same_numbers_in_any_order():
    report = random_account(5, terms=60)
    turned = made(*[dict(one) for one in reversed(report.frame.to_dicts())])
    first, second = ImpactModel(3).fit(report), ImpactModel(3).fit(turned)
    assert first.posteriors.equals(second.posteriors)
    assert np.array_equal(first.draws(20).sales, second.draws(20).sales)
    assert not np.array_equal(first.draws(20).sales, ImpactModel(4).fit(report).draws(20).sales)


def test_draws_agree_with_the_report_where_terms_are_large():
    report = made(*(row(f"lamp {n}", 400, 40) for n in range(30)))
    draws = ImpactModel().fit(report, as_of=date(2026, 1, 1)).draws(4000)
    assert draws.orders.dtype == np.float32
    assert draws.orders.shape == (4000, 30)
    assert draws.clicks.sum(axis=1).mean() == pytest.approx(12000, rel=0.03)
    assert draws.orders.sum(axis=1).mean() == pytest.approx(1200, rel=0.05)
    assert draws.spend.sum(axis=1).mean() == pytest.approx(6000, rel=0.05)
    assert draws.sales.sum(axis=1).mean() == pytest.approx(24000, rel=0.05)


def test_too_many_draws_are_refused():
    with pytest.raises(InputError, match="do not fit into memory"):
        ImpactModel().fit(made(row("lamp"))).draws(10**10)


def test_an_unfitted_model_says_so():
    with pytest.raises(InputError, match="call fit"):
        _ = ImpactModel().posteriors


def notes(*rows, **settings) -> str:
    return " ".join(map(str, ImpactModel().fit(made(*rows, **settings)).notes))


def test_bad_figures_are_corrected_and_noted():
    assert "1 row has a negative amount, -3 in all" in notes(row("lamp", spend=-3.0), row("oil"))
    assert "1 term has more orders than clicks" in notes(row("lamp", 2, 5), row("oil lamp"))
    assert "in EUR has no orders, so conversion" in notes(row("lamp", 5, 0))
    assert "has no sales, so ACOS cannot be computed" in notes(row("lamp", sales=None))
    assert "2 currencies" in notes(row("lamp"), row("lamp", currency="USD"))
    day = date(2025, 3, 1)
    assert "covers one day" in notes(row("lamp", start_date=day, end_date=day))
    assert "has no dates" in notes(row("lamp", start_date=None, end_date=None))


def test_every_note_can_be_said_in_chinese():
    nothing = {"sales": None, "start_date": None, "end_date": None}
    model = ImpactModel().fit(made(row("lamp", 2, 5), row("oil", 3, 0, currency="USD", **nothing)))
    assert len(model.notes) > 4
    for note in model.notes:
        for part in (note.what, note.remedy):
            assert any("一" <= letter <= "鿿" for letter in part.in_language("zh")), part


def test_an_account_of_zeros_has_posteriors():
    model = ImpactModel().fit(made(*(row(f"lamp {n}", 0, 0) for n in range(5))))
    assert model.posteriors["cvr"].to_numpy() == pytest.approx(0.08)
    assert model.draws(10).spend.sum() == 0


def test_an_empty_report_has_none():
    report = made(row("lamp"))
    empty = type(report)(report.frame.clear(), report.sources, report.granularity, 7)
    model = ImpactModel().fit(empty)
    assert model.posteriors.height == 0
    assert model.draws(5).sales.shape == (5, 0)


def test_orders_beyond_clicks_still_count():
    report = made(*(row(f"lamp {n}", 100, 150) for n in range(10)))
    draws = ImpactModel().fit(report, as_of=date(2026, 1, 1)).draws(1000)
    assert draws.orders.sum(axis=1).mean() == pytest.approx(1500, rel=0.1)


def test_currencies_are_never_mixed():
    cheap = [row(f"lamp {n}", 50, 5, currency="USD") for n in range(20)]
    dear = [row(f"lamp {n}", 50, 5, sales=5000.0, spend=900.0, currency="JPY") for n in range(20)]
    alone = ImpactModel().fit(made(*cheap)).posteriors
    both = ImpactModel().fit(made(*cheap, *dear)).posteriors.filter(pl.col("currency") == "USD")
    assert both["order_value"].to_numpy() == pytest.approx(alone["order_value"].to_numpy())
    assert both["cpc"].to_numpy() == pytest.approx(alone["cpc"].to_numpy())


def test_catalog_prices_stand_in_where_nothing_was_sold():
    catalog = Catalog.from_products([Product("B0LAMP", "Lamp", price=25.0, currency="EUR")])
    report = made(row("lamp", 5, 0), row("oil lamp", 5, 0))
    assert ImpactModel().fit(report).posteriors["order_value"].is_null().all()
    priced = ImpactModel().fit(report, catalog=catalog)
    assert priced.posteriors["order_value"].to_list() == [25.0, 25.0]


def daily(late: float, days: int = 28) -> list[dict]:
    """Return a row a day; on the last days only a part of the orders is known."""
    first = date(2025, 3, 1)
    rows = []
    for number in range(days):
        day, age = first + timedelta(days=number), days - number
        orders = round(100 * (1 - late * np.exp(-age / 2)))
        rows.append(row("lamp", 1000, orders, start_date=day, end_date=day))
    return rows


@pytest.mark.parametrize("late", [0.0, 0.8])
def test_lag_is_learned_from_daily_reports(late):
    report = made(*daily(late), granularity=Granularity.DAILY)
    table = ImpactModel().fit(report).posteriors
    assert table["cvr"][0] == pytest.approx(0.1, rel=0.02)
    assert (table["maturity"][0] > 0.99) == (late == 0.0)


def test_old_reports_are_mature():
    report = made(row("lamp"))
    assert ImpactModel().fit(report, as_of=date(2026, 1, 1)).posteriors["maturity"][0] > 0.999


odd = st.fixed_dictionaries(
    {
        "search_term": st.sampled_from(["lamp", "oil lamp", "b00ipgvvz4", "*", None]),
        "term_kind": st.sampled_from(["keyword", "asin", "star", "empty"]),
        "clicks": st.integers(-2, 50) | st.none(),
        "orders": st.integers(-2, 80) | st.none(),
        "impressions": st.integers(0, 1000) | st.none(),
        "spend": st.floats(-5, 100) | st.none(),
        "sales": st.floats(-5, 500) | st.none(),
        "sales_promoted": st.floats(0, 500) | st.none(),
        "currency": st.sampled_from(["EUR", "USD", None]),
        "campaign": st.sampled_from(["A", "B", None]),
        "ad_group": st.sampled_from(["x", "y", None]),
    }
)


@settings(max_examples=40, deadline=None)
@given(st.lists(odd, min_size=1, max_size=12))
def test_no_report_breaks_the_model(rows):
    model = ImpactModel().fit(made(*rows))
    table = model.posteriors
    assert table["cvr"].is_between(0, 1).all()
    assert (table["spend"] >= 0).all()
    draws = model.draws(10)
    assert np.isfinite(draws.spend).all()
    assert (draws.clicks >= 0).all()
    outlook = model.what_if(am.ChangeSet(()), draws=10)
    assert all(one.before == one.after for one in outlook.by_currency.values())


def matches_of(report) -> Matches:
    """Return matches that tell kids' terms from the others, and nothing else."""
    terms = report.frame["search_term"].unique().sort()
    kids = terms.str.contains("kids")
    products = pl.DataFrame(
        {
            "search_term": terms,
            "rank": 1,
            "product_id": kids.replace_strict({True: "K", False: "P"}),
            "title": "Lamp",
            "semantic_id": "T·1·2",
            "score": 1.0,
            "probability": 0.9,
        }
    )
    paths = kids.replace_strict({True: "T·1·2·3", False: "T·4·5·6"})
    found = pl.DataFrame({"search_term": terms, "probability": 0.9, "semantic_id": paths})
    return Matches(report, found, products)


def test_meaning_is_used_where_words_say_nothing():
    """Terms share no word; what they retrieve decides."""
    rng = np.random.default_rng(2)
    rows = []
    for number in range(1200):
        kind = "kids" if number % 2 else "plain"
        rate = 0.25 if number % 2 else 0.05
        rows.append(row(f"{kind}{number}", 6, int(rng.binomial(6, rate))))
    report = made(*rows)
    table = ImpactModel().fit(report, matches_of(report)).posteriors
    means = table.group_by(pl.col("search_term").str.contains("kids")).agg(
        pl.col("prior_cvr").mean()
    )
    means = dict(means.rows())
    assert means[True] > 0.15 > 0.1 > means[False]
