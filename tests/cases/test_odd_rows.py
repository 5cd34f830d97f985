"""Terms, figures and columns that are unlike the others, and right."""

import pytest

from admatch.catalog.reader import read_catalog
from admatch.errors import InputError
from admatch.reports.aggregate import aggregate_report
from admatch.reports.reader import read_report
from tests.cases.files import HEADER, row, sentences

TERMS = [
    "🥛 oat milk", "oat milk 🥛🥛", "حليب الشوفان", "귀리 우유", "นมข้าวโอ๊ต", "oat\u200bmilk",
    "cafe\u0301 oat", "B0CUP00001", "b0cup00001", "=1+1", "@sum", "+oat -milk", "*", "x" * 240,
    'oat "milk"', '12" pan', "pan, round", "a; b", "oat | milk", "1/2 oz", "100%", "#1 dad mug",
    "null", "nan", "n/a", "none", "true", "1e5", "00123", "5.1.25", "'s hertogenbosch",
]  # fmt: skip


@pytest.mark.parametrize("name", ["a.csv", "a.tsv", "a.xlsx"])
def test_every_term_stays_as_it_is(write, name):
    separator = "\t" if name.endswith(".tsv") else ","
    terms = [term for term in TERMS if term[0] != "=" or name != "a.xlsx"]  # there, a formula
    lines = [row(term, Targeting=f"t{at}") for at, term in enumerate(terms)]
    report = read_report(write(name, HEADER, *lines, separator=separator))
    assert report.frame["search_term"].to_list() == terms


@pytest.mark.parametrize("separator", [",", "\t", ";"])
def test_inches_that_nobody_quoted(tmp_path, separator):
    terms = ['12" pan', '9 inch" pan', 'pan 10"', '"pan" 5', 'last "term', "plain"]
    lines = [HEADER, *(row(term) for term in terms)]
    path = tmp_path / "a.csv"
    path.write_text("\n".join(separator.join(line) for line in lines) + "\n")
    found = read_report(path).frame["search_term"].to_list()
    assert [one.replace('"', "") for one in found] == [one.replace('"', "") for one in terms]


@pytest.mark.parametrize("read", [read_report, aggregate_report])
def test_credits_are_kept_and_said(write, read):
    credit = row(
        "lamp", Clicks="-2", Impressions="-10", Spend="-1.50", **{"7_Day_Total_Sales_": "0"}
    )
    report = read(write("a.csv", HEADER, row("lamp"), credit))
    assert report.totals.select("clicks", "spend").row(0) == (8, 3.5)
    assert "figures below zero; they were kept" in sentences(report)


@pytest.mark.parametrize(
    "missing",
    [
        ["Campaign Name"], ["Ad Group Name"], ["Campaign Name", "Ad Group Name"], ["Targeting"],
        ["Match Type"], ["Targeting", "Match Type"], ["Start Date", "End Date"], ["Country"],
        ["Impressions"], ["7 Day Total Sales "], ["7 Day Total Orders (#)"], ["Currency"],
    ],
    ids="+".join,
)  # fmt: skip
def test_columns_that_are_not_there(write, missing):
    lines = [HEADER, *(row(f"lamp {n}", Clicks=f"{10 + n}") for n in range(5))]
    kept = [at for at, name in enumerate(HEADER) if name not in missing]
    report = read_report(write("a.csv", *([line[at] for at in kept] for line in lines)))
    assert (len(report), report.frame["clicks"].sum(), report.frame["spend"].sum()) == (5, 60, 25.0)
    figures = {"Impressions": "impressions", "7 Day Total Sales ": "sales"}
    figures |= {"7 Day Total Orders (#)": "orders"}
    for name in missing:
        if name in figures:
            assert report.frame[figures[name]].null_count() == 5
            assert f"no column for {figures[name]}" in sentences(report)


@pytest.mark.parametrize("missing", ["Customer Search Term", "Clicks", "Spend"])
def test_a_column_that_nothing_can_do_without(write, missing):
    lines = [HEADER, row("lamp")]
    kept = [at for at, name in enumerate(HEADER) if name != missing]
    with pytest.raises(InputError, match="missing: "):
        read_report(write("a.csv", *([line[at] for at in kept] for line in lines)))


CATALOGS = {
    "two titles": ("id,title,Title,title\nA,Oat Milk,Other,Third\n", ["Oat Milk"]),
    "one product": ("id,title\nA,Oat Milk\n", ["Oat Milk"]),
    "emoji": ("id,title\nA,🥛🥛\nB,!!!\n", ["🥛🥛", "!!!"]),
    "numbers": ("id,title\n1,123\n2,456\n", ["123", "456"]),
    "arabic": ("id,title\nA,حليب الشوفان\nB,قهوة عربية\n", ["حليب الشوفان", "قهوة عربية"]),
    "markup": ("id,title\nA,<b>Oat</b> &amp; Milk\n", ["Oat & Milk"]),
    "long": (f"id,title\nA,{'oat milk ' * 300}\nB,x\n", [("oat milk " * 300).strip(), "x"]),
    "capitals": ("ARTIKELNUMMER;BEZEICHNUNG\nA;Rote Tasse\n", ["Rote Tasse"]),
    "french shop": ("ID,Type,UGS,Nom,Parent\n1,variable,H,Sweat,\n2,variation,H-R,Sweat Rouge,H\n",
                    ["Sweat Rouge"]),
}  # fmt: skip


@pytest.mark.parametrize("name", CATALOGS)
def test_odd_catalogs(tmp_path, name):
    text, titles = CATALOGS[name]
    path = tmp_path / "a.csv"
    path.write_text(text, encoding="utf-8")
    assert [one.title for one in read_catalog(path)] == titles
