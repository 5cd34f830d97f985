"""Texts → words, as all evidence from words counts them."""

import itertools
import re
import unicodedata

WORD = re.compile(r"[^\W_]+")
# Scripts without spaces: every pair of neighbouring characters is a word.
UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]+")
# English plurals that no other language of our shops spells so, and what they end in without it:
# "tomatoes", "cherries", "watches", "brushes", "boxes". Those in "-sses" and most in "-ies" would
# part French words ("housse", "bougie") from their plurals.
PLURALS = {"oes": "o", "rries": "rry", "tches": "tch", "shes": "sh", "xes": "x"}
IN_E = ("shoes", "canoes")  # whose singular ends in "e"
SHORT = 3  # letters of words that are no plurals


def words(text: str) -> list[str]:
    """Return the words of a text: lower case, without a plural s, CJK as character pairs."""
    if text.isascii():
        return [_singular(word) for word in WORD.findall(text.lower())]
    every = []
    for word in WORD.findall(unicodedata.normalize("NFKC", text).lower()):
        runs = UNSPACED.findall(word)
        for run in runs:
            every += [run[i : i + 2] for i in range(max(1, len(run) - 1))]
        every += [_singular(part) for part in UNSPACED.split(word) if part]
    return every


def _singular(word: str) -> str:
    if len(word) <= SHORT or not word.endswith("s") or word.endswith("ss"):
        return word
    for ending, single in PLURALS.items():
        if word.endswith(ending) and len(word) > SHORT + 1 and not word.endswith(IN_E):
            return word[: -len(ending)] + single
    return word[:-1]


def pairs(text: str) -> list[str]:
    """Return the pairs of neighbouring words of a text: "oat drink", "drink barista"."""
    return [f"{one} {other}" for one, other in itertools.pairwise(words(text))]
