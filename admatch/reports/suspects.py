"""Rows that may be totals, whatever they are called: they lack what the other rows have."""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import polars as pl

from admatch.reports.rows import Columns
from admatch.tables.spellings import ERROR_CELL

# the columns that say what a row is about; one of a group is enough
_GROUPS = {
    "campaign": ("campaign", "campaign_id"),
    "ad_group": ("ad_group", "ad_group_id"),
    "period": ("date", "start_date", "end_date", "date_range"),
    "targeting": ("targeting", "target_expression", "keyword_id", "product_target_id"),
}
# what the row above is about; one of the second may be the label of a total instead
_REPEATED = (*(name for names in _GROUPS.values() for name in names), "match_type", "search_term")
_LABELLED = ("campaign", "ad_group", "search_term")
_MOST = 0.5  # the share of rows that fill a column for a row without it to be unlike the others
_WORD_LINES = 12  # totals stand in the first lines or the last ones
_EDGE_LINES = 3
_FILLERS = "grand|general|générale?|generale|geral|genel|of|all|de|des|der|im"
_DASHES = tuple(
    f"{before}{dash}{behind}"
    for dash in ("-", "--", "---", "–", "—")
    for before in ("", " ")
    for behind in ("", " ")
)
_MANY, _SHARE = 1000, 0.05  # more suspects than both are rows of another kind, and no totals


@dataclass(frozen=True, slots=True)
class RowShape:
    """The groups of columns that most rows of a report fill."""

    groups: tuple[str, ...]

    @classmethod
    def of(cls, columns: Columns) -> "RowShape":
        """Return the shape of most rows in ``columns``; of those with a term where there are any.

        A short report may have as many subtotals as rows.
        """
        held = tuple(group for group in _GROUPS if _held(columns, group))
        lacking = cls(held).lacking(columns)
        lacking = lacking.filter(~lacking["term"] | lacking["term"].all())
        most = _MOST * len(lacking)
        return cls(tuple(name for name in held if len(lacking) and lacking[name].sum() <= most))

    def lacking(self, columns: Columns) -> pl.DataFrame:
        """Return which of the groups, and the search term, each row lacks."""
        groups = [(name, _held(columns, name)) for name in self.groups]
        has_term = "search_term" in columns.cells.columns
        return columns.cells.select(
            (_is_blank("search_term") if has_term else pl.repeat(True, pl.len())).alias("term"),
            *(pl.all_horizontal(map(_is_blank, held)).alias(name) for name, held in groups if held),
        )


def find_suspects(
    columns: Columns, shape: RowShape, *, above: Columns | None = None, is_last: bool = True
) -> tuple[pl.Series, pl.Series]:
    """Return the rows that lack what the others have, and those that are only placed like totals.

    Rows of the second kind are totals if their figures say so, and data else: they stand at an end,
    have no term, or repeat the row above, as where blank cells of totals were filled down.
    ``above`` is the row above, None for a file's first lines; ``is_last`` says whether these are
    the last ones.
    """
    is_first = above is None
    lacking = shape.lacking(columns)
    others = [pl.col(name) for name in shape.groups]
    no_term = pl.col("term")
    if "campaign" not in shape.groups:
        is_lacking = no_term | pl.all_horizontal(others) if others else no_term
    else:
        beside = [pl.col(name) for name in shape.groups if name != "campaign"]
        unlike = pl.any_horizontal(others) if beside else pl.lit(True)
        is_lacking = pl.col("campaign") | (no_term & unlike)
        if len(beside) > 1:
            is_lacking = is_lacking | pl.all_horizontal(beside)
    lacks = lacking.select(is_lacking.alias("lacks")).to_series()
    if lacks.sum() > max(_MANY, _SHARE * len(lacks)):
        lacks = (
            lacks & lacking["term"] & lacking.select(pl.any_horizontal(others or [no_term]))[:, 0]
        )
    at_end = _edge(columns, _WORD_LINES, is_first, is_last)
    placed = at_end & has_total_word(columns.get("search_term").set(~at_end, None))
    if "campaign" not in shape.groups:
        placed = placed | _edge(columns, _EDGE_LINES, is_first, is_last)
    named, repeating = _filled_down(columns, lacking["term"], above)
    lacks = lacks | named
    filled = (repeating | lacking["term"]) & ~lacks
    if filled.sum() <= _MANY:
        placed = placed | filled
    return lacks, placed & ~lacks


def has_total_word(cells: pl.Series) -> pl.Series:
    """Return whether each cell holds a word for a total."""
    if cells.null_count() == len(cells):
        return pl.repeat(False, len(cells), eager=True)
    return _contains(cells, _words())


def is_total_label(cells: pl.Series) -> pl.Series:
    """Return whether each cell holds words for a total and nothing else."""
    label = rf"^(?:(?:{_alternatives()}|{_FILLERS})[\s:：()（）.–-]*)+$"
    return _contains(cells, label)


