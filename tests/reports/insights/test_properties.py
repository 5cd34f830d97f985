"""Whatever figures a report has, and however it writes them, they are read as they are."""

import polars as pl
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from admatch.reports.insights.reader import read_insights
from tests.reports.insights.insight_files import (
    PURCHASED,
    SQP,
    SQP_ITALIAN,
    purchased_row,
    sqp_row,
)

WORDS = (
    st.text("abcäö 大é'-", min_size=1, max_size=12)
    .map(str.strip)
    .filter(lambda text: any(letter.isalpha() for letter in text))
)
SHARES = st.lists(st.integers(0, 5000), min_size=8, max_size=8)
QUIET = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@QUIET
@given(st.dictionaries(WORDS, SHARES, min_size=1, max_size=8), st.booleans())
def test_search_queries_are_read_as_they_are(write, found, italian):
    rows = {term: (counts[:4], [min(pair) for pair in zip(counts[:4], counts[4:], strict=True)])
            for term, counts in found.items()}  # fmt: skip
    lines = [sqp_row(term, total, own) for term, (total, own) in rows.items()]
    header, separator = (SQP_ITALIAN, ";") if italian else (SQP, ",")
    path = write("any.csv", [header, *lines], separator=separator)
    read = read_insights(path).queries
    assert read["query"].to_list() == list(rows)
    for name, at in (("impressions", 0), ("clicks", 1), ("cart_adds", 2), ("purchases", 3)):
        assert read[name].to_list() == [total[at] for total, _ in rows.values()]
        assert read[f"own_{name}"].to_list() == [own[at] for _, own in rows.values()]


@QUIET
@given(
    st.lists(
        st.tuples(st.integers(1, 99), st.integers(0, 99_999), st.sampled_from(["USD", "EUR"])),
        min_size=1, max_size=9,
    ),
    st.booleans(),
)  # fmt: skip
def test_files_read_together_count_what_they_count_alone(write, figures, split):
    lines = [
        purchased_row(f"term {number}", orders=orders, sales=f"{cents / 100:.2f}", currency=code)
        for number, (orders, cents, code) in enumerate(figures)
    ]
    half = len(lines) // 2 if split else 0
    parts = [part for part in (lines[:half], lines[half:]) if part]
    paths = [write(f"part{n}.csv", [PURCHASED, *part]) for n, part in enumerate(parts)]
    read = read_insights([*paths, paths[0]]).purchases  # one of them twice
    sums = dict(read.group_by("currency").agg(pl.col("sales").sum().round(2)).iter_rows())
    expected: dict[str, int] = {}
    for _, cents, code in figures:
        expected[code] = expected.get(code, 0) + cents
    assert sums == {code: round(cents / 100, 2) for code, cents in expected.items()}
    assert read["orders"].sum() == sum(orders for orders, _, _ in figures)
