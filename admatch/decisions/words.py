"""Terms as runs of words: ``phrases_in``, and which texts contain one of some phrases."""

from functools import lru_cache

import polars as pl

from admatch.impact.keyword_rules import fold

LONGEST_PHRASE = 4  # words that Amazon takes in a negative phrase
_REMEMBERED = 50_000  # texts: a page asks about the same ones for one target after the other
_WORD = r"[\p{L}\p{M}\p{N}.&'’]+"


def stems(texts: pl.Series) -> pl.Series:
    """Return each text as Amazon's rules compare it: plurals folded, one blank between words."""
    if len(texts) > _REMEMBERED:
        return _stems(texts)
    return _known_stems(tuple(texts))


@lru_cache(maxsize=16)
def _known_stems(texts: tuple[str | None, ...]) -> pl.Series:
    return _stems(pl.Series(texts, dtype=pl.String))


def _stems(texts: pl.Series) -> pl.Series:
    return fold(texts.fill_null("")).str.strip_chars(" ")


def plain(texts: pl.Series) -> pl.Series:
    """Return the words of each text in small letters, one blank between them, plurals kept."""
    return _words(texts.fill_null("")).list.join(" ")


def _words(texts: pl.Series) -> pl.Series:
    return texts.str.normalize("NFKC").str.to_lowercase().str.extract_all(_WORD)


def phrases_in(texts: pl.Series, longest: int = LONGEST_PHRASE) -> pl.DataFrame:
    """Return every run of up to ``longest`` words: text (its number), phrase (folded), words.

    ``written`` is the same run as the text writes it, plurals kept.
    """
    if len(texts) > _REMEMBERED:
        return _phrases(texts, longest)
    return _known_phrases(tuple(texts), longest)


@lru_cache(maxsize=4)
def _known_phrases(texts: tuple[str | None, ...], longest: int) -> pl.DataFrame:
    return _phrases(pl.Series(texts, dtype=pl.String), longest)


def _phrases(texts: pl.Series, longest: int) -> pl.DataFrame:
    written = _words(texts.fill_null(""))
    words = pl.DataFrame({"text": pl.int_range(len(texts), eager=True), "written": written})
    words = words.explode("written", empty_as_null=False).drop_nulls("written")
    words = words.with_columns(stem=stems(words["written"])).filter(pl.col("stem") != "")
    runs = [_runs(words, length) for length in range(1, longest + 1)]
    return pl.concat(runs).unique(["text", "phrase"], keep="first", maintain_order=True)


def _runs(words: pl.DataFrame, length: int) -> pl.DataFrame:
    def run(column: str) -> pl.Expr:
        return pl.concat_str([pl.col(column).shift(-step) for step in range(length)], separator=" ")

    inside = pl.col("text").shift(-(length - 1)) == pl.col("text")
    return (
        words.select(
            "text",
            run("stem").alias("phrase"),
            run("written").alias("written"),
            inside.alias("inside"),
            pl.lit(length).alias("words"),
        )
        .filter(pl.col("inside").fill_null(False))
        .drop("inside")
    )


def holds_any(texts: pl.Series, phrases: pl.Series) -> pl.Series:
    """Return whether each text contains one of ``phrases`` (folded) as whole words."""
    distinct = phrases.filter(phrases != "").unique(maintain_order=True)
    if distinct.is_empty():
        return pl.repeat(False, len(texts), dtype=pl.Boolean, eager=True)
    bare = " " + stems(distinct) + " "
    # One automaton finds all phrases in one pass, whatever their number.
    padded = " " + stems(texts).str.replace_all(" ", "  ", literal=True) + " "
    needles = (bare.str.strip_chars(" ").str.replace_all(" ", "  ", literal=True)).to_list()
    return padded.str.contains_any([f" {one} " for one in needles])
