"""What a user can ask for as encoder."""

from enum import StrEnum


class EncoderChoice(StrEnum):
    """Which encoder reads products and terms; ``AUTO`` goes by the language they are in."""

    AUTO = "auto"
    ENGLISH = "english"
    MULTILINGUAL = "multilingual"