def _contains(cells: pl.Series, pattern: str) -> pl.Series:
    lower = pl.col(cells.name).str.normalize("NFC").str.to_lowercase()
    return cells.to_frame().select(lower.str.contains(pattern).fill_null(False)).to_series()


def _held(columns: Columns, group: str) -> list[str]:
    """Return the columns of a group that the file has."""
    return [name for name in _GROUPS[group] if name in columns.cells.columns]


def _is_blank(name: str) -> pl.Expr:
    return pl.col(name).is_null() | pl.col(name).is_in(_DASHES).fill_null(False)


def _filled_down(
    columns: Columns, no_term: pl.Series, above: Columns | None
) -> tuple[pl.Series, pl.Series]:
    """Return the rows that are named after the row above, and those that repeat its names.

    Headers and notes between two rows do not count.
    """
    is_here = is_row(columns.cells)
    cells, blank = columns.cells.filter(is_here), no_term.filter(is_here)
    known = pl.DataFrame() if above is None else above.cells
    if len(known):
        cells, blank = pl.concat([known, cells]), pl.concat([pl.Series([False]), blank])
    named = _is_named_after_above(cells, blank)[len(known) :]
    repeating = _repeats_above(cells)[len(known) :]
    at, nowhere = is_here.arg_true(), is_here & False
    return nowhere.clone().scatter(at, named), nowhere.scatter(at, repeating)


def is_row(cells: pl.DataFrame) -> pl.Series:
    """Return the lines with a number of clicks, or an error there: neither headers nor notes."""
    clicks = cells["clicks"]
    has_number = clicks.str.contains(r"\d").fill_null(False)
    is_error = clicks.str.strip_chars().str.contains(ERROR_CELL).fill_null(False)
    return has_number | is_error


def _repeats_above(cells: pl.DataFrame) -> pl.Series:
    """Return the rows that name what the row above names, but for the label of a total."""
    names = [name for name in _REPEATED if name in cells.columns]
    other = cells.select(pl.col(names).ne_missing(pl.col(names).shift(1)))
    count = other.select(pl.sum_horizontal(pl.all().cast(pl.UInt8)))[:, 0]
    found = (count == 0) & (pl.int_range(len(count), eager=True) > 0)
    for name in _LABELLED:
        if name in names:
            alone = (count == 1) & other[name]
            is_label = _is_label(cells[name].filter(alone), name)
            found = found | alone.scatter(alone.arg_true(), is_label)
    return found


def _is_named_after_above(cells: pl.DataFrame, no_term: pl.Series) -> pl.Series:
    """Return the rows whose campaign or ad group is that of the row above with a total's word."""
    held = [name for name in ("campaign", "ad_group") if name in cells.columns]
    same = {name: cells[name].eq_missing(cells[name].shift(1)) for name in (*held, "search_term")}
    found = pl.repeat(False, len(no_term), eager=True)
    for name in held:
        alone = (no_term | same["search_term"]) & ~same[name]
        for other in held:
            alone = alone & same[other] if other != name else alone
        pairs = cells.select(label=name, above=pl.col(name).shift(1)).filter(alone)
        is_within = pl.col("label").str.contains(pl.col("above"), literal=True).fill_null(False)
        is_named = _is_label(pairs["label"], name) & pairs.select(is_within).to_series()
        found = found | alone.scatter(alone.arg_true(), is_named)
    return found


def _is_label(cells: pl.Series, name: str) -> pl.Series:
    if not len(cells):
        return pl.Series([], dtype=pl.Boolean)
    if name == "search_term":  # many: only whole cells are compared
        lower = pl.col(name).str.strip_chars().str.to_lowercase()
        is_label = lower.is_in(_whole_labels()).fill_null(False)
        return cells.to_frame(name).select(is_label).to_series()
    distinct = cells.unique()
    return cells.is_in(distinct.filter(has_total_word(distinct)).implode()).fill_null(False)


def _edge(columns: Columns, lines: int, is_first: bool, is_last: bool) -> pl.Series:
    height = columns.cells.height
    indices = pl.int_range(height, eager=True)
    first = (indices < lines) & pl.Series([is_first])
    return first | ((indices >= height - lines) & pl.Series([is_last]))


@cache
def _whole_labels() -> list[str]:
    known = _known()
    return [*known["words"], *known["parts"], "grand total"]


@cache
def _words() -> str:
    parts = "|".join(_known()["parts"])
    return rf"(?:^|[^\p{{L}}])(?:{_alternatives()})(?:$|[^\p{{L}}])|{parts}"


def _alternatives() -> str:
    return "|".join((*_known()["words"], *_known()["parts"]))


@cache
def _known() -> dict[str, list[str]]:
    text = files("admatch.reports").joinpath("totals.toml").read_text("utf-8")
    known: dict[str, list[str]] = tomllib.loads(text)
    return known
