"""What Amazon accepts as a keyword and as a product target.

Source: idealerror/amazon-ads-api-docs, en-us/reference/concepts/limits.md (September 2025). Every
function takes folded text and returns a message with the limit, what was found and what to do, or
None where there is nothing to object to.
"""

import re
import tomllib
import unicodedata
from functools import cache
from importlib.resources import files

from admatch.errors import shorten
from admatch.impact.wording import match_type_name
from admatch.messages import Message, say
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


def keyword_fault(text: str, match_type: MatchType) -> Message | None:
    """Return why Amazon rejects the keyword, or None."""
    words, most = len(text.split(" ")), _WORDS.get(match_type, _WORDS_ELSE)
    if not text:
        return say("export.keyword.empty")
    if len(text) > LONGEST:
        return say("export.keyword.too_long", most=LONGEST, found=len(text))
    if words > most:
        kind = match_type_name(match_type)
        return say("export.keyword.too_many_words", most=most, match_type=kind, found=words)
    return _character_fault(text) or _sign_fault(text)


def _character_fault(text: str) -> Message | None:
    unknown = next((letter for letter in text if not _accepted().match(letter)), None)
    if unknown is None:
        return None
    name = unicodedata.name(unknown, "a character without a name").lower()
    shown = f"'{unknown}', " if unknown.isprintable() else ""
    return say("export.keyword.character", found=f"{shown}{name} (U+{ord(unknown):04X})")


def _sign_fault(text: str) -> Message | None:
    if (quotes := text.count('"')) % 2:
        return say("export.keyword.quotes", found=quotes)
    if sign := _LOOSE_SIGN.search(text):
        return say("export.keyword.loose_sign", sign=sign.group())
    return say("export.keyword.loose_period") if _LOOSE_PERIOD.search(text) else None


def product_fault(text: str, entity: Entity) -> Message | None:
    """Return why Amazon rejects the expression of a product target, or None."""
    if entity == Entity.PRODUCT_TARGETING:
        return None if text else say("export.product.empty")
    if _PRODUCT.fullmatch(text):
        return None
    return say("export.product.negative", found=shorten(text))


@cache
def _accepted() -> re.Pattern[str]:
    source = files(__package__).joinpath("characters.toml").read_text(encoding="utf-8")
    table = tomllib.loads(source)
    ranges = "".join(f"{re.escape(a)}-{re.escape(z)}" for a, z in table["ranges"])
    return re.compile(f"[{re.escape(table['symbols'])}{ranges}]")
