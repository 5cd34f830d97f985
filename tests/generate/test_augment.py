import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from admatch.generate.augment import (
    REWRITES,
    WITH_LANGUAGES,
    WORD,
    Listing,
    attributes,
    brand,
    intent,
    misspell,
    plural,
    pseudo_query,
    reorder,
    synonyms,
    translate,
)

HOSE = Listing("HydroFlex Garden Hose 50ft, Black Rubber with Nozzle", "HydroFlex", "Gardena")


def rewritten(rewrite, words, listing=HOSE, rounds=40):
    return {
        " ".join(rewrite(words, listing, np.random.default_rng(seed))) for seed in range(rounds)
    }


def test_a_query_without_rewrites_is_some_of_a_titles_first_words_in_order():
    heads = ["hydroflex", "garden", "hose", "50ft", "black", "rubber", "with", "nozzle"]
    for seed in range(50):
        words = pseudo_query(HOSE, np.random.default_rng(seed), {}).split()
        assert 1 <= len(words) <= 4
        order = [heads.index(word) for word in words]
        assert order == sorted(order)


def test_attributes_stand_before_the_noun_that_names_the_thing():
    assert rewritten(attributes, ["any"]) == {
        "black 50ft", "black hose 50ft", "rubber 50ft", "rubber hose 50ft",
        "black rubber 50ft", "black rubber hose 50ft",
    }  # fmt: skip
    assert rewritten(attributes, ["hose"], Listing("Hose")) == {"hose"}


def test_synonyms_of_one_row_stand_for_one_another():
    assert rewritten(synonyms, ["garden", "hose"]) == {"garden pipe"}
    assert rewritten(synonyms, ["sofa"]) == {"couch", "settee"}


@pytest.mark.parametrize(
    ("words", "others"),
    [(["hose"], "hoses"), (["hoses"], "hose"), (["watch"], "watches"), (["glass"], "glasses")],
)
def test_the_last_word_changes_its_number(words, others):
    assert rewritten(plural, words) == {others}


def test_the_order_of_words_is_anything():
    assert rewritten(reorder, ["a", "b", "c"]) == {
        "a b c", "a c b", "b a c", "b c a", "c a b", "c b a",
    }  # fmt: skip


def test_a_brand_is_the_products_or_a_rivals():
    assert rewritten(brand, ["hose"]) == {"hydroflex hose", "gardena hose"}
    assert rewritten(brand, ["hose"], Listing("Hose")) == {"hose"}


def test_intents_stand_before_or_behind():
    assert rewritten(intent, ["hose"]) > {"best hose", "hose best"}


def test_known_words_are_translated_into_one_language():
    assert {"schwarz schuhe", "negro zapatos"} <= rewritten(
        translate, ["black", "shoes"], rounds=90
    )
    assert rewritten(translate, ["hydroflex"]) == {"hydroflex"}


def test_a_slip_changes_a_letter_or_two():
    for query in rewritten(misspell, ["garden", "hose"]):
        assert abs(len(query) - len("garden hose")) <= 1


@given(st.text(max_size=60), st.integers(0, 1000))
def test_any_title_gives_a_query(title, seed):
    listing = Listing(title, title[:5], None)
    query = pseudo_query(listing, np.random.default_rng(seed), WITH_LANGUAGES)
    assert query == " ".join(query.split())
    assert bool(query) == bool(WORD.search(title.lower()))


def test_the_same_seed_gives_the_same_query():
    one, two = (pseudo_query(HOSE, np.random.default_rng(3), REWRITES) for _ in range(2))
    assert one == two
