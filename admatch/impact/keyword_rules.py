"""Amazon's matching rules: which terms a keyword or a target serves, and which a negative blocks.

Whole words are compared in their order, with plurals folded on both sides. A negative blocks no
synonyms. A broad keyword also serves synonyms, which no rule can list: these rules cover the part
that words decide. Sources and cases stand in tests/impact/keyword_cases.toml.
"""

import re
from functools import lru_cache

import polars as pl

from admatch.errors import InputError
from admatch.impact.changes import Change
from admatch.impact.wording import entity_name
from admatch.messages import say
from admatch.reports.account.records import NEGATIVES, Entity, MatchType
from admatch.reports.records import TermKind

# Plural and singular meet in one stem: hoses and hose, boxes and box, batteries and battery, knives
# and knife; but gloves are no glof.
_PLURALS = (
    (r"['’]s?\b", ""),
    (r"\b(\p{L}*kni|li|(?:house|mid)?wi)ves\b", "${1}fe"),
    (r"\b(\p{L}*(?:hal|lea|loa|scar|shel|wol)|cal|el|hoo|sel|shea|thie)ves\b", "${1}f"),
    (r"(\p{L}{2,})ies\b", "${1}y"),
    (r"(\p{L}{2,})ie\b", "${1}y"),
    (r"(\p{L}{2,}[\p{L}--[sui]])s\b", "${1}"),
    (r"(\p{L}+(?:ss|x|z|ch|sh|o))e\b", "${1}"),
)
_SEPARATORS = r"[^\p{L}\p{M}\p{N}.&'’]+|\.(?:\s|$)"
_ASIN = r"(?i)\b(b0[a-z0-9]{8}|[0-9]{9}[0-9x])\b"
_ASIN_EQUALS = re.compile(r'^asin\s*=\s*"?([a-z0-9]{10})"?$', re.IGNORECASE)
_ASIN_TERM = re.compile(r"^b0[a-z0-9]{8}$", re.IGNORECASE)
_QUERIES, _DETAIL_PAGES = ("close-match", "loose-match"), ("substitutes", "complements")
_KEYWORD_GROUP = "keyword-group="  # terms about one's brand, the category, gifts, …
_NEGATIVE_KEYWORDS = (Entity.NEGATIVE_KEYWORD, Entity.CAMPAIGN_NEGATIVE_KEYWORD)
TERM_SCHEMA: dict[str, pl.DataType] = {
    "term_kind": pl.String(),
    "folded": pl.String(),  # stems with blanks between and around them
    "asin": pl.String(),  # in capitals; null where the term is no ASIN
}


def fold(terms: pl.Series) -> pl.Series:
    """Return the stems of each term, in order, with one blank between and around them."""
    folded = terms.str.normalize("NFKC").str.to_lowercase().str.replace_all(_SEPARATORS, " ")
    for plural, singular in _PLURALS:
        folded = folded.str.replace_all(plural, singular)
    words = folded.str.replace_all(r"\s+", " ").str.strip_chars(" ")
    return (" " + words + " ").alias("folded")


def describe(terms: pl.Series, kinds: pl.Series) -> pl.DataFrame:
    """Return the columns that the rules look at, one row a term (``TERM_SCHEMA``)."""
    is_asin = (kinds == TermKind.ASIN.value).fill_null(False)
    codes = terms.str.extract(_ASIN).str.to_uppercase().set(~is_asin, None)
    columns = {"term_kind": kinds, "folded": fold(terms.fill_null("")), "asin": codes}
    return pl.DataFrame(columns, schema=TERM_SCHEMA)


def blocked_by(change: Change, *, by_meaning: bool = False) -> pl.Expr:
    """Return whether a negative stops the ads for a term, over columns of ``TERM_SCHEMA``.

    Negative keywords do not stop detail pages (ASIN terms); negative products stop nothing else.
    With ``by_meaning``, a phrase holds as in ``served_by_keyword``.
    Raises ``InputError`` where the change is no negative, or where terms do not show its effect.
    """
    if change.entity in _NEGATIVE_KEYWORDS:
        exact = change.match_type == MatchType.NEGATIVE_EXACT
        return _contains(change.text, MatchType.EXACT if exact else _phrase(by_meaning))
    if change.entity not in NEGATIVES:
        raise InputError(say("impact.rules.blocks_nothing", entity=entity_name(change.entity)))
    asin = _ASIN_EQUALS.match(change.text.strip())
    if asin is None:
        raise InputError(say("impact.rules.unknown_products", text=change.text))
    return (pl.col("asin") == asin[1].upper()).fill_null(False)


