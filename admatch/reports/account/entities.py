"""What each row of an account describes: its entity, match type, keyword or target."""

import polars as pl

from admatch.reports.account.records import Entity, MatchType
from admatch.reports.account.values import translate
from admatch.reports.rows import Columns

# what a target's cell holds when it is not a keyword
_TARGET = (
    r"(?i)^(?:close-match|loose-match|substitutes|complements|\*|"
    r"(?:asin|asin-expanded|category|brand|keyword-group|product-type)\s*=.*)$"
)


def find_entities(columns: Columns, key: str) -> pl.DataFrame:
    """Return entity, match_type, keyword and expression of each row; ``key`` is the format's.

    The match type decides where the entity leaves it open: bulk files of before 2022 call negative
    keywords keywords too. Unknown words are kept as they stand.
    """
    match_type = _either(columns.get("match_type"), columns.get("keyword_type"))
    rows = pl.DataFrame(
        {
            "written": match_type.str.strip_chars(),
            "match": translate(match_type, "match_type"),
            "keyword": columns.get("keyword").str.strip_chars(),
            "expression": columns.get("expression").str.strip_chars(),
        }
    )
    if key == "targeting":
        return _settle(_targets(rows, columns))
    if key in ("advertised_product", "campaign"):
        entity = Entity.PRODUCT_AD if key == "advertised_product" else Entity.CAMPAIGN
        return _settle(rows.with_columns(entity=pl.lit(entity.value)))
    word = columns.get("entity").str.strip_chars().rename("entity")
    return _settle(rows.with_columns(_either(translate(word, "entity"), word)))


def _targets(rows: pl.DataFrame, columns: Columns) -> pl.DataFrame:
    """Return the rows of a targeting report, divided into keywords and product targets."""
    text = _either(columns.get("targeting"), columns.get("target_expression")).str.strip_chars()
    is_target = text.str.contains(_TARGET).fill_null(False) | rows["match"].is_in(
        ["expression", "negativeExpression"]
    ).fill_null(False)
    entity = pl.when(is_target).then(pl.lit(Entity.PRODUCT_TARGETING.value))
    return rows.with_columns(
        entity.otherwise(pl.lit(Entity.KEYWORD.value)).alias("entity"), text.alias("keyword")
    )


def _settle(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the rows with entity and match type made consistent with each other."""
    entity, match = pl.col("entity"), pl.col("match")
    is_campaign = match.str.starts_with("campaignNegative").fill_null(False)
    is_negative = match.is_in([MatchType.NEGATIVE_EXACT.value, MatchType.NEGATIVE_PHRASE.value])
    settled = (
        pl.when(is_campaign & (entity == Entity.KEYWORD))
        .then(pl.lit(Entity.CAMPAIGN_NEGATIVE_KEYWORD.value))
        .when(is_negative & (entity == Entity.KEYWORD))
        .then(pl.lit(Entity.NEGATIVE_KEYWORD.value))
        .when((match == "negativeExpression") & (entity == Entity.PRODUCT_TARGETING))
        .then(pl.lit(Entity.NEGATIVE_PRODUCT_TARGETING.value))
        .otherwise(entity)
    )
    is_target = entity.is_in(
        [
            Entity.PRODUCT_TARGETING.value,
            Entity.NEGATIVE_PRODUCT_TARGETING.value,
            Entity.CAMPAIGN_NEGATIVE_PRODUCT.value,
        ]
    )
    return rows.with_columns(
        entity=settled,
        match=pl.when(is_campaign).then(match.str.replace("campaignN", "n")).otherwise(match),
        keyword=pl.when(~is_target).then("keyword"),
        expression=pl.when(is_target)
        .then(pl.coalesce("expression", "keyword"))
        .otherwise("expression"),
    ).select("entity", "keyword", "expression", match_type=_match_type())


def _match_type() -> pl.Expr:
    """Return the ``MatchType`` of rows whose entity is settled, or the file's own word."""
    match = pl.col("match")
    negative = pl.col("entity").is_in(
        [Entity.NEGATIVE_KEYWORD.value, Entity.CAMPAIGN_NEGATIVE_KEYWORD.value]
    )
    positive = match.is_in([MatchType.EXACT.value, MatchType.PHRASE.value])
    return (
        pl.when(match.is_in(["expression", "negativeExpression"]))
        .then(None)
        .when(negative & positive)
        .then(pl.concat_str(pl.lit("negative"), match.str.to_titlecase()))
        .otherwise(pl.coalesce("match", "written"))
    )


def _either(first: pl.Series, second: pl.Series) -> pl.Series:
    """Return ``first``, where it is null ``second``, under the second's name."""
    return first.zip_with(first.is_not_null(), second).rename(second.name)
