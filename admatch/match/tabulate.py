"""Arrays of a retrieval → the frames that a person or another program reads."""

from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from admatch.ids.semantic_id import written_ids
from admatch.match.records import RETRIEVED, TERMS_SCHEMA, Outcome
from admatch.match.retriever import Retrieved


def tabulate_products(
    retrieved: Retrieved, products: pl.DataFrame, ids: npt.NDArray[np.int16]
) -> pl.DataFrame:
    """Return ``query`` (its number), ``rank``, the product's columns, ``score``, ``probability``.

    ``products`` holds ``product_id`` and ``title`` in catalog order, ``ids`` (n, depth) their IDs.
    """
    found = retrieved.items >= 0
    query, rank = np.nonzero(found)
    chosen = products[retrieved.items[found]]
    return chosen.select(
        pl.Series("query", query),
        pl.Series("rank", rank + 1),
        "product_id",
        "title",
        written_ids(ids[retrieved.items[found]]).alias("semantic_id"),
        pl.Series("score", retrieved.log_odds[found].astype(np.float64)),
        pl.Series("probability", retrieved.probability[found]),
    )


def tabulate_terms(terms: pl.Series, retrieved: Retrieved) -> pl.DataFrame:
    """Return one row a term: its outcome, its probabilities, and its ID in the universe.

    A term's probability is that of the product ranked first.
    """
    likely, akin = pl.col("probability") >= RETRIEVED, pl.col("related_probability") >= RETRIEVED
    outcome = (
        pl.when(likely)
        .then(pl.lit(Outcome.MATCH.value))
        .when(akin)
        .then(pl.lit(Outcome.RELATED.value))
        .otherwise(pl.lit(Outcome.NONE.value))
    )
    columns: dict[str, Any] = {
        "search_term": terms,
        "probability": retrieved.probability[:, 0] if len(terms) else [],
        "related_probability": retrieved.related_probability,
        "semantic_id": written_ids(retrieved.paths),
    }
    return pl.DataFrame(columns).with_columns(outcome=outcome).select(*TERMS_SCHEMA)
