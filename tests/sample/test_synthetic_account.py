"""The generator's promises: Amazon's format, sums that agree, a truth that is true."""

import re
from datetime import date
from pathlib import Path

import numpy as np
import openpyxl
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from admatch.catalog.reader import read_catalog
from admatch.catalog.records import Catalog, Product
from admatch.errors import InputError
from admatch.simulate.bulk import write_bulk_xlsx
from admatch.simulate.console import write_console_csv, write_console_xlsx
from admatch.simulate.words import fold, folded, misspell, name_of, plural, tokens
from tests.sample.synthetic_account import SyntheticAccount, synthesize_account

CATALOG = Path(__file__).parents[2] / "data/sample/catalog.csv"
# As Amazon writes them, blanks at the end included.
SUMMARY_HEADERS = [
    "Start Date",
    "End Date",
    "Portfolio name",
    "Currency",
    "Campaign Name",
    "Ad Group Name",
    "Retailer",
    "Country",
    "Targeting",
    "Match Type",
    "Customer Search Term",
    "Impressions",
    "Clicks",
    "Click-Thru Rate (CTR)",
    "Cost Per Click (CPC)",
    "Spend",
    "7 Day Total Sales ",
    "Total Advertising Cost of Sales (ACOS) ",
    "Total Return on Advertising Spend (ROAS)",
    "7 Day Total Orders (#)",
    "7 Day Total Units (#)",
    "7 Day Conversion Rate",
    "7 Day Advertised SKU Units (#)",
    "7 Day Other SKU Units (#)",
    "7 Day Advertised SKU Sales ",
    "7 Day Other SKU Sales ",
]
TERM = "Customer Search Term"
KEY = ["Campaign Name", "Ad Group Name", "Targeting", "Match Type", TERM]
COUNTED = [
    "Impressions",
    "Clicks",
    "Spend",
    "7 Day Total Sales ",
    "7 Day Total Orders (#)",
    "7 Day Total Units (#)",
    "7 Day Advertised SKU Units (#)",
    "7 Day Other SKU Units (#)",
    "7 Day Advertised SKU Sales ",
    "7 Day Other SKU Sales ",
]
KINDS = {"relevant", "vague", "misspelt", "competitor", "off_catalog", "asin", "star"}


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return read_catalog(CATALOG)


@pytest.fixture(scope="module")
def account(catalog: Catalog) -> SyntheticAccount:
    return synthesize_account(catalog, seed=11)


def test_headers_are_amazons(account):
    assert account.summary.columns == SUMMARY_HEADERS
    assert account.daily.columns == ["Date", *SUMMARY_HEADERS[2:]]


def test_the_summary_is_the_sum_of_the_days(account):
    sums = account.daily.group_by(KEY).agg(
        pl.col("Date").min().alias("Start Date"),
        pl.col("Date").max().alias("End Date"),
        pl.col(COUNTED).sum(),
    )
    assert sums.height == account.summary.height
    both = account.summary.join(sums, on=KEY, suffix=" daily", validate="1:1")
    assert both.height == account.summary.height
    for column in ("Start Date", "End Date", *COUNTED):
        if both[column].dtype == pl.Float64:
            assert np.allclose(both[column], both[f"{column} daily"], atol=1e-6)
        else:
            assert both[column].equals(both[f"{column} daily"], check_names=False)


def test_figures_hang_together(account):
    for report in (account.summary, account.daily):
        clicks, orders = report["Clicks"], report["7 Day Total Orders (#)"]
        assert (clicks >= 1).all()
        assert (report["Impressions"] >= clicks).all()
        assert (orders <= clicks).all()
        assert (report["7 Day Total Units (#)"] >= orders).all()
        assert (report["Cost Per Click (CPC)"] >= 0.02 - 1e-9).all()
        units = report["7 Day Advertised SKU Units (#)"] + report["7 Day Other SKU Units (#)"]
        assert units.equals(report["7 Day Total Units (#)"], check_names=False)
        sales = report["7 Day Advertised SKU Sales "] + report["7 Day Other SKU Sales "]
        assert np.allclose(sales, report["7 Day Total Sales "])
        sold = report.filter(pl.col("7 Day Total Sales ") > 0)
        acos = sold["Total Advertising Cost of Sales (ACOS) "]
        assert np.allclose(acos, sold["Spend"] / sold["7 Day Total Sales "])
        unsold = report.filter(pl.col("7 Day Total Sales ") == 0)
        assert unsold["Total Advertising Cost of Sales (ACOS) "].null_count() == unsold.height


