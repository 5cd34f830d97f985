"""The tool ``explain_match``: why a term is about a product, or is not."""

from typing import TYPE_CHECKING, Annotated

from pydantic import BaseModel, Field

from admatch.agents.call import Call, CatalogFile, IndexFolder, files_of
from admatch.agents.cells import CellText, Sentence, cell, sentence
from admatch.agents.figures import Share, share
from admatch.agents.pages import Answer, noted

if TYPE_CHECKING:
    from admatch.match.explanation import Explanation
    from admatch.pipeline.open_index import ProductSource


class BestProduct(BaseModel):
    """The product that is ranked first for the term."""

    product_id: CellText
    title: CellText
    probability: Share | None = None


class ExplainAnswer(Answer):
    """The evidence for and against a term's being about a product."""

    term: CellText
    product_id: CellText
    title: CellText
    outcome: str = Field(description="What the term is about: match, related or none.")
    probability: Share | None = Field(default=None, description="Of this product.")
    rank: int | None = Field(default=None, description="Of this product for the term, from 1.")
    products: int
    cosine: float = Field(description="Similarity in meaning, -1 … 1.")
    nearer_than: Share = Field(description="Share of other products that are less similar.")
    best: BestProduct
    sentences: list[Sentence] = Field(description="The explanation, the verdict first.")


def explain_match(
    call: Call,
    term: Annotated[str, Field(description="A shopper's search term.", min_length=1)],
    product_id: Annotated[str, Field(description="A product's ID in the catalog: an ASIN.")],
    catalog: CatalogFile = None,
    index: IndexFolder = None,
) -> ExplainAnswer:
    """Explain in plain words why a search term is about a product, or why it is not."""
    source = call.needed_products(catalog, index)
    made = call.results.once(
        "explain_match", files_of(source), {"term": term, "product_id": product_id},
        lambda: _explained(call, source, term, product_id),
    )  # fmt: skip
    found, notes = made.value
    best_id, best_title, best_probability = found.best
    return ExplainAnswer(
        notes=noted((*made.notes, *notes)),
        term=cell(found.search_term),
        product_id=cell(found.product_id),
        title=cell(found.title),
        outcome=found.outcome.value,
        probability=share(found.probability),
        rank=found.rank,
        products=found.products,
        cosine=round(found.cosine, 4),
        nearer_than=share(found.nearer_than) or 0.0,
        best=BestProduct(
            product_id=cell(best_id), title=cell(best_title), probability=share(best_probability)
        ),
        sentences=[sentence(one) for one in found.sentences],
    )


def _explained(
    call: Call, source: "ProductSource", term: str, product_id: str
) -> "tuple[Explanation, tuple[str, ...]]":
    call.progress("reading", 0, 1)
    index = call.index(source, [term])
    return index.value.explain(term, product_id), index.notes
