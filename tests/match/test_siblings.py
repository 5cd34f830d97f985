"""Other terms of an ad group say which product a term there is about."""

import polars as pl
import pytest

from admatch.match.named_groups import named_products
from admatch.match.siblings import sibling_gains

NO_FAMILIES = pl.DataFrame(schema={"product_id": pl.String, "family": pl.String})


def candidates(*rows):
    names = ["search_term", "product_id", "title", "score"]
    return pl.DataFrame(rows, schema=names, orient="row")


def orders(*rows):
    frame = pl.DataFrame(rows, schema=["ad_group", "search_term", "orders"], orient="row")
    return frame.with_columns(pl.col("orders").cast(pl.Float64), campaign=pl.lit("C"))


TUBES = [
    ("voice tube", "TUBE-S", "Voice tube, small", 3.0),
    ("bubble tube", "TUBE-S", "Voice tube, small", 2.5),
    ("big voice tube", "TUBE-L", "Voice tube, large", 2.0),
    ("lax vox", "HOSE", "Garden hose", 0.0),
    ("hose 10 m", "HOSE", "Garden hose", 4.0),
]
SOLD = [
    ("voice", "voice tube", 6), ("voice", "bubble tube", 2), ("voice", "big voice tube", 2),
    ("voice", "lax vox", 5), ("hoses", "hose 10 m", 9),
]  # fmt: skip
OF_TUBES = pl.DataFrame({"product_id": ["TUBE-S", "TUBE-L"], "family": ["TUBE", "TUBE"]})


def gains(known, sold, families=NO_FAMILIES):
    return {
        (term, product): gain
        for term, product, gain, _ in sibling_gains(known, sold, families).iter_rows()
    }


def test_a_term_is_likelier_about_what_sells_beside_it():
    found = gains(candidates(*TUBES), orders(*SOLD))
    assert found["lax vox", "TUBE-S"] > found["lax vox", "TUBE-L"] > 0
    assert ("lax vox", "HOSE") not in found  # nothing else there is about it
    assert ("hose 10 m", "HOSE") not in found  # alone in its ad group


def test_a_terms_own_orders_say_nothing_of_itself():
    alone = orders(("voice", "voice tube", 50))
    assert gains(candidates(*TUBES), alone) == {}


def test_sizes_of_one_product_gain_alike_and_the_title_chooses_where_none_is_known():
    known = candidates(*TUBES, ("large lax vox", "HOSE", "Garden hose", 0.0))
    found = gains(known, orders(*SOLD, ("voice", "large lax vox", 1)), OF_TUBES)
    assert ("lax vox", "TUBE-L") not in found
    assert found["lax vox", "TUBE-S"] > 0
    assert found["large lax vox", "TUBE-L"] > 0
    both = candidates(*TUBES, ("voice tube", "TUBE-L", "Voice tube, large", 2.9))
    alike = gains(both, orders(*SOLD), OF_TUBES)
    assert alike["voice tube", "TUBE-S"] == pytest.approx(alike["voice tube", "TUBE-L"])


def test_many_products_in_one_ad_group_say_little():
    many = [(f"thing {n}", f"P{n}", f"Thing {n}", 3.0) for n in range(20)]
    known = candidates(*TUBES, *many)
    mixed = orders(*SOLD, *(("voice", f"thing {n}", 3) for n in range(20)))
    alone, among = (gains(known, sold)["lax vox", "TUBE-S"] for sold in (orders(*SOLD), mixed))
    assert among < alone


PRODUCTS = pl.DataFrame(
    [("B0AAAAAAA1", "TUBE-5-S", "B0PARENT01"), ("B0AAAAAAA2", "TUBE-5-L", "B0PARENT01"),
     ("B0AAAAAAA3", "12345", None), ("B0AAAAAAA4", "PUMPEN", None)],
    schema=["product_id", "sku", "parent_id"], orient="row",
)  # fmt: skip


@pytest.mark.parametrize(
    ("campaign", "ad_group", "expected"),
    [
        ("Auto", "b0aaaaaaa1", ["B0AAAAAAA1"]),
        ("Kampagne mit Voreinstellungen - B0AAAAAAA3 - 19.6.2024", "Anzeigengruppe - 19.6.2024",
         ["B0AAAAAAA3"]),
        ("Tubes B0PARENT01 SP_KW-Exakt_-(0/0)", "Exakt", ["B0AAAAAAA1", "B0AAAAAAA2"]),
        ("All B0AAAAAAA3", "SP_TUBE-5-L_auto", ["B0AAAAAAA2"]),  # the ad group's own name first
        ("12345", "PUMPEN", []),  # too short, and a word
        ("B0NOTMINE0", None, []),
    ],
)  # fmt: skip
def test_names_of_ad_groups_name_products(campaign, ad_group, expected):
    groups = pl.DataFrame(
        [(campaign, ad_group)], {"campaign": pl.String, "ad_group": pl.String}, orient="row"
    )
    found = named_products(groups, PRODUCTS)
    assert found.columns == ["campaign", "ad_group", "product_id"]
    assert found["product_id"].to_list() == expected
