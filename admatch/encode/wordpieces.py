"""Texts → tokens of all-MiniLM-L6-v2's vocabulary, and which texts are encoded together."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer

from admatch.arrays import Rows

MOST_TOKENS = 256  # of a text; later ones are ignored, as in sentence-transformers


class WordPieces:
    """The tokenizer in the file at ``path``."""

    def __init__(self, path: Path) -> None:
        self._tokenizer = Tokenizer.from_file(str(path))
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(MOST_TOKENS)

    def tokens(self, texts: Sequence[str]) -> list[list[int]]:
        """Return the tokens of each text."""
        return [encoding.ids for encoding in self._tokenizer.encode_batch(list(texts))]

    def knows(self, word: str) -> bool:
        """Return whether a lower-case word is in the vocabulary as a whole."""
        return self._tokenizer.token_to_id(word) is not None


def of_one_length(tokens: Sequence[Sequence[int]], together: int) -> Iterator[Rows]:
    """Yield the rows of texts with as many tokens, at most ``together`` tokens at a time.

    Texts that are encoded together need no padding then (``python -m tests.benchmarks.encoders``).
    """
    lengths = np.array([len(one) for one in tokens])
    order = np.argsort(lengths, kind="stable")
    for group in np.split(order, np.flatnonzero(np.diff(lengths[order])) + 1):
        step = max(1, together // int(lengths[group].max(initial=1)))
        for first in range(0, len(group), step):
            yield group[first : first + step]