def test_days_stay_in_the_period(catalog):
    account = synthesize_account(catalog, seed=1, days=3, start=date(2024, 2, 28))
    days = account.daily["Date"]
    assert (days.min(), days.max()) == (date(2024, 2, 28), date(2024, 3, 1))


def test_every_term_has_a_truth_and_every_truth_a_term(account):
    terms = account.truth["search_term"]
    assert terms.is_unique().all()
    assert set(terms) == set(account.summary[TERM]) == set(account.daily[TERM])
    assert 330 <= len(terms) <= 360
    assert set(account.truth["kind"]) == KINDS


def test_the_truth_names_products_of_the_catalog(account, catalog):
    about = account.truth.explode("product_ids").drop_nulls("product_ids")
    assert all(product_id in catalog for product_id in about["product_ids"])
    count = pl.col("product_ids").list.len()
    by_kind = account.truth.group_by("kind").agg(least=count.min(), most=count.max())
    bounds = {kind: (least, most) for kind, least, most in by_kind.iter_rows()}
    assert bounds["off_catalog"] == bounds["star"] == (0, 0)
    assert bounds["asin"] == (0, 1)
    assert all(bounds[kind][0] >= 1 for kind in ("relevant", "misspelt", "competitor"))
    assert bounds["vague"][0] >= 2


def test_a_relevant_term_is_about_the_products_with_its_words(account, catalog):
    about = dict(account.truth.select("search_term", "product_ids").iter_rows())
    apples = {one.product_id for one in catalog if one.category == "Fruit > Apple"}
    oranges = {one.product_id for one in catalog if (one.category or "").endswith("> Juice")}
    assert set(about.get("apples", about.get("apple", apples))) == apples
    for term in ("orange juice", "juice", "apple juice"):
        assert set(about.get(term, oranges)) <= oranges


def test_a_rival_is_no_brand_of_ones_own(account, catalog):
    brands = {one.brand.lower() for one in catalog if one.brand}
    rivals = account.truth.filter(pl.col("kind") == "competitor")["search_term"]
    assert not [term for term in rivals if any(term.startswith(f"{brand} ") for brand in brands)]


def test_relevant_terms_convert_best(account):
    clicks = account.summary.join(account.truth, left_on=TERM, right_on="search_term")
    rates = clicks.group_by("kind").agg(
        (pl.col("7 Day Total Orders (#)").sum() / pl.col("Clicks").sum()).alias("rate")
    )
    rate = dict(rates.iter_rows())
    assert rate["relevant"] > rate["vague"] > rate["off_catalog"]
    assert rate["misspelt"] > rate["competitor"] > rate["off_catalog"]


def test_orders_follow_the_true_rate(catalog):
    account = synthesize_account(catalog, seed=3, days=900)
    clicks = account.summary.join(account.truth, left_on=TERM, right_on="search_term")
    expected = (clicks["Clicks"] * clicks["true_cvr"]).sum()
    assert clicks["7 Day Total Orders (#)"].sum() == pytest.approx(expected, rel=0.05)


def test_targets_are_spelt_as_amazon_does(account):
    pages = r'close-match|loose-match|substitutes|complements|asin="B0[A-Z0-9]{8}"|category=".+"'
    for targeting, match_type, term in account.summary.select(KEY[2:]).iter_rows():
        assert match_type in {"BROAD", "PHRASE", "EXACT", "-"}
        assert bool(re.fullmatch(pages, targeting)) == (match_type == "-")
        if re.fullmatch(r"b0[a-z0-9]{8}|\*", term):
            assert match_type == "-"
            assert targeting not in {"close-match", "loose-match"}
    assert account.summary["Campaign Name"].n_unique() >= 6
    assert set(account.summary["Match Type"]) == {"BROAD", "PHRASE", "EXACT", "-"}


