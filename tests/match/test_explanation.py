from dataclasses import replace

import pytest

from admatch.match.explanation import Explanation
from admatch.match.records import Outcome

LEMON = Explanation(
    search_term="lemons",
    product_id="P1",
    title="Lemons, 6",
    outcome=Outcome.MATCH,
    probability=0.97,
    rank=1,
    products=1_200,
    cosine=0.71,
    nearer_than=1.0,
    words_found=("lemon",),
    words_missing=(),
    term_path="T·5·81·40",
    semantic_id="T·5·81·222",
    departure=0.01,
    best=("P1", "Lemons, 6", 0.97),
)
LIME = ("P2", "Limes, 6", 0.99)


def told(**changes):
    return " ".join(replace(LEMON, **changes).sentences)


def test_a_match_is_told_with_its_evidence():
    assert LEMON.shared_codes == 2
    assert LEMON.sentences == (
        "“lemons” and “Lemons, 6” match: 97% sure, ranked 1 of 1,200.",
        "In meaning the product is nearer to the term than all others (likeness 0.71).",
        "Its text has “lemon”, all of them.",
        "They share the kind and the family: the term goes to T·5·81·40, the product stands at "
        "T·5·81·222.",
    )


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"probability": 0.6}, "probably match: 60% sure"),
        ({"probability": 0.2, "rank": 7}, "do not match: 20% sure, ranked 7 of 1,200"),
        ({"probability": None, "rank": None, "departure": None}, "not even among the term's cand"),
        ({"nearer_than": 0.94}, "than 94% of the others"),
        ({"words_found": (), "words_missing": ("lime",)}, "none of the term's words: “lime”."),
        ({"words_missing": ("sour",)}, "has “lemon”; it lacks “sour”."),
        ({"term_path": "T·7·81·222"}, "paths in the ID space part at once"),
        ({"departure": 0.3}, "fits the term better, by 0.30"),
        ({"best": LIME}, "The term is rather about P2 “Limes, 6”, 99% sure."),
        ({"best": LIME, "outcome": Outcome.NONE}, "about nothing you sell; nearest comes P2"),
        ({"best": LIME, "outcome": Outcome.RELATED}, "about something of its kind; nearest"),
    ],
)
def test_what_speaks_against_is_told(changes, sentence):
    assert sentence in told(**changes)


def test_a_term_without_words_has_no_sentence_on_them():
    assert "text" not in told(words_found=(), words_missing=())
