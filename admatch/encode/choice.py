"""Which encoder a user can choose, and the warning that the choice may bring."""

from enum import StrEnum


class EncoderChoice(StrEnum):
    """The encoder of products and terms; ``AUTO`` goes by the language they are written in."""

    AUTO = "auto"
    ENGLISH = "english"
    MULTILINGUAL = "multilingual"


class LanguageWarning(UserWarning):
    """Products or terms are in a language that their encoder does not read."""