def test_the_same_seed_gives_the_same_account(catalog, account):
    again = synthesize_account(catalog, seed=11)
    assert again.daily.equals(account.daily)
    assert again.summary.equals(account.summary)
    assert again.truth.equals(account.truth)
    assert not synthesize_account(catalog, seed=12).daily.equals(account.daily)


def test_csv_cells_look_like_the_consoles(account, tmp_path):
    write_console_csv(account.daily, tmp_path / "daily.csv")
    lines = (tmp_path / "daily.csv").read_text("utf-8").splitlines()
    assert lines[0] == ",".join(account.daily.columns)
    cells = pl.read_csv(tmp_path / "daily.csv", infer_schema=False)
    patterns = {
        "Date": r"^[A-Z][a-z]{2} \d{2}, \d{4}$",
        "Spend": r"^\$\d+\.\d{2}$",
        "Click-Thru Rate (CTR)": r"^\d+\.\d{4}%$",
        "7 Day Conversion Rate": r"^\d+\.\d{4}%$",
        "Total Return on Advertising Spend (ROAS)": r"^\d+\.\d{2}$",
        "7 Day Total Orders (#)": r"^\d+$",
    }
    for column, pattern in patterns.items():
        assert cells[column].str.contains(pattern).all(), column
    acos = cells["Total Advertising Cost of Sales (ACOS) "]
    assert acos.drop_nulls().str.contains(r"^\d+\.\d{4}%$").all()
    assert (
        acos.null_count() == account.daily["Total Advertising Cost of Sales (ACOS) "].null_count()
    )


