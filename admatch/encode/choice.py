"""Which encoder a user can choose, and the warning that the choice may bring."""

from enum import StrEnum


class EncoderChoice(StrEnum):
    """The encoder of products and terms; ``AUTO`` goes by the language they are written in.

    ``ENGLISH_FULL`` is the network of which ``ENGLISH`` keeps half.
    """

    AUTO = "auto"
    ENGLISH = "english"
    ENGLISH_FULL = "english-full"
    MULTILINGUAL = "multilingual"


class LanguageWarning(UserWarning):
    """Products or terms are in a language that their encoder does not read."""
