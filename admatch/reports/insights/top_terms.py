"""Brand Analytics' top terms: three products in one row → a row each."""

import polars as pl

_LISTED = (1, 2, 3)
TEXTS = ("query", *(f"{name}_{n}" for n in (0, *_LISTED) for name in ("asin", "title")))
FIGURES: dict[str, pl.DataType] = {
    "frequency_rank": pl.Int64(),
    "position": pl.Int64(),
} | {
    f"{name}_{n}": pl.Float64()
    for n in (0, *_LISTED)
    for name in ("click_share", "conversion_share")
}
_COLUMNS = ("asin", "title", "click_share", "conversion_share")


def in_rows(frame: pl.DataFrame) -> pl.DataFrame:
    """Return a row for each product of a term, the most clicked first; a term may have none."""
    own = [name for name in frame.columns if name.rsplit("_", 1)[-1] not in ("0", "1", "2", "3")]
    several = [
        frame.select(
            *(name for name in own if name != "position"),
            pl.lit(n, pl.Int64).alias("position"),
            *(pl.col(f"{name}_{n}").alias(name) for name in _COLUMNS),
        )
        for n in _LISTED
    ]
    single = frame.select(*own, *(pl.col(f"{name}_0").alias(name) for name in _COLUMNS))
    single = single.select(several[0].columns)
    rows = pl.concat([single, *several]).filter(pl.col("asin").is_not_null())
    bare = frame.filter(~pl.col("row").is_in(rows["row"].implode()))
    lacking = bare.select(
        *own, *(pl.lit(None, rows.schema[name]).alias(name) for name in _COLUMNS)
    ).select(rows.columns)
    return pl.concat([rows, lacking]).sort("row", "position", maintain_order=True)
