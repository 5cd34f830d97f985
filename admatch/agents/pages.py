"""Answers that fit a budget of tokens: ``Answer``, ``Page``, ``Table``, ``fitted``."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Generic, TypeVar

from pydantic import BaseModel, Field

from admatch.agents.cells import Sentence, sentence
from admatch.errors import InputError
from admatch.messages import say

if TYPE_CHECKING:
    import polars as pl

MOST_ROWS = 50
_BYTES_PER_TOKEN = 3  # of JSON with figures; English prose has four
_MOST_SENTENCES = 8

Row = TypeVar("Row", bound=BaseModel)
Offset = Annotated[int, Field(ge=0, description="The first row of the page: next_offset.")]
Rows = Annotated[int, Field(ge=1, le=MOST_ROWS, description="Rows of a page, at most.")]


class Page(BaseModel, Generic[Row]):
    """Some rows of a table; ask again with offset = next_offset for those that follow."""

    rows: list[Row]
    offset: int
    total_rows: int = Field(description="Of the whole table, not of this page.")
    next_offset: int | None = Field(default=None, description="Absent on the last page.")
    uri: str | None = Field(default=None, description="The same table as a resource.")


class Sentences(BaseModel):
    """The first few sentences of a list, and how many there are in all."""

    total: int
    first: list[Sentence]


class Answer(BaseModel):
    """What a tool answers. A field that is absent is unknown or does not apply."""

    result: str | None = Field(
        default=None, description="Names this result for other tools and resources."
    )
    notes: Sentences | None = Field(
        default=None, description="What was skipped or makes this less sure; tell the user."
    )


def sentences(texts: Sequence[str]) -> Sentences:
    """Return the first of several sentences, and their number."""
    return Sentences(total=len(texts), first=[sentence(one) for one in texts[:_MOST_SENTENCES]])


@dataclass(frozen=True, slots=True)
class Table(Generic[Row]):
    """A frame whose rows become typed records when a page of them is asked for."""

    frame: "pl.DataFrame"
    record: Callable[[dict[str, Any]], Row]
    uri: str | None = None

    def page(self, offset: int = 0, rows: int = MOST_ROWS) -> Page[Row]:
        """Return a page; raises ``InputError`` if it begins after the end."""
        height = self.frame.height
        if offset and offset >= height:
            raise InputError(say("agents.page.after_end", offset=offset, n=height))
        shown = [self.record(row) for row in self.frame.slice(offset, rows).to_dicts()]
        end = offset + len(shown)
        following = end if end < height else None
        return Page(
            rows=shown, offset=offset, total_rows=height, next_offset=following, uri=self.uri
        )


def noted(texts: Sequence[str]) -> Sentences | None:
    """Return notes, or None if there are none."""
    return sentences(texts) if texts else None


def fitted(answer: BaseModel, tokens: int) -> BaseModel:
    """Return the answer with as many rows of its page as the budget allows.

    Raises ``InputError`` if it has no room for one of them, or is itself too large.
    """
    page = getattr(answer, "page", None)
    if not isinstance(page, Page) or not page.rows:
        return _checked(answer, tokens)
    bare = {"rows": [], "next_offset": page.offset + len(page.rows)}
    head = answer.model_copy(update={"page": page.model_copy(update=bare)})
    left = tokens * _BYTES_PER_TOKEN - size(head)
    kept = 0
    for row in page.rows:
        left -= size(row) + 1
        if left < 0:
            break
        kept += 1
    if kept == len(page.rows):
        return answer
    if not kept:
        raise _too_large(size(head) + size(page.rows[0]), tokens)
    cut = {"rows": page.rows[:kept], "next_offset": page.offset + kept}
    return answer.model_copy(update={"page": page.model_copy(update=cut)})


def _checked(answer: BaseModel, tokens: int) -> BaseModel:
    if tokens_of(answer) > tokens:
        raise _too_large(size(answer), tokens)
    return answer


def _too_large(needed: int, tokens: int) -> InputError:
    needed = -(-needed // _BYTES_PER_TOKEN)
    return InputError(say("agents.page.too_large", needed=needed, tokens=tokens))


def size(part: BaseModel) -> int:
    """Return the bytes of a part as it is sent."""
    return len(part.model_dump_json(exclude_none=True).encode())


def tokens_of(answer: BaseModel) -> int:
    """Return how many tokens an answer takes, rather too many than too few."""
    return -(-size(answer) // _BYTES_PER_TOKEN)
