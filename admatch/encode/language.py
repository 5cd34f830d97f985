"""Which languages a set of texts is written in."""

import re
import tomllib
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files

import numpy as np
import numpy.typing as npt

# A script that one language has to itself, by the first word of its letters' Unicode names.
SCRIPTS = {
    "HIRAGANA": "ja",
    "KATAKANA": "ja",
    "HALFWIDTH": "ja",
    "HANGUL": "ko",
    "CJK": "zh",
    "CYRILLIC": "ru",
    "ARABIC": "ar",
    "GREEK": "el",
    "HEBREW": "he",
    "THAI": "th",
    "DEVANAGARI": "hi",
}
NAMES = {
    "ar": "Arabic", "de": "German", "el": "Greek", "en": "English", "es": "Spanish",
    "fr": "French", "he": "Hebrew", "hi": "Hindi", "it": "Italian", "ja": "Japanese",
    "ko": "Korean", "nl": "Dutch", "pt": "Portuguese", "ru": "Russian", "th": "Thai",
    "zh": "Chinese",
}  # fmt: skip
# Below it, texts are not read as English. English reports reach down to .72, as words of no
# language (brands, places) are shared out among all; German and Japanese ones stay below .05.
MOSTLY = 0.5
# Texts in favour of English: one or two short terms in Latin letters may be anything.
DOUBT = 2
OWN_SCRIPT = {"ar", "el", "he", "hi", "ja", "ko", "ru", "th", "zh"}
WORD = re.compile(r"[^\W\d_]{2,}")  # one letter is a unit or a size
READ_AT_MOST = 2_000  # texts: more change no share by a percent
# Trigrams of one word overlap, so together they say less than their product claims.
TRIGRAM_WEIGHT = 0.5
UNSEEN_TRIGRAM, UNSEEN_WORD = 0.3, 0.15
ROUNDS = 30  # of expectation and maximisation; shares move by less than .001 after ten


def language_shares(texts: Sequence[str]) -> dict[str, float]:
    """Return the share of texts in each language, by ISO 639 code, the largest first.

    Texts without letters count for nothing: without any text that has some, the answer is empty.
    One short term often fits several languages, so the shares are fitted to all texts together.
    Japanese terms in Chinese characters alone count as Japanese where other texts have kana.
    """
    step = max(1, len(texts) // READ_AT_MOST)
    read = Counter(language for text in texts[::step] if (language := _script(text)))
    if read["ja"] > read["zh"] / 10:
        read["ja"] += read.pop("zh", 0)
    latin = [words for text in texts[::step] if not _script(text) and (words := _words(text))]
    found: dict[str, float] = dict(read)
    for language, share in zip(_model().names, _mixture(latin).tolist(), strict=True):
        found[language] = found.get(language, 0) + share * len(latin)
    total = sum(found.values())
    ranked = sorted(found.items(), key=lambda item: (-item[1], item[0]))
    return {language: count / total for language, count in ranked if count} if total else {}


def foreign_language(texts: Sequence[str]) -> str | None:
    """Return the commonest language of texts that are mostly not English, else None."""
    shares = language_shares(texts)
    foreign = next((language for language in shares if language != "en"), None)
    if foreign is None:
        return None
    doubt = 0 if foreign in OWN_SCRIPT else DOUBT
    english = (shares.get("en", 0) * len(texts) + doubt) / (len(texts) + doubt)
    return foreign if english < MOSTLY else None


def language_name(code: str) -> str:
    """Return the English name of a language that ``language_shares`` can tell."""
    return NAMES[code]


def _script(text: str) -> str | None:
    """Return the language whose own script most of the text is in, None for Latin or none."""
    if text.isascii():
        return None
    letters = Counter(_language_of_letter(letter) for letter in text if letter.isalpha())
    if letters["ja"]:
        letters["ja"] += letters.pop("zh", 0)
    # A brand in Latin letters weighs less: one character of these scripts is a syllable or more.
    latin = letters.pop("", 0) / 3
    language, count = letters.most_common(1)[0] if letters else (None, 0)
    return language if count > latin else None


@lru_cache(maxsize=4096)
def _language_of_letter(letter: str) -> str:
    return SCRIPTS.get(re.split("[ -]", unicodedata.name(letter, ""))[0], "")


def _words(text: str) -> list[str]:
    return WORD.findall(unicodedata.normalize("NFC", text).lower())


@dataclass(frozen=True)
class _Model:
    """What the word lists say: ``table`` has a row of log-likelihoods, one a language.

    ``words`` and ``trigrams`` name their rows; the last one is that of a trigram no list has.
    """

    names: tuple[str, ...]
    words: dict[str, int]
    trigrams: dict[str, int]
    table: npt.NDArray[np.float64]

    def likelihood(self, texts: Sequence[Sequence[str]]) -> npt.NDArray[np.float64]:
        """Return the log-likelihood of each text's words, (texts, languages), up to constants."""
        rows: list[int] = []
        starts = []
        for words in texts:
            starts.append(len(rows))
            for word in words:
                rows += [self.words[word]] if word in self.words else []
                rows += [self.trigrams.get(trigram, -1) for trigram in _trigrams(word)]
        summed: npt.NDArray[np.float64] = np.add.reduceat(self.table[rows], starts)
        return summed


@cache
def _model() -> _Model:
    table = tomllib.loads((files("admatch.encode") / "languages.toml").read_text("utf-8"))
    lists = {name: set(words.split()) for name, words in table["words"].items()}
    every = sorted(set().union(*lists.values()))
    held = np.array([[word in words for words in lists.values()] for word in every], dtype=float)
    counts = {
        name: Counter(t for w in words for t in _trigrams(w)) for name, words in lists.items()
    }
    trigrams = sorted(set().union(*counts.values()))
    rows = np.array([[counted[trigram] for counted in counts.values()] for trigram in trigrams])
    sums = rows.sum(axis=0) + UNSEEN_TRIGRAM * len(trigrams)
    likely = TRIGRAM_WEIGHT * np.log((np.vstack([rows, 0 * sums]) + UNSEEN_TRIGRAM) / sums)
    return _Model(
        tuple(lists),
        {word: row for row, word in enumerate(every)},
        {trigram: row for row, trigram in enumerate(trigrams, len(every))},
        np.vstack([np.log(held + UNSEEN_WORD), likely]),
    )


def _trigrams(word: str) -> list[str]:
    framed = f"^{word}$"
    return [framed[i : i + 3] for i in range(len(framed) - 2)]


def _mixture(texts: Sequence[Sequence[str]]) -> npt.NDArray[np.float64]:
    """Return the shares of the Latin-script languages, (languages,), that fit texts best."""
    model = _model()
    shares = np.full(len(model.names), 1 / len(model.names))
    if not texts:
        return shares
    odds = model.likelihood(texts)
    likelihood = np.exp(odds - odds.max(axis=1, keepdims=True))
    for _ in range(ROUNDS):
        belonging = likelihood * shares
        belonging /= belonging.sum(axis=1, keepdims=True)
        # One text's worth of doubt, so that no language is ruled out.
        shares = (belonging.sum(axis=0) + 1 / len(shares)) / (len(texts) + 1)
    return shares
