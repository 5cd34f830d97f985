"""Tables that repeat another one: a pivot of it, a summary, or a filtered copy."""

from collections.abc import Sequence

import polars as pl

from admatch.reports.overlaps import FIGURES

# not the currency: a summary may take it from a sign in its headers
_NAMES = (
    "marketplace",
    "portfolio",
    "campaign",
    "campaign_id",
    "ad_group",
    "ad_group_id",
    "targeting",
    "target_id",
    "match_type",
    "search_term",
    "start_date",
    "end_date",
)
_CENT = 0.005  # each row may have been rounded to the cent


def known(rows: pl.DataFrame) -> frozenset[str]:
    """Return the columns that say what ``rows`` are about."""
    return frozenset(name for name in _NAMES if rows[name].null_count() < rows.height)


def is_repeat(rows: pl.DataFrame, others: pl.DataFrame) -> bool:
    """Return whether all of ``rows`` are rows of ``others``, or sums over some of them.

    They are compared by the names and figures that both have.
    """
    if not rows.height or not others.height:
        return False
    names = sorted(known(rows) & known(others))
    figures = [
        name for name in FIGURES if not rows[name].null_count() and not others[name].null_count()
    ]
    if "search_term" not in names or not {"clicks", "spend"} <= set(figures):
        return False
    return _are_sums(rows, others, names, figures) or _are_rows(rows, others, names, figures)


def _are_sums(
    rows: pl.DataFrame, others: pl.DataFrame, names: Sequence[str], figures: Sequence[str]
) -> bool:
    theirs = others.group_by(names).agg(pl.col(figures).sum(), pl.len().alias("summed"))
    ours = rows.group_by(names).agg(pl.col(figures).sum())
    both = ours.join(theirs, on=names, how="left", suffix="/theirs", nulls_equal=True)
    return bool(both.select(_equal(figures).fill_null(False).all()).item())


def _are_rows(
    rows: pl.DataFrame, others: pl.DataFrame, names: Sequence[str], figures: Sequence[str]
) -> bool:
    """Return whether every row stands in ``others``, as often at most as it does there."""
    content = [*names, *figures]
    cents = pl.col(pl.Float64).round(2)
    ours = rows.select(content).with_columns(cents).group_by(content).len()
    theirs = others.select(content).with_columns(cents).group_by(content).len()
    both = ours.join(theirs, on=content, how="left", suffix="/theirs", nulls_equal=True)
    return bool((both["len"] <= both["len/theirs"].fill_null(0)).all())


def _equal(figures: Sequence[str]) -> pl.Expr:
    cents = _CENT * (pl.col("summed") + 1)
    return pl.all_horizontal(
        (pl.col(name) - pl.col(f"{name}/theirs")).abs()
        <= (cents if name in ("spend", "sales") else 1e-6)
        for name in figures
    )
