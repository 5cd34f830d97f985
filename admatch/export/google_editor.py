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
from admatch.impact.wording import entity_name, match_type_name, operation_name
from admatch.messages import Message, say
from admatch.reports.account.records import Entity, MatchType
from admatch.tables.atomic import replacing

COLUMNS = ("Campaign", "Ad Group", "Keyword", "Criterion Type", "Max CPC")
_LONGEST = 80
_WORDS = 10
_INVALID = ",!@%^()={};~`<>?\\|"
_INVALID_POSITIVE = _INVALID + "*"  # a negative may contain an asterisk
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
    """The file, the written changes in the order of its rows, and the refused ones."""

    file: Path
    changes: tuple[Change, ...]
    refused: tuple[Refusal, ...]


def write_google_editor(changes: ChangeSet, path: Path | str) -> EditorExport:
    """Write new keywords and negatives as UTF-8 CSV that Google Ads Editor imports.

    Bids are written as they are, in the account's currency. What Google would reject is refused
    with a reason, and so is a name or keyword that a spreadsheet would run as a formula: with an
    apostrophe before it, Editor would look for another campaign. Raises ``InputError`` for changes
    that are withheld.

    >>> place = am.Place("Groceries", "Milk")
    >>> change = am.Change.negative_keyword("almond", am.MatchType.NEGATIVE_EXACT, place)
    >>> am.write_google_editor(am.ChangeSet((change,)), out / "editor.csv").refused
    ()
    """
    if changes.withheld:
        raise InputError(say("export.withheld", why=changes.withheld))
    path, rows, refused = Path(path), {}, []
    for change in changes:
        try:
            written = replace(change, text=folded(change.text))
            row = _row(written)
            if (key := (*row[:2], compared(row[2]), row[3])) in rows:
                raise Refused(say("export.refused.duplicate"))
            rows[key] = written, row
        except Refused as reason:
            refused.append(Refusal(change, reason.message))
    with replacing(path) as unfinished:
        unfinished.write_bytes(_csv([row for _, row in rows.values()]))
    return EditorExport(path, tuple(change for change, _ in rows.values()), tuple(refused))


def _csv(rows: list[tuple[str, ...]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text).writerows([COLUMNS, *rows])
    return text.getvalue().encode("utf-8-sig")  # without the mark, Windows misreads umlauts


def _row(change: Change) -> tuple[str, ...]:
    criterion = _criterion_type(change)
    place = change.place
    ad_group = "" if change.entity == Entity.CAMPAIGN_NEGATIVE_KEYWORD else place.ad_group or ""
    if not place.campaign or not (ad_group or criterion.startswith("Campaign")):
        raise Refused(say("export.editor.no_name"))
    fault = _keyword_fault(change.text, positive=change.entity == Entity.KEYWORD)
    if fault:
        raise Refused(fault)
    for cell in (place.campaign, ad_group, change.text):
        if runs(cell):
            raise Refused(say("export.editor.formula", cell=shorten(cell)))
    return place.campaign, ad_group, change.text, criterion, _bid(change)


def _criterion_type(change: Change) -> str:
    if change.operation != Operation.CREATE:
        raise Refused(say("export.editor.only_new", operation=operation_name(change.operation)))
    if change.match_type is None:
        raise Refused(say("export.editor.entity", entity=entity_name(change.entity)))
    criterion = _CRITERION_TYPES.get((change.entity, change.match_type))
    if criterion is None:
        entity, match_type = entity_name(change.entity), match_type_name(change.match_type)
        raise Refused(say("export.editor.match_type", entity=entity, match_type=match_type))
    return criterion


def _keyword_fault(text: str, *, positive: bool) -> Message | None:
    """Return why Google rejects the keyword, or None."""
    words = len(text.split(" "))
    if not text:
        return say("export.keyword.empty")
    if len(text) > _LONGEST:
        return say("export.editor.too_long", most=_LONGEST, found=len(text))
    if words > _WORDS:
        return say("export.editor.too_many_words", most=_WORDS, found=words)
    return _letter_fault(text, _INVALID_POSITIVE if positive else _INVALID)


def _letter_fault(text: str, invalid: str) -> Message | None:
    for letter in text:
        # Google accepts nothing beyond the basic plane (dataforseo.com, from the API's errors)
        if letter in invalid or ord(letter) > 0xFFFF or not letter.isprintable():
            return say("export.editor.letter", letter=_shown(letter))
        if letter in _MODIFIERS:
            return say("export.editor.modifier", letter=_shown(letter))
    return say("export.editor.sign", sign=text[0]) if text[0] in "+-" else None


def _shown(letter: str) -> str:
    return f"'{letter}'" if letter.isprintable() else f"U+{ord(letter):04X}"


def _bid(change: Change) -> str:
    if change.bid is None:
        return ""
    if not math.isfinite(change.bid) or change.bid <= 0:
        raise Refused(say("export.editor.bid", found=f"{change.bid:g}"))
    return f"{change.bid:.2f}"
