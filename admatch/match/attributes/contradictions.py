"""Where a term and a title contradict, in their own words: ``contradictions``."""

from admatch.match.attributes.index import AttributeIndex
from admatch.match.attributes.lexicon import Value, stated
from admatch.match.attributes.quantities import Quantity, quantities


def contradictions(term: str, title: str) -> list[tuple[str, str]]:
    """Return what the term asks for and what the title says instead, for each attribute."""
    index = AttributeIndex.build([title])
    offered: list[Quantity | Value] = [*quantities(title), *stated(title.casefold())]
    asked: list[Quantity | Value] = [*quantities(term), *stated(term.casefold())]
    found = []
    for wanted in asked:
        _, against = index.spans(wanted)
        same = [one.text for one in offered if _dimension(one) == _dimension(wanted)]
        if len(against):
            found.append((wanted.text, ", ".join(dict.fromkeys(same)) or title))
    return found


def _dimension(one: Quantity | Value) -> tuple[str, bool]:
    if isinstance(one, Quantity):
        return one.dimension, one.model
    return one.attribute, False
