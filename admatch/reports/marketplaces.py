"""The marketplace of each row, and campaigns that several marketplaces call the same."""

import tomllib
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from importlib.resources import files

import polars as pl

from admatch.errors import Problem
from admatch.messages import say
from admatch.reports.records import SearchTermReport
from admatch.tables.distinct import map_distinct
from admatch.tables.header_table import normalise


def find_marketplaces(cells: pl.Series) -> pl.Series:
    """Return the country code of each cell; a country without one keeps the file's own word."""
    return map_distinct(cells, _codes).alias("marketplace")


def keep_marketplaces_apart(report: SearchTermReport) -> SearchTermReport:
    """Return the report with campaigns that several marketplaces share named after theirs too.

    Advertisers copy campaigns from one marketplace to the next, names and all. Whatever is added
    up by campaign would add up two countries: 'Lamps' becomes 'Lamps [DE]' and 'Lamps [FR]'.
    """
    known = report.frame.select("campaign", "marketplace").drop_nulls("marketplace").unique()
    shared = known.filter(pl.col("campaign").is_duplicated())["campaign"].unique()
    if not len(shared):
        return report
    codes = sorted(known.filter(pl.col("campaign").is_in(shared.implode()))["marketplace"].unique())
    what = say("reports.marketplaces.shared", n=len(shared), marketplaces=", ".join(codes))
    notice = Problem(report.sources[0], what, say("reports.marketplaces.one_at_a_time"))
    return replace(
        report,
        frame=_renamed(report.frame, shared),
        repeated=_renamed(report.repeated, shared),
        problems=(*report.problems, notice),
    )


def _renamed(rows: pl.DataFrame, shared: pl.Series) -> pl.DataFrame:
    mark = pl.concat_str("campaign", pl.format(" [{}]", "marketplace"))
    is_shared = pl.col("campaign").is_in(shared.implode()) & pl.col("marketplace").is_not_null()
    return rows.with_columns(pl.when(is_shared).then(mark).otherwise("campaign").alias("campaign"))


def _codes(cells: pl.Series) -> pl.Series:
    known = _known()
    words = [known.get(normalise(cell), cell.strip()) or None for cell in cells]
    return pl.Series(words, dtype=pl.String)


@cache
def _known() -> Mapping[str, str]:
    text = files("admatch.reports").joinpath("marketplaces.toml").read_text("utf-8")
    return {normalise(name): code for code, names in tomllib.loads(text).items() for name in names}
