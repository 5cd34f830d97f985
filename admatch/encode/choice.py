"""What a user can ask for as encoder, and is told of it."""

from enum import StrEnum


class EncoderChoice(StrEnum):
    """Which encoder reads products and terms; ``AUTO`` goes by the language they are in."""

    AUTO = "auto"
    ENGLISH = "english"
    MULTILINGUAL = "multilingual"


class LanguageWarning(UserWarning):
    """Products or terms are in a language that their encoder does not read."""
