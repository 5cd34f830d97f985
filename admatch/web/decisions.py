"""Decisions of a finished run: filtered, sorted, searched, with the verdicts on them."""

import json
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from admatch.errors import InputError, shorten
from admatch.messages import as_json, say
from admatch.store.verdict import Verdict
from admatch.tables.atomic import replacing
from admatch.web.catalogs import picture_address
from admatch.web.decision_filter import DecisionFilter
from admatch.web.frame_cache import FrameCache
from admatch.web.levels import level_page, with_own_products
from admatch.web.messages import with_messages

if TYPE_CHECKING:
    import polars as pl

VERDICTS = "verdicts.json"
SORTABLE = (
    *("decision", "search_term", "action", "outcome", "campaign", "ad_group", "title"),
    *("impressions", "clicks", "spend", "orders", "sales", "acos", "probability"),
    *("product_probability", "spend_freed", "sales_at_risk", "gain", "verdict"),
    *("acos_after", "chance", "new_bid", "targeting"),
)
_COUNTS = ("clicks", "orders")
_AMOUNTS = ("spend", "sales", "spend_freed", "gain", "sales_at_risk")
_EFFECTS = ("spend_freed", "gain", "sales_at_risk")
_SENTENCES = ("reason", "warning")
# not of every admatch
_LATER = ("target_acos", "margin", "acos_before", "acos_after", "chance", "whole_gain")


def _why_not(writable: "pl.Expr") -> "pl.Expr":
    """Return why the change of a row does not go into the file, as JSON of a message."""
    import polars as pl

    said = {
        name: json.dumps(as_json(one))
        for name, one in (
            ("rejected", say("web.decisions.rejected")),
            ("not_chosen", say("web.decisions.not_chosen")),
        )
    }
    inside = ~pl.col("changing") | pl.col("in_file")
    return (
        pl.when(inside)
        .then(None)
        .when(pl.col("verdict") == "rejected")
        .then(pl.lit(said["rejected"]))
        .when(~writable)
        .then("warning_message")
        .otherwise(pl.lit(said["not_chosen"]))
    )


def _given(verdict: str) -> "pl.Expr":
    import polars as pl

    return (pl.col("verdict") == verdict).sum().alias(verdict)


def _of(currency: str | None) -> "pl.Expr":
    import polars as pl

    return pl.col("currency").eq_missing(pl.lit(currency, pl.String))


