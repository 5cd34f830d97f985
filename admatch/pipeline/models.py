"""The encoders and models that are open in this process: ``Models``."""

from collections.abc import Callable
from functools import cache

from admatch.encode.choice import EncoderChoice
from admatch.index.shipped import Pair, shipped_pair


class Models:
    """Encoders with their models; one of a kind serves every analysis of a process.

    ``choose`` finds the pair that a choice and the language of texts ask for.
    """

    def __init__(self, choose: Callable[..., Pair] = shipped_pair) -> None:
        self._choose = choose
        self._open: dict[str, Pair] = {}

    def pair(self, choice: EncoderChoice, *texts: list[str]) -> Pair:
        """Return the pair for texts: for ``AUTO``, the one that their language asks for."""
        found = self._choose(choice, *texts)
        return self._open.setdefault(found.encoder.name, found)


@cache
def shipped_models() -> Models:
    """Return the models that ship with admatch, the same whenever asked."""
    return Models()
