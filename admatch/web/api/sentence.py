"""Sentences in answers: ``Sentence``, English with what it takes to translate it."""

from typing import Annotated, TypeAlias

from pydantic import BaseModel, BeforeValidator, Field

from admatch.messages import as_json


class Message(BaseModel):
    """A sentence in English, and what it takes to say it in another language.

    ``id`` names the sentence; ``parameters`` are set into it.
    """

    id: str = Field(examples=["web.upload.empty"])
    parameters: dict[str, "int | str | Message"] = Field(examples=[{"file": "report.csv"}])
    text: str = Field(examples=["report.csv: the file is empty; download it again"])


def _structured(value: object) -> object:
    return as_json(value) if isinstance(value, str) else value


# A text has no identifier where an earlier version of admatch stored it.
Sentence: TypeAlias = Annotated[Message | str, BeforeValidator(_structured)]