def test_xlsx_cells_are_typed(account, tmp_path):
    write_console_xlsx(account.summary, tmp_path / "summary.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "summary.xlsx").active
    assert sheet.title == "Sponsored Product Search Term R"
    header, *rows = sheet.iter_rows(values_only=True)
    assert list(header) == SUMMARY_HEADERS
    assert len(rows) == account.summary.height
    for row, cells in zip(rows, account.summary.iter_rows(), strict=True):
        assert row[0].date() == cells[0]
        assert row[2:13] == cells[2:13]
        assert row[13:] == pytest.approx(cells[13:], nan_ok=True)


SMALL = {
    "one plain product": [Product("1", "Cup")],
    "no category": [Product("1", "Blue Steel Cup 0.5 L"), Product("2", "Red Lamp", price=30.0)],
    "short words": [Product("1", "Go"), Product("2", "A b")],
    "other letters": [
        Product("B0TEST0001", "シリコンホース 5m 青", category="ホース", price=900.0)
    ],
    "electronics": [
        Product(
            f"E{number}",
            f"Acme USB-C Charger {number}0 W, {color} with Cable",
            brand="Acme",
            category="Electronics > Chargers",
            price=19.0 + number,
            currency="EUR",
            attributes=(("color", color),),
        )
        for number, color in enumerate(("black", "white", "red"))
    ],
}


@pytest.mark.parametrize("products", SMALL.values(), ids=SMALL)
def test_any_catalog_will_do(products, tmp_path):
    catalog = Catalog.from_products(products)
    account = synthesize_account(catalog, seed=5, days=7, terms=40)
    assert len(account.summary)
    assert {"star", "off_catalog", "relevant"} <= set(account.truth["kind"])
    write_console_csv(account.summary, tmp_path / "report.csv")


def test_what_a_catalog_sells_is_never_off_catalog():
    account = synthesize_account(Catalog.from_products(SMALL["electronics"]), seed=5)
    off = account.truth.filter(pl.col("kind") == "off_catalog")["search_term"]
    assert len(off) > 20
    assert not [term for term in off if {"charger", "usb"} & folded(term)]
    assert set(account.summary["Currency"]) == {"EUR"}
    assert set(account.summary["Country"]) == {"Germany"}


def test_a_catalog_without_products_is_refused():
    with pytest.raises(InputError, match="holds no product"):
        synthesize_account(Catalog.from_products([]), seed=1)


@pytest.mark.parametrize(
    ("title", "brand", "name"),
    [
        ("Arla Natural Mild Low-Fat Yoghurt 0.5%, 1 L", "Arla", "natural mild low-fat yoghurt"),
        ("Ripe Avocados for Guacamole, Pack of 4", None, "ripe avocados"),
        ("USB-C Charger 30 W | Fast | White", None, "usb-c charger w"),
    ],
)
def test_names_are_cut_from_titles(title, brand, name):
    assert " ".join(name_of(title, brand)) == name


@pytest.mark.parametrize(
    ("many", "one"),
    [
        ("tomatoes", "tomato"),
        ("peaches", "peach"),
        ("berries", "berry"),
        ("glass", "glass"),
        ("apples", "apple"),
    ],
)
def test_plurals_fold(many, one):
    assert fold(many) == one
    assert fold(one) == one
    if many != one:
        assert plural(one) == many
        assert plural(many) == one


@given(
    st.text(st.characters(codec="ascii", categories=["Ll"]), min_size=2, max_size=12),
    st.integers(0, 99),
)
def test_a_slip_changes_little(word, seed):
    slipped = misspell(word, np.random.default_rng(seed))
    assert slipped[0] == word[0]
    assert abs(len(slipped) - len(word)) <= 1
    if len(word) < 4:
        assert slipped == word


@given(st.text(max_size=40))
def test_any_text_can_be_taken_apart(text):
    assert all(token == token.lower() for token in tokens(text) if token.isascii())
    assert folded(text) == folded(" ".join(tokens(text)))


def _sums(report, *headers):
    return [round(float(report[header].sum()), 2) for header in headers]


def test_the_bulk_file_tells_the_same_account(account, tmp_path):
    path = tmp_path / "bulk.xlsx"
    write_bulk_xlsx(account.bulk, path)
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == ["Portfolios", "Sponsored Products Campaigns"]
    header, *rows = book["Sponsored Products Campaigns"].values
    assert len(header) == 52
    lines = [dict(zip(header, row, strict=True)) for row in rows]
    console = ("Impressions", "Clicks", "Spend", "7 Day Total Sales ", "7 Day Total Orders (#)")
    wanted = _sums(account.summary, *console)
    for level in (["Campaign"], ["Ad Group"], ["Product Ad"], ["Keyword", "Product Targeting"]):
        written = [line for line in lines if line["Entity"] in level]
        names = ("Impressions", "Clicks", "Spend", "Sales", "Orders")
        assert [round(sum(line[name] for line in written), 2) for name in names] == wanted
    assert {line["Bidding Strategy"] for line in lines if line["Entity"] == "Campaign"} == {
        "Dynamic bids – down only"
    }
    ids = ("Campaign ID", "Ad Group ID", "Ad ID", "Keyword ID", "Product Targeting ID")
    written = [line[name] for line in lines for name in ids if line[name] is not None]
    assert all(re.fullmatch(r"\d{15}", one) for one in written)
    targets = [line["Keyword ID"] or line["Product Targeting ID"] for line in lines]
    targets = [one for one in targets if one]
    assert len(targets) == len(set(targets))


def test_the_bulk_file_has_every_target_and_negates_no_term(account):
    rows = account.bulk["Sponsored Products Campaigns"]
    target = pl.coalesce("Keyword Text", "Product Targeting Expression").alias("Targeting")
    key = ["Campaign Name", "Ad Group Name", "Targeting"]
    written = rows.filter(pl.col("Entity").is_in(["Keyword", "Product Targeting"])).select(
        pl.col("Campaign Name (Informational only)").alias("Campaign Name"),
        pl.col("Ad Group Name (Informational only)").alias("Ad Group Name"),
        target,
        "Bid",
        "CPC",
    )
    assert account.summary.join(written, on=key, how="anti").height == 0
    assert (written["Bid"] >= written["CPC"]).all()
    negatives = rows.filter(pl.col("Entity").str.contains("Negative"))["Keyword Text"].drop_nulls()
    assert len(negatives)
    for word in negatives:
        assert not account.summary[TERM].str.contains(word, literal=True).any()


def test_the_advertised_product_report_sums_to_the_same(account, catalog):
    report = account.advertised
    assert report.columns[:10] == [
        "Start Date", "End Date", "Portfolio name", "Currency", "Campaign Name", "Ad Group Name",
        "Retailer", "Country", "Advertised SKU", "Advertised ASIN",
    ]  # fmt: skip
    assert TERM not in report.columns
    assert _sums(report, *COUNTED) == _sums(account.summary, *COUNTED)
    assert set(report["Advertised ASIN"]) <= set(catalog.frame["product_id"])
