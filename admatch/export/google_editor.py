"""New keywords and negatives as a CSV file for Google Ads Editor: ``write_google_editor``.

Columns and criterion types: support.google.com/google-ads/editor/answer/57747 (the headers must be
English; campaigns and ad groups go by name). Keywords: 80 characters and 10 words (AdWords API
forum, "Invalid Keyword Text"), forbidden symbols from support.google.com/google-ads/answer/2453972
and, for the asterisk, support.google.com/ds/answer/6264285.
"""

import csv
import io
import math
from dataclasses import dataclass, replace
from pathlib import Path

from admatch.errors import InputError, shorten
from admatch.export.bulk.records import Refusal, Refused
from admatch.export.formulas import runs
from admatch.export.keyword_text import compared, folded
from admatch.impact.changes import Change, ChangeSet, Operation
from admatch.reports.account.records import Entity, MatchType
from admatch.tables.atomic import replacing

COLUMNS = ("Campaign", "Ad Group", "Keyword", "Criterion Type", "Max CPC")
_LONGEST = 80
_WORDS = 10
_INVALID = ",!@%^()={};~`<>?\\|"
_INVALID_POSITIVE = _INVALID + "*"  # a negative may hold an asterisk
_MODIFIERS = '"[]'  # Editor would read them as a match type and drop them from the keyword
_CRITERION_TYPES = {
    (Entity.KEYWORD, MatchType.EXACT): "Exact",
    (Entity.KEYWORD, MatchType.PHRASE): "Phrase",
    (Entity.KEYWORD, MatchType.BROAD): "Broad",
    (Entity.NEGATIVE_KEYWORD, MatchType.NEGATIVE_EXACT): "Negative Exact",
    (Entity.NEGATIVE_KEYWORD, MatchType.NEGATIVE_PHRASE): "Negative Phrase",
    (Entity.CAMPAIGN_NEGATIVE_KEYWORD, MatchType.NEGATIVE_EXACT): "Campaign Negative Exact",
    (Entity.CAMPAIGN_NEGATIVE_KEYWORD, MatchType.NEGATIVE_PHRASE): "Campaign Negative Phrase",
}


@dataclass(frozen=True, slots=True)
class EditorExport:
    """The file, the changes in the order of its rows, and those that were refused."""

    file: Path
    changes: tuple[Change, ...]
    refused: tuple[Refusal, ...]


def write_google_editor(changes: ChangeSet, path: Path | str) -> EditorExport:
    """Write new keywords and negatives as UTF-8 CSV that Google Ads Editor imports.

    Bids are written as they are, in the account's currency. What Google would not take is refused
    with a reason, and so is a name or keyword that a spreadsheet would run as a formula: with an
    apostrophe before it, Editor would look for another campaign. Raises ``InputError`` for changes
    that are withheld.

    >>> place = am.Place("Groceries", "Milk")
    >>> change = am.Change.negative_keyword("almond", am.MatchType.NEGATIVE_EXACT, place)
    >>> am.write_google_editor(am.ChangeSet((change,)), out / "editor.csv").refused
    ()
    """
    if changes.withheld:
        raise InputError(f"nothing is written for upload: {changes.withheld}")
    path, rows, refused = Path(path), {}, []
    for change in changes:
        try:
            written = replace(change, text=folded(change.text))
            row = _row(written)
            if (key := (*row[:2], compared(row[2]), row[3])) in rows:
                raise Refused("this change set holds the same earlier on; drop one of the two")
            rows[key] = written, row
        except Refused as reason:
            refused.append(Refusal(change, str(reason)))
    with replacing(path) as unfinished:
        unfinished.write_bytes(_csv([row for _, row in rows.values()]))
    return EditorExport(path, tuple(change for change, _ in rows.values()), tuple(refused))


def _csv(rows: list[tuple[str, ...]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text).writerows([COLUMNS, *rows])
    return text.getvalue().encode("utf-8-sig")  # without the mark, Windows guesses at umlauts


def _row(change: Change) -> tuple[str, ...]:
    criterion = _criterion_type(change)
    place = change.place
    ad_group = "" if change.entity == Entity.CAMPAIGN_NEGATIVE_KEYWORD else place.ad_group or ""
    if not place.campaign or not (ad_group or criterion.startswith("Campaign")):
        raise Refused("Editor goes by names, and here one is missing; name campaign and ad group")
    fault = _keyword_fault(change.text, positive=change.entity == Entity.KEYWORD)
    if fault:
        raise Refused(fault)
    for cell in (place.campaign, ad_group, change.text):
        if runs(cell):
            raise Refused(
                f"a spreadsheet would run '{shorten(cell)}' as a formula; rename it first"
            )
    return place.campaign, ad_group, change.text, criterion, _bid(change)


def _criterion_type(change: Change) -> str:
    if change.operation != Operation.CREATE:
        raise Refused(
            f"files for Editor hold new keywords and negatives, not an {change.operation.lower()}; "
            "make it in Editor"
        )
    found = change.match_type and _CRITERION_TYPES.get((change.entity, change.match_type))
    if not found:
        what = change.entity.lower() + (f" in {change.match_type}" if change.match_type else "")
        raise Refused(f"Google Ads Editor knows no {what}; leave it to Amazon's bulk sheet")
    return found


def _keyword_fault(text: str, *, positive: bool) -> str | None:
    words = len(text.split(" "))
    if not text:
        return "a keyword needs at least one letter, and this one is empty; drop it"
    if len(text) > _LONGEST:
        return f"Google takes {_LONGEST} characters, and this has {len(text)}; shorten it"
    if words > _WORDS:
        return f"Google takes {_WORDS} words, and this has {words}; shorten it"
    invalid = _INVALID_POSITIVE if positive else _INVALID
    for letter in text:
        # Google takes no character beyond the basic plane (dataforseo.com, from the API's errors)
        if letter in invalid or ord(letter) > 0xFFFF or not letter.isprintable():
            return f"Google takes no {_shown(letter)} in a keyword; write it without"
        if letter in _MODIFIERS:
            return f"Editor reads {_shown(letter)} as a match type; write the keyword without it"
    if text[0] in "+-":
        return f"Editor reads '{text[0]}' at the start as a match type; write the keyword without"
    return None


def _shown(letter: str) -> str:
    return f"'{letter}'" if letter.isprintable() else f"U+{ord(letter):04X}"


def _bid(change: Change) -> str:
    if change.bid is None:
        return ""
    if not math.isfinite(change.bid) or change.bid <= 0:
        raise Refused(f"a bid is more than 0, and this one is {change.bid}; correct it")
    return f"{change.bid:.2f}"