def served_by_keyword(keyword: str, match_type: MatchType, *, by_meaning: bool = False) -> pl.Expr:
    """Return whether a keyword's own words serve a term, over columns of ``TERM_SCHEMA``.

    Amazon's API v1 says that PHRASE "expands matching on user intent beyond EXACT", older pages
    that the words stand in their order. With ``by_meaning``, a phrase serves every term that has
    all its words in any order; synonyms that Amazon may add are in no list.
    """
    is_phrase = match_type == MatchType.PHRASE
    return _contains(keyword, _phrase(by_meaning) if is_phrase else match_type)


def _phrase(by_meaning: bool) -> MatchType:
    return MatchType.BROAD if by_meaning else MatchType.PHRASE


def served_by_target(expression: str) -> pl.Expr:
    """Return whether a product target or an auto group may serve a term (``TERM_SCHEMA``).

    Close and loose match and keyword groups answer queries; substitutes and complements answer
    detail pages. All that is known of categories and expanded ASINs is that they are shown there.
    """
    plain = expression.strip().lower()
    if plain in _QUERIES or plain.startswith(_KEYWORD_GROUP):
        return pl.col("term_kind") == TermKind.KEYWORD.value
    asin = _ASIN_EQUALS.match(plain)
    if asin is not None:
        return (pl.col("asin") == asin[1].upper()).fill_null(False)
    return pl.col("term_kind") == TermKind.ASIN.value


def contains_letters(text: str) -> pl.Expr:
    """Return whether a term holds ``text`` inside a longer word, "cord" in "cordless".

    Sources differ on whether a negative phrase blocks those; they are listed, not counted.
    """
    bare = _folded(text).strip(" ")
    typed = pl.col("term_kind") == TermKind.KEYWORD.value
    inside = typed & pl.col("folded").str.contains(bare, literal=True)
    return inside & ~_contains(text, MatchType.PHRASE) if bare else pl.lit(False)


def blocks(change: Change, term: str, kind: TermKind | None = None) -> bool:
    """Return whether a negative stops the ads for one term."""
    return _holds(blocked_by(change), term, kind)


def serves(keyword: str, match_type: MatchType, term: str, kind: TermKind | None = None) -> bool:
    """Return whether a keyword's own words serve one term."""
    return _holds(served_by_keyword(keyword, match_type), term, kind)


def target_serves(expression: str, term: str, kind: TermKind | None = None) -> bool:
    """Return whether a product target or an auto group may serve one term."""
    return _holds(served_by_target(expression), term, kind)


def _holds(rule: pl.Expr, term: str, kind: TermKind | None) -> bool:
    """Return whether a rule holds for one term; its kind is guessed unless given."""
    guessed = TermKind.ASIN if _ASIN_TERM.match(term) else TermKind.KEYWORD
    row = describe(pl.Series([term]), pl.Series([(kind or guessed).value]))
    return bool(row.select(rule).item())


@lru_cache(maxsize=65536)
def _folded(text: str) -> str:
    return str(fold(pl.Series([text]))[0])


def _contains(text: str, match_type: MatchType) -> pl.Expr:
    """Return the rule of positive and negative keywords: all words, the phrase, or the whole."""
    stems = _folded(text)
    typed = pl.col("term_kind") == TermKind.KEYWORD.value
    words = stems.split()
    if not words:
        return pl.lit(False)
    if match_type == MatchType.EXACT:
        return typed & pl.col("folded").eq(stems)
    if match_type == MatchType.PHRASE:
        return typed & pl.col("folded").str.contains(stems, literal=True)
    if match_type == MatchType.BROAD:
        each = [pl.col("folded").str.contains(f" {word} ", literal=True) for word in words]
        return typed & pl.all_horizontal(each)
    raise InputError(say("impact.rules.match_type", found=str(match_type)))
