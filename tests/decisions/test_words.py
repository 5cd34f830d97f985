import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from admatch.decisions.words import holds_any, phrases_in, stems

word = st.sampled_from(["hose", "hoses", "garden", "a", "50", "ft", "reel"])
text = st.lists(word, min_size=0, max_size=7).map(" ".join)


@given(st.lists(text, min_size=1, max_size=5))
def test_runs_of_words_are_all_there_are(texts):
    found = phrases_in(pl.Series(texts, dtype=pl.String))
    for number, one in enumerate(texts):
        words = stems(pl.Series([one]))[0].split()
        slow = {
            " ".join(words[start:end])
            for start in range(len(words))
            for end in range(start + 1, min(start + 4, len(words)) + 1)
        }
        assert set(found.filter(pl.col("text") == number)["phrase"]) == slow


def test_a_phrase_is_written_as_shoppers_do():
    found = phrases_in(pl.Series(["Garden Hoses 50ft"]))
    written = dict(found.select("phrase", "written").iter_rows())
    assert written["garden hose"] == "garden hoses"


def test_whole_words_only():
    texts = pl.Series(["cordless drill", "cord for drill", "Drill cords"])
    assert holds_any(texts, pl.Series(["cord"])).to_list() == [False, True, True]
    assert holds_any(texts, pl.Series([], dtype=pl.String)).to_list() == [False] * 3
