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


def explained(**changes):
    return " ".join(replace(LEMON, **changes).sentences)


def test_a_match_is_explained_with_its_evidence():
    assert LEMON.shared_codes == 2
    assert LEMON.sentences == (
        "“lemons” and “Lemons, 6” match: 97 % sure, ranked 1 of 1,200.",
        "In meaning the product is closer to the term than all other products (similarity 0.71).",
        "Its text has all of the term's words: “lemon”.",
        "They share the kind and the family: the term's path is T·5·81·40, the product's ID is "
        "T·5·81·222.",
    )


def test_an_explanation_speaks_both_languages():
    chinese = [sentence.in_language("zh") for sentence in LEMON.sentences]
    assert chinese[0] == "“lemons”与“Lemons, 6”匹配：把握 97%，在 1,200 个商品中排第 1。"
    assert not any(word in " ".join(chinese) for word in ("the", "product", "term"))


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"unsold": "press"}, "Nothing you sell is called “press”."),
        ({"probability": 0.6}, "probably match: 60 % sure"),
        ({"probability": 0.2, "rank": 7}, "do not match: 20 % sure, ranked 7 of 1,200"),
        ({"probability": None, "rank": None, "departure": None}, "not even a candidate"),
        ({"nearer_than": 0.94}, "than 94 % of the other products"),
        ({"words_found": (), "words_missing": ("lime",)}, "none of the term's words: “lime”."),
        ({"words_missing": ("sour", "big")}, "has “lemon”; it lacks “sour”, “big”."),
        ({"term_path": "T·7·81·222"}, "they differ from the first code on"),
        ({"term_path": "T·5·7·222"}, "They share the kind: "),
        ({"term_path": "T·5·81·222"}, "They share the kind, the family and the article: "),
        ({"departure": 0.3}, "fits the term better, by 0.30"),
        ({"best": LIME}, "The term is more likely about P2 “Limes, 6”, 99 % sure."),
        (
            {"best": LIME, "outcome": Outcome.NONE},
            "about nothing you sell; the closest product is P2",
        ),
        (
            {"best": LIME, "outcome": Outcome.RELATED},
            "in kind or in name, but is about something else; the closest product is P2",
        ),
    ],
)
def test_contrary_evidence_is_explained(changes, sentence):
    assert sentence in explained(**changes)


def test_a_term_without_words_has_no_sentence_on_them():
    assert "text" not in explained(words_found=(), words_missing=())
