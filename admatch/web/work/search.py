"""A search: products nearest to words, to a picture, or to both."""

from pathlib import Path
from typing import Any

from admatch.progress import Progress
from admatch.web.work.models import index_of


def search(arguments: dict[str, Any], progress: Progress) -> list[dict[str, Any]]:
    """Return the best products: product_id, title, semantic_id, score, probability."""
    words, picture = arguments["words"], arguments["picture"]
    index = index_of(Path(arguments["catalog"]), [words] if words else [], progress)
    images = [Path(picture)] if picture else []
    ranked = index.search([words], arguments["k"], images=images)[0]
    return [
        {
            "product_id": one.product_id,
            "title": one.title,
            "semantic_id": one.semantic_id,
            "score": one.score,
            "probability": one.probability,
        }
        for one in ranked
    ]
