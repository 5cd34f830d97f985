"""The encoders and models that are open in this process: ``Models``."""

from collections.abc import Callable
from functools import cache

from admatch.encode.choice import EncoderChoice
from admatch.index.shipped import Pair, shipped_pair


class Models:
    """Encoders with their models, each opened once per process.

    ``choose`` finds the pair for a choice and the language of texts.
    """

    def __init__(self, choose: Callable[..., Pair] = shipped_pair) -> None:
        self._choose = choose
        self._open: dict[str, Pair] = {}

    def pair(self, choice: EncoderChoice, *texts: list[str]) -> Pair:
        """Return the pair for texts; ``AUTO`` chooses by their language."""
        found = self._choose(choice, *texts)
        return self._open.setdefault(found.encoder.name, found)


@cache
def shipped_models() -> Models:
    """Return the models that ship with admatch, always the same object."""
    return Models()
