"""Exports with several rows per product (Shopify, Wix, Squarespace) → one row per variant."""

import polars as pl

from admatch.catalog.headers import HEADERS

_OF_THE_PRODUCT = (
    "title",
    "description",
    "short_description",
    "brand",
    "category",
    "url",
    "gender",
)
_OPTIONS = (1, 2, 3)
_NO_OPTION = "Default Title"  # what Shopify writes for a product without variants
OPTION = pl.Struct({"name": pl.String(), "value": pl.String()})


def fold_variants(cells: pl.DataFrame) -> pl.DataFrame:
    """Return one row per variant, with its product's texts and images.

    Rows that only add an image give it to every variant. Where a product has several variants, the
    title gets the variant's options ("Shirt - Red / M"). The ID is the SKU, or else the handle with
    the options; ``parent_id`` is the handle. ``options`` lists the options as attributes.
    """
    rows = _with_product_texts(cells.with_columns(pl.col("handle").forward_fill()))
    variants = _without_shells(
        rows.filter(_is_variant(rows) | pl.col("handle").is_first_distinct())
    )
    count = pl.len().over("handle")
    options = pl.concat_str(_option_values(rows), separator=" / ", ignore_nulls=True)
    variants = variants.with_columns(
        several=count > 1, options_text=pl.when(options.str.len_bytes() > 0).then(options)
    )
    named = pl.concat_str("title", "options_text", separator=" - ")
    by_handle = pl.concat_str(
        "handle", pl.when("several").then("options_text"), separator="/", ignore_nulls=True
    )
    sku = pl.col("sku") if "sku" in rows.columns else pl.lit(None, pl.String)
    only = sku.is_not_null() & (pl.len().over(sku) == 1)
    return variants.with_columns(
        title=pl.when("several").then(pl.coalesce(named, "title")).otherwise("title"),
        product_id=pl.when(only).then(sku).otherwise(by_handle),
        parent_id=pl.when("several").then("handle"),
        options=_options(rows),
    ).drop("several", "options_text")


def _with_product_texts(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the rows with the texts of their product's first row, and with all its images."""
    names = [f"option{number}_name" for number in _OPTIONS]
    shared = [name for name in (*_OF_THE_PRODUCT, *names) if name in rows.columns]
    filled = rows.with_columns(pl.col(shared).drop_nulls().first().over("handle"))
    images = [name for name in ("variant_image", "image1") if name in rows.columns]
    if "image1" in images:
        all_images = pl.col("image1").drop_nulls().unique(maintain_order=True).str.join("|")
        filled = filled.with_columns(all_images.over("handle"))
    joined = pl.concat_str(images, separator="|", ignore_nulls=True) if images else pl.lit(None)
    return filled.with_columns(image1=joined.cast(pl.String)).drop("variant_image", strict=False)


def _without_shells(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the rows without those of products whose variants have rows of their own (Wix)."""
    if "row_kind" not in rows.columns:
        return rows
    shell = (pl.col("row_kind").str.to_lowercase() == "product") & (pl.len().over("handle") > 1)
    return rows.filter(~shell.fill_null(False))


def _is_variant(rows: pl.DataFrame) -> pl.Expr:
    marks = [name for name in ("sku", "price", "option1_value") if name in rows.columns]
    return pl.any_horizontal(pl.col(marks).is_not_null()) if marks else pl.lit(False)


def _option_values(rows: pl.DataFrame) -> list[pl.Expr]:
    columns = [f"option{number}_value" for number in _OPTIONS]
    shown = [name for name in columns if name in rows.columns]
    given = [pl.col(name) != _NO_OPTION for name in shown]
    values = [
        pl.when(one).then(name).otherwise(None) for one, name in zip(given, shown, strict=True)
    ]
    return values or [pl.lit(None, pl.String)]


def _options(rows: pl.DataFrame) -> pl.Expr:
    """Return the options as pairs of name and value, under the names of known attributes."""
    pairs = []
    for number in _OPTIONS:
        name, value = f"option{number}_name", f"option{number}_value"
        if name in rows.columns and value in rows.columns:
            known = {title: _attribute(title) for title in rows[name].drop_nulls().unique()}
            given = pl.col(value).is_not_null() & (pl.col(value) != _NO_OPTION)
            pair = pl.struct(name=pl.col(name).replace(known), value=pl.col(value))
            pairs.append(pl.when(given & pl.col(name).is_not_null()).then(pair))
    return pl.concat_list(pairs).list.drop_nulls() if pairs else pl.lit([], pl.List(OPTION))


def _attribute(title: str) -> str:
    return next(iter(HEADERS.recognise([title]).columns), title.strip().lower())
