"""The encoders that admatch ships a model for, and the choice between them by language."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from admatch.encode.choice import EncoderChoice
from admatch.encode.clip import PREFIX as CLIP
from admatch.encode.clip import ClipEncoder
from admatch.encode.concat import ConcatEncoder
from admatch.encode.english import EnglishEncoder
from admatch.encode.image import ImageEncoder
from admatch.encode.misfit import ENGLISH_NAME, FULL_NAME, choice_for, warn_of_misfit
from admatch.encode.multilingual import NAME as MULTILINGUAL_NAME
from admatch.encode.multilingual import MultilingualEncoder
from admatch.encode.multimodal import MultimodalEncoder
from admatch.encode.protocol import Encoder
from admatch.encode.sentence import SentenceEncoder
from admatch.errors import InputError
from admatch.match.universal import SHIPPED, UniversalModel, image_model_in, shipped_folder
from admatch.messages import say


@dataclass(frozen=True)
class Pair:
    """An encoder and the model whose codebooks were fitted to its vectors."""

    encoder: Encoder
    model: UniversalModel


MULTILINGUAL_MODEL = "multilingual-1"


def _english() -> Encoder:
    return MultimodalEncoder(EnglishEncoder(), ImageEncoder())


def _english_full() -> Encoder:
    return MultimodalEncoder(SentenceEncoder(), ImageEncoder())


def _multilingual() -> Encoder:
    image_model = image_model_in(shipped_folder(MULTILINGUAL_MODEL))
    return MultimodalEncoder(MultilingualEncoder(), ImageEncoder(image_model))


_MAKERS: dict[EncoderChoice, tuple[str, Callable[[], Encoder], str]] = {
    EncoderChoice.ENGLISH: (ENGLISH_NAME, _english, SHIPPED),
    EncoderChoice.ENGLISH_FULL: (FULL_NAME, _english_full, SHIPPED),
    EncoderChoice.MULTILINGUAL: (MULTILINGUAL_NAME, _multilingual, MULTILINGUAL_MODEL),
}


def shipped_pair(choice: EncoderChoice, *texts: Sequence[str]) -> Pair:
    """Return the chosen pair; for ``AUTO``, the one that fits the language of ``texts``.

    Each of ``texts`` is one body, such as a catalog's titles or a report's terms: a body that is
    mostly not English needs the multilingual encoder. Where that one is needed and not installed,
    a ``LanguageWarning`` says so and the English pair is returned. Raises MissingDependencyError
    where an explicit choice cannot be met.
    """
    if choice is EncoderChoice.AUTO:
        choice = choice_for(*texts)
    _, encoder, release = _MAKERS[choice]
    pair = Pair(encoder(), UniversalModel.shipped(release))
    for body in texts:
        warn_of_misfit(pair.encoder.name, body)
    return pair


def encoder_of(name: str) -> Encoder:
    """Return the encoder of a name, or of a choice; ``AUTO`` is the English one.

    ``open_clip:…`` is an open_clip model, ``english+open_clip:…`` a text encoder beside one.
    Raises InputError for any other name.
    """
    text_encoder, mark, clip = name.partition(f"+{CLIP}")
    if mark:
        return ConcatEncoder(encoder_of(text_encoder), ClipEncoder(CLIP + clip))
    if name.startswith(CLIP):
        return ClipEncoder(name)
    for choice, (known, maker, _) in _MAKERS.items():
        if name in (choice, known):
            return maker()
    if name != EncoderChoice.AUTO:
        known = ", ".join(EncoderChoice)
        raise InputError(say("index.encoder.unknown", name=name, known=known))
    return encoder_of(EncoderChoice.ENGLISH)


def pair_named(encoder: object) -> Pair:
    """Return the shipped pair whose encoder has this name, or the English one if there is none."""
    named = (choice for choice, (name, _, _) in _MAKERS.items() if name == encoder)
    return shipped_pair(next(named, EncoderChoice.ENGLISH))


def complete_pair(
    encoder: Encoder | None, model: UniversalModel | None, otherwise: Callable[[], Pair]
) -> Pair:
    """Return a pair of those given, completed by what ships with them, or else ``otherwise``."""
    if model is not None:
        return Pair(encoder or _opened(model), model)
    if encoder is not None:
        return Pair(encoder, pair_named(encoder.name).model)
    return otherwise()


def _opened(model: UniversalModel) -> Encoder:
    """Return the encoder that a model was made for, with the model's own image model if any."""
    if CLIP in model.encoder:
        return encoder_of(model.encoder)
    encoder = pair_named(model.encoder).encoder
    if model.image_model is None or not isinstance(encoder, MultimodalEncoder):
        return encoder
    return MultimodalEncoder(encoder.text_encoder, ImageEncoder(model.image_model))
