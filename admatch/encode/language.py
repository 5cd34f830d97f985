"""The languages that a set of texts is written in."""

import re
import tomllib
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files

import numpy as np

from admatch.arrays import Floats
from admatch.messages import Message, say

# Scripts that only one language uses, by the first word of their letters' Unicode names.
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
# The share of English below which texts count as not English. English reports go down to .72, as
# words of no language (brands, places) are split among all; German and Japanese stay below .05.
MOSTLY = 0.5
# Texts added in favour of English: one or two short terms in Latin letters may be anything.
DOUBT = 2
OWN_SCRIPT = {"ar", "el", "he", "hi", "ja", "ko", "ru", "th", "zh"}
WORD = re.compile(r"[^\W\d_]{2,}")  # one letter is a unit or a size
READ_AT_MOST = 2_000  # texts: more of them change no share by 1 %
# Trigrams of one word overlap, so together they say less than their product suggests.
TRIGRAM_WEIGHT = 0.5
UNSEEN_TRIGRAM, UNSEEN_WORD = 0.3, 0.15
ROUNDS = 30  # of expectation and maximisation; shares move by less than .001 after ten


def language_shares(texts: Sequence[str]) -> dict[str, float]:
    """Return the share of texts in each language, by ISO 639 code, the largest first.

    Texts without letters are ignored; if no text has any, the result is empty. One short term
    often fits several languages, so the shares are fitted to all texts together. Terms in Chinese
    characters alone count as Japanese where other texts have kana.
    """
    return dict(_shares(tuple(texts[:: max(1, len(texts) // READ_AT_MOST)])))


# A run asks for the language of the same terms and titles several times.
@lru_cache(maxsize=8)
def _shares(texts: tuple[str, ...]) -> dict[str, float]:
    scripts = Counter(language for text in texts if (language := _script(text)))
    if scripts["ja"] > scripts["zh"] / 10:
        scripts["ja"] += scripts.pop("zh", 0)
    latin = [words for text in texts if not _script(text) and (words := _words(text))]
    counts: dict[str, float] = dict(scripts)
    for language, share in zip(_model().names, _mixture(latin).tolist(), strict=True):
        counts[language] = counts.get(language, 0) + share * len(latin)
    total = sum(counts.values())
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return {language: count / total for language, count in ranked if count} if total else {}


def foreign_language(texts: Sequence[str]) -> str | None:
    """Return the most common language of texts that are mostly not English, else None."""
    shares = language_shares(texts)
    foreign = next((language for language in shares if language != "en"), None)
    if foreign is None:
        return None
    doubt = 0 if foreign in OWN_SCRIPT else DOUBT
    english = (shares.get("en", 0) * len(texts) + doubt) / (len(texts) + doubt)
    return foreign if english < MOSTLY else None


def language_name(code: str) -> Message:
    """Return the name of a language that ``language_shares`` returns."""
    return _names()[code]


@cache
def _names() -> dict[str, Message]:
    return {
        "ar": say("encode.language.ar"),
        "de": say("encode.language.de"),
        "el": say("encode.language.el"),
        "en": say("encode.language.en"),
        "es": say("encode.language.es"),
        "fr": say("encode.language.fr"),
        "he": say("encode.language.he"),
        "hi": say("encode.language.hi"),
        "it": say("encode.language.it"),
        "ja": say("encode.language.ja"),
        "ko": say("encode.language.ko"),
        "nl": say("encode.language.nl"),
        "pt": say("encode.language.pt"),
        "ru": say("encode.language.ru"),
        "th": say("encode.language.th"),
        "zh": say("encode.language.zh"),
    }


def _script(text: str) -> str | None:
    """Return the language whose own script most of the text uses; None for Latin or no letters."""
    if text.isascii():
        return None
    letters = Counter(_language_of_letter(letter) for letter in text if letter.isalpha())
    if letters["ja"]:
        letters["ja"] += letters.pop("zh", 0)
    # Latin letters, as of a brand, count less: one character of these scripts is a whole syllable.
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
    """The word lists as numbers: ``table`` has a column of log-likelihoods for each language.

    ``words`` and ``trigrams`` give the rows; the last row stands for a trigram of no list.
    """

    names: tuple[str, ...]
    words: dict[str, int]
    trigrams: dict[str, int]
    table: Floats

    def likelihood(self, texts: Sequence[Sequence[str]]) -> Floats:
        """Return the log-likelihood of each text's words, (texts, languages), up to constants."""
        rows: list[int] = []
        starts = []
        for words in texts:
            starts.append(len(rows))
            for word in words:
                rows += [self.words[word]] if word in self.words else []
                rows += [self.trigrams.get(trigram, -1) for trigram in _trigrams(word)]
        sums: Floats = np.add.reduceat(self.table[rows], starts)
        return sums


@cache
def _model() -> _Model:
    table = tomllib.loads((files("admatch.encode") / "languages.toml").read_text("utf-8"))
    lists = {name: set(words.split()) for name, words in table["words"].items()}
    every = sorted(set().union(*lists.values()))
    listed = np.array([[word in words for words in lists.values()] for word in every], dtype=float)
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
        np.vstack([np.log(listed + UNSEEN_WORD), likely]),
    )


def _trigrams(word: str) -> list[str]:
    framed = f"^{word}$"
    return [framed[i : i + 3] for i in range(len(framed) - 2)]


def _mixture(texts: Sequence[Sequence[str]]) -> Floats:
    """Return the shares of the Latin-script languages, (languages,), that fit the texts best."""
    model = _model()
    shares = np.full(len(model.names), 1 / len(model.names))
    if not texts:
        return shares
    odds = model.likelihood(texts)
    likelihood = np.exp(odds - odds.max(axis=1, keepdims=True))
    for _ in range(ROUNDS):
        posterior = likelihood * shares
        posterior /= posterior.sum(axis=1, keepdims=True)
        # One text's worth of doubt, so that no language is ruled out.
        shares = (posterior.sum(axis=0) + 1 / len(shares)) / (len(texts) + 1)
    return shares