class DecisionTable:
    """A run's decisions with the verdicts on them."""

    def __init__(
        self, frames: FrameCache, result: Path, verdicts: Sequence[Mapping[str, Any]]
    ) -> None:
        import polars as pl

        from admatch.pipeline.accepted import writable
        from admatch.pipeline.records import CHANGING

        self._frames, self._result = frames, result
        self._verdicts = verdicts
        judged = pl.DataFrame(
            {name: [one[name] for one in verdicts] for name in ("decision", "verdict", "note")},
            schema={"decision": pl.Int32, "verdict": pl.String, "note": pl.String},
        )
        rows = _current(frames.get(result / "decisions.parquet"))
        rows = rows.join(judged, on="decision", how="left", maintain_order="left")
        self._changing = pl.col("action").is_in([one.value for one in CHANGING])
        taken = (
            pl.when(pl.col("verdict") == "accepted")
            .then(True)
            .when(pl.col("verdict") == "rejected")
            .then(False)
            .otherwise("chosen")
        )
        if "warning_message" not in rows.columns:  # of an earlier admatch
            rows = rows.with_columns(warning_message=pl.lit(None, pl.String))
        known = writable()
        rows = rows.with_columns(in_file=self._changing & taken & known, changing=self._changing)
        rows = rows.with_columns(not_in_file=_why_not(known))
        units = rows.filter("in_file")["unit"].unique()
        served = ~pl.col("in_file") & pl.col("unit").is_in(units.implode())
        self._rows = rows.with_columns(served=served.fill_null(False))

    @property
    def rows(self) -> "pl.DataFrame":
        """Every decision with its verdict, whether it goes into the file, or another's serves it.

        What a new bid does counts on all rows that its targeting serves.
        """
        return self._rows

    def accepted(self, summary: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Return the headline of each currency with what goes into the file now."""
        import polars as pl

        from admatch.pipeline.accepted import accepted_set

        units = self._rows.filter("in_file")["unit"].unique().to_list()
        rows = self._frames.get(self._result / "rows.parquet")
        held = self._rows.group_by("currency").agg(pl.col("in_file").sum(), _given("accepted"),
                                                   _given("rejected"))  # fmt: skip
        counts = {row["currency"]: row for row in held.to_dicts()}
        return [
            accepted_set(rows.filter(_of(line["currency"])), units, line)
            | {name: counts.get(line["currency"], {}).get(name, 0)
               for name in ("in_file", "accepted", "rejected")}
            for line in summary["currencies"]
        ]  # fmt: skip

    def _sums(self, rows: "pl.DataFrame") -> dict[str, Any]:
        """Return the sums of rows; what a change does counts with all rows that it touches."""
        import polars as pl

        from admatch.pipeline.accepted import count_changes

        units = rows.filter("changing")["unit"].unique()
        touched = self._rows.filter(pl.col("unit").is_in(units.implode()))
        done = {name: value for name, value in _sums(touched).items() if name in _EFFECTS}
        full = self._frames.get(self._result / "rows.parquet")
        counts = {"rows": rows.height, "in_file": int(rows["in_file"].sum())}
        counts["changes"] = count_changes(full.filter(pl.col("unit").is_in(units.implode())))
        counts["beyond"] = (
            touched.height - rows.filter(pl.col("unit").is_in(units.implode())).height
        )
        return counts | _sums(rows) | done

    def level(
        self, selection: DecisionFilter, level: str, sort: str, page: int, size: int,
        ads: "pl.DataFrame | None" = None,
    ) -> dict[str, Any]:  # fmt: skip
        """Return a page of targetings, ad groups, campaigns or products with their totals.

        ``ads`` are the only products of ad groups: campaign, ad_group, product_id.
        """
        import polars as pl

        units = self._rows.filter("in_file")["unit"].unique()
        full = self._frames.get(self._result / "rows.parquet")
        expected = [
            full[name] if name in full.columns else pl.lit(0.0).alias(name)
            for name in ("expected_spend", "expected_sales", "sales_change")
        ]
        rows = self._rows.with_columns(
            *expected, unit_in_file=pl.col("unit").is_in(units.implode())
        )
        if level == "product":
            rows = with_own_products(rows, ads)
        return level_page(rows.filter(*selection.conditions()), level, sort, page, size)

    def page(self, selection: DecisionFilter, sort: str, page: int, size: int) -> dict[str, Any]:
        """Return a page of decisions with the sums over all that pass the filter."""
        import polars as pl

        rows = self._rows.filter(*selection.conditions())
        start = (page - 1) * size
        items = self._sorted(rows, sort)[start : start + size]
        counts = self._rows.filter(*selection.conditions(without_action=True))
        actions = counts.group_by("action").agg(n=pl.len()).sort("n", "action", descending=True)
        return {
            "total": rows.height,
            "page": page,
            "size": size,
            "sums": self._sums(rows),
            "actions": dict(actions.iter_rows()),
            "items": items.to_dicts(),
        }

    def numbers(self, selection: DecisionFilter | None, named: Sequence[int]) -> list[int]:
        """Return the decisions that pass a filter, or those named, with all of the same change."""
        import polars as pl

        by_number = [pl.col("decision").is_in(list(named))]
        found = self._rows.filter(*(selection.conditions() if selection else by_number))
        units = found.filter(self._changing)["unit"].unique()
        same = self._changing & pl.col("unit").is_in(units.implode())
        own = pl.col("decision").is_in(found["decision"].implode())
        return self._rows.filter(own | same)["decision"].to_list()

    def verdicts_before(self, numbers: Sequence[int]) -> dict[str, list[int]]:
        """Return which of some decisions have which verdict."""
        given = {one["decision"]: one["verdict"] for one in self._verdicts}
        found: dict[str, list[int]] = {one.value: [] for one in Verdict}
        for number in numbers:
            found[given.get(number) or Verdict.UNDECIDED.value].append(number)
        return found

    def in_file(self) -> list[int]:
        """Return the decisions that go into the file for upload."""
        return self._rows.filter("in_file")["decision"].to_list()

    def write_verdicts(self, path: Path) -> None:
        """Write what was accepted and rejected, as a nightly job reads it."""
        import polars as pl

        from admatch.pipeline.records import REJECTED, subject

        verdicts = {one["decision"]: one for one in self._verdicts}
        rows = self._rows.filter(pl.col("decision").is_in(list(verdicts)))
        rows = rows.with_columns(text=subject()).unique(list(REJECTED), maintain_order=True)
        entries = [
            {name: row[name] for name in REJECTED}
            | {name: verdicts[row["decision"]][name] for name in ("note", "decided_by")}
            | {"verdict": verdicts[row["decision"]]["verdict"] or Verdict.UNDECIDED.value}
            | {"decided_at": verdicts[row["decision"]]["decided_at"].isoformat()}
            for row in rows.iter_rows(named=True)
        ]
        with replacing(path) as draft:
            draft.write_text(json.dumps(entries, ensure_ascii=False, indent=2), encoding="utf-8")

    def detail(self, number: int) -> dict[str, Any] | None:
        """Return one decision with all of its evidence and the products that its term retrieves."""
        import polars as pl

        found = self._rows.filter(pl.col("decision") == number).to_dicts()
        if not found:
            return None
        row = found[0]
        products = self._retrieved(row["search_term"])
        for name in ("other_ad_groups", "blast_radius", "conflicts"):
            row[name] = row[name] or []
        same = [one for one in self.numbers(None, [number]) if one != number]
        return row | {"products": products, "same_change": same}

    def _retrieved(self, term: str) -> list[dict[str, Any]]:
        """Return the products that a term retrieves; none where nothing was matched."""
        import polars as pl

        file = self._result / "products.parquet"
        if not file.exists():
            return []
        own = self._frames.get(file).filter(pl.col("search_term") == term).sort("rank")
        return own.select("rank", "product_id", "title", "semantic_id", "probability").to_dicts()

    def _sorted(self, rows: "pl.DataFrame", sort: str) -> "pl.DataFrame":
        name = sort.removeprefix("-")
        if name not in SORTABLE:
            fields = ", ".join(SORTABLE)
            raise InputError(say("web.decisions.sort", name=shorten(name), fields=fields))
        descending = [sort.startswith("-"), False]
        return rows.sort(name, "decision", descending=descending, nulls_last=True)


def _current(rows: "pl.DataFrame") -> "pl.DataFrame":
    """Return the decisions of a run by an earlier admatch with the columns of this one."""
    import polars as pl

    rows = rows.rename({"profit_gain": "gain"}, strict=False)
    lacking = [name for name in _LATER if name not in rows.columns]
    return rows.with_columns(pl.lit(None, pl.Float64).alias(name) for name in lacking)


def _sums(rows: "pl.DataFrame") -> dict[str, Any]:
    """Return the sums of rows; amounts of several currencies have none."""
    names = _COUNTS if rows["currency"].n_unique() > 1 else (*_COUNTS, *_AMOUNTS)
    sums = {name: _json_value(rows[name].sum()) if rows.height else None for name in names}
    return dict.fromkeys((*_COUNTS, *_AMOUNTS)) | sums


def api_row(
    row: Mapping[str, Any], names: Sequence[str], catalog_id: str, pictured: set[str]
) -> dict[str, Any]:
    """Return the fields of a row as the API has them, with the address of the picture."""
    row = with_messages(row, _SENTENCES)
    if row.get("not_in_file"):
        row["not_in_file"] = json.loads(row["not_in_file"])
    own = {name: _json_value(row[name]) for name in names if name in row}
    product = row.get("product_id")
    has = product in pictured
    return own | {"picture": picture_address(catalog_id, str(product)) if has else None}


def _json_value(value: Any) -> Any:  # noqa: ANN401 - a cell
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and (value != value or abs(value) == float("inf")):
        return None
    return value
