"""What Amazon takes as a keyword and as a product target.

Source: idealerror/amazon-ads-api-docs, en-us/reference/concepts/limits.md (September 2025). Every
function takes folded text and returns one clause that says the limit, what was found and what to
do, or None where there is nothing to object to.
"""

import re
import tomllib
import unicodedata
from functools import cache
from importlib.resources import files

from admatch.errors import shorten
from admatch.reports.account.records import Entity, MatchType

LONGEST = 80
KEYWORDS_PER_AD_GROUP = 1000  # helpcenter.channable.com; for negatives no figure was found
_WORDS = {MatchType.NEGATIVE_PHRASE: 4}  # 10 in every other match type
_WORDS_ELSE = 10
# "in the middle of keywords": a blank or an end beside the sign is a fault
_LOOSE_SIGN = re.compile(r"(?:^|(?<= ))[-+]|[-+](?:$|(?= ))")
# "in the middle of keywords or in the middle of blank spaces": a.b and a . b, but not "no. 5"
_LOOSE_PERIOD = re.compile(r"^\.|\.$|(?<= )\.(?! )|(?<! )\.(?= )")
_PRODUCT = re.compile(r'(?:asin="[A-Za-z0-9]{10}"|brand="[0-9]+")')


def keyword_fault(text: str, match_type: MatchType) -> str | None:
    """Return why Amazon does not take the keyword, or None."""
    words, most = len(text.split(" ")), _WORDS.get(match_type, _WORDS_ELSE)
    if not text:
        return "a keyword needs at least one letter, and this one is empty; drop it"
    if len(text) > LONGEST:
        return f"Amazon takes {LONGEST} characters, and this has {len(text)}; shorten it"
    if words > most:
        return f"Amazon takes {most} words in {match_type}, and this has {words}; shorten it"
    return _character_fault(text) or _sign_fault(text)


def _character_fault(text: str) -> str | None:
    unknown = next((letter for letter in text if not _taken().match(letter)), None)
    if unknown is None:
        return None
    name = unicodedata.name(unknown, "a character without a name").lower()
    shown = f"'{unknown}', " if unknown.isprintable() else ""
    found = f"{shown}{name} (U+{ord(unknown):04X})"
    return f"Amazon's list of characters for keywords lacks {found}; write it without"


def _sign_fault(text: str) -> str | None:
    if text.count('"') % 2:
        found = text.count('"')
        return (
            f"Amazon takes double quotes in pairs, and this has {found}; write the unit as a word"
        )
    if sign := _LOOSE_SIGN.search(text):
        return f"Amazon takes '{sign.group()}' only inside a word, and here it is not; drop it"
    if _LOOSE_PERIOD.search(text):
        return (
            "Amazon takes '.' only inside a word or between blanks, and here it ends one; drop it"
        )
    return None


def product_fault(text: str, entity: Entity) -> str | None:
    """Return why Amazon does not take the expression of a product target, or None."""
    if entity == Entity.PRODUCT_TARGETING:
        return None if text else 'a product target needs an expression such as asin="B0…"'
    if _PRODUCT.fullmatch(text):
        return None
    found = f"'{shorten(text)}'"
    return f'a negative product is asin="…" with ten letters or brand="…", not {found}; write it so'


@cache
def _taken() -> re.Pattern[str]:
    source = files(__package__).joinpath("characters.toml").read_text(encoding="utf-8")
    table = tomllib.loads(source)
    ranges = "".join(f"{re.escape(a)}-{re.escape(z)}" for a, z in table["ranges"])
    return re.compile(f"[{re.escape(table['symbols'])}{ranges}]")
