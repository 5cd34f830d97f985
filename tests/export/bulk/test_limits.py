import pytest
from hypothesis import given
from hypothesis import strategies as st

from admatch.errors import InputError
from admatch.export.bulk.limits import keyword_fault, product_fault
from admatch.export.bulk.marketplace import find_marketplace
from admatch.export.keyword_text import compared, folded
from admatch.reports.account.records import Entity, MatchType

EXACT, PHRASE = MatchType.EXACT, MatchType.NEGATIVE_PHRASE


@pytest.mark.parametrize(
    "text",
    [
        "floating shelf",
        "usb-c 2.0 cable",
        "c++x lamp",
        'leather "rocker" jacket',
        "women's shoes",
        "café crème façade",
        "größe straße",
        "żółta łódź",
        "水筒 おしゃれ マグ",
        "टी शर्ट",
        "قميص",
        "black & white [new]",
        "a . b",
        "x" * 80,
        "one two three four five six seven eight nine ten",
    ],
)
def test_what_amazon_accepts(text):
    assert keyword_fault(text, EXACT) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "empty"),
        ("x" * 81, "80 characters, and this has 81"),
        ("one two three four five six seven eight nine ten eleven", "10 words in exact"),
        ('5" pot', "double quotes in pairs, and this has 1"),
        ("-lamp", "'-' only inside a word"),
        ("lamp -oil", "'-' only inside a word"),
        ("lamp+", "'+' only inside a word"),
        ("no. 5", "'.' only inside a word"),
        ("lamp.", "'.' only inside a word"),
        ("women’s shoes", "right single quotation mark (U+2019)"),
        ("=lamp", "equals sign (U+003D)"),
        ("@lamp", "commercial at (U+0040)"),
        ("лампа", "cyrillic small letter el (U+043B)"),
        ("1/2 inch", "solidus"),
        ("cafe\u0301", "combining acute accent (U+0301)"),
        ("lamp 💡", "electric light bulb"),
        ("a\x1fb", "(U+001F)"),
    ],
)
def test_what_amazon_does_not_accept(text, expected):
    fault = keyword_fault(text, EXACT)
    assert expected in fault
    assert "；" in fault.in_language("zh")


def test_a_negative_phrase_has_four_words():
    assert keyword_fault("one two three four", PHRASE) is None
    assert "4 words in negative phrase, and this has 5" in keyword_fault("a b c d e", PHRASE)
    assert keyword_fault("a b c d e", MatchType.NEGATIVE_EXACT) is None


def test_negative_products_are_asins_or_brands():
    negative = Entity.NEGATIVE_PRODUCT_TARGETING
    assert product_fault('asin="B0LAMP0001"', negative) is None
    assert product_fault('brand="123"', negative) is None
    assert "asin=" in product_fault("B0LAMP0001", negative)
    assert "asin=" in product_fault('asin="B0"', negative)


@given(st.text())
def test_folded_text_has_single_blanks_and_stays_so(text):
    once = folded(text)
    assert folded(once) == once
    assert "  " not in once
    assert once == once.strip(" ")


def test_white_space_and_case_do_not_count():
    assert folded("\ta  b\u3000c\n") == "a b c"
    assert compared("Desk \u00a0 LAMP") == compared("desk lamp")


def test_bids_keep_to_the_marketplace():
    germany, japan = find_marketplace("de"), find_marketplace("JP")
    assert (germany.currency, germany.decimals, japan.decimals) == ("EUR", 2, 0)
    assert germany.bid_fault(0.02) is None
    assert "€0.02 to €1,000.00, and this one is €0.01" in germany.bid_fault(0.01)
    assert "¥2 to ¥100,000, and this one is ¥1" in japan.bid_fault(1)
    assert germany.bid_fault(float("nan"))
    assert "typo" in find_marketplace("EG").bid_fault(6)


@pytest.mark.parametrize(("bid", "rounded"), [(0.756, 0.76), (0.755, 0.76), (0.754, 0.75)])
def test_bids_are_rounded_half_up(bid, rounded):
    assert find_marketplace("US").rounded(bid) == rounded
    assert find_marketplace("JP").rounded(2.5) == 3


def test_an_unknown_marketplace_lists_the_known_ones():
    with pytest.raises(InputError, match=r"'XX' is not a marketplace .* AE, AU, BE, .* ZA"):
        find_marketplace("XX")
