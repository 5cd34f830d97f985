"""Arrays of a retrieval → the frames that a person or another program reads."""

import numpy as np
import numpy.typing as npt
import polars as pl

from admatch.ids.semantic_id import written_ids
from admatch.match.records import RETRIEVED, Outcome
from admatch.match.retriever import Retrieved


def tabulate_products(retrieved: Retrieved, products: pl.DataFrame) -> pl.DataFrame:
    """Return ``query`` (its number), ``rank``, the product's columns, ``score``, ``probability``.

    ``products`` holds ``product_id, title, semantic_id`` in catalog order.
    """
    found = retrieved.items >= 0
    query, rank = np.nonzero(found)
    chosen = products[retrieved.items[found]]
    return chosen.select(
        pl.Series("query", query),
        pl.Series("rank", rank + 1),
        "product_id",
        "title",
        "semantic_id",
        pl.Series("score", retrieved.log_odds[found].astype(np.float64)),
        pl.Series("probability", retrieved.probability[found]),
    )


def tabulate_terms(
    terms: pl.Series, paths: npt.NDArray[np.int64], products: pl.DataFrame
) -> pl.DataFrame:
    """Return one row a term: outcome, probability, and its ID in the universe.

    A term's probability is that of the product ranked first; ``products`` as tabulated above.
    """
    best = products.filter(pl.col("rank") == 1)["probability"]
    matched = pl.when(pl.col("probability") >= RETRIEVED)
    return pl.DataFrame(
        {"search_term": terms, "probability": best, "semantic_id": written_ids(paths)}
    ).select(
        "search_term",
        matched.then(pl.lit(Outcome.MATCH.value))
        .otherwise(pl.lit(Outcome.NONE.value))
        .alias("outcome"),
        "probability",
        "semantic_id",
    )
