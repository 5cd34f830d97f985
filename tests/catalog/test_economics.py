"""Costs, fees, margins and targets as columns of a catalog."""

import pytest

from admatch.catalog.records import Catalog


def goals(catalog):
    return catalog.frame.select("cost", "fees", "margin", "target_acos").rows()


@pytest.mark.parametrize(
    ("header", "cells", "expected"),
    [
        ("id,title,price,cost,fees", "1,Cup,$12.00,$4.50,1.20", (4.5, 1.2, None, None)),
        ("id;titel;preis;einkaufspreis;gebühren", "1;T;12 €;4,50 €;1,20", (4.5, 1.2, None, None)),
        ("id,title,price,cogs", "1,Cup,12,4.5", (4.5, None, None, None)),
        ("id,title,margin,target_acos", "1,Cup,35%,25 %", (None, None, 0.35, 0.25)),
        ("id,title,margin,target acos", "1,Cup,0.35,0.25", (None, None, 0.35, 0.25)),
        ("id,title,gross margin,ACOS target", "1,Cup,35,25", (None, None, 0.35, 0.25)),
        ('id,title,Marge,Ziel-ACOS', '1,Tasse,"35,5%","22,5 %"', (None, None, 0.355, 0.225)),
        ("商品ID,商品名,毛利率,目标ACOS", "1,杯子,35%,25%", (None, None, 0.35, 0.25)),
    ],
)  # fmt: skip
def test_headers_and_forms(read, header, cells, expected):
    catalog = read(f"{header}\n{cells}\n")
    assert goals(catalog)[0] == pytest.approx(expected)
    assert not catalog.problems


def test_a_column_above_the_highest_share_is_in_per_cent(read):
    catalog = read("id,title,target_acos\n1,Cup,1\n2,Mug,40\n3,Jug,30%\n")
    assert [row[3] for row in goals(catalog)] == pytest.approx([0.01, 0.4, 0.3])
    catalog = read("id,title,target_acos\n1,Cup,1.5\n2,Mug,0.4\n")  # 150 % while it is launched
    assert [row[3] for row in goals(catalog)] == pytest.approx([1.5, 0.4])


@pytest.mark.parametrize(
    ("header", "cell", "said"),
    [
        ("margin", "140%", "no margin above 0"),
        ("margin", "-5%", "no margin above 0"),
        ("margin", "high", "no margin above 0"),
        ("target_acos", "0", "no target ACOS"),
        ("target_acos", "900%", "no target ACOS"),
        ("cost", "€4", "another currency than the price (USD)"),
        ("cost", "four", "not an amount"),
        ("cost", "-4", "not an amount"),
        ("cost", "13", "take up the whole price"),
        ("fees", "£1", "another currency than the price (USD)"),
    ],
)
def test_what_cannot_be_meant_is_said_and_the_rest_is_read(read, header, cell, said):
    catalog = read(f"id,title,price,{header}\n1,Cup,12 USD,{cell}\n2,Mug,12 USD,\n")
    assert len(catalog) == 2
    (problem,) = catalog.problems
    assert said in str(problem)
    assert (problem.row, problem.column) == (2, header)
    kept = 13.0 if cell == "13" else None  # as it stands, but no margin follows from it
    assert goals(catalog)[0][("cost", "fees", "margin", "target_acos").index(header)] == kept


def test_a_cost_needs_a_price(read):
    catalog = read("id,title,cost\n1,Cup,4\n")
    assert "a cost without a price gives no margin" in str(catalog.problems[0])


def test_goals_do_not_change_what_products_are(read):
    plain = read("id,title\n1,Cup\n")
    rich = read("id,title,margin,target_acos\n1,Cup,30%,20%\n")
    assert plain.content_hash == rich.content_hash
    assert rich["1"].margin == pytest.approx(0.3)
    made = "title,margin\nCup,30%\n", "title\nCup\n"
    assert read(made[0]).frame["product_id"][0] == read(made[1]).frame["product_id"][0]


def test_what_an_earlier_admatch_saved_has_no_goals(read):
    saved = read("id,title\n1,Cup\n").frame.drop("cost", "fees", "margin", "target_acos")
    assert goals(Catalog(saved)) == [(None,) * 4]
