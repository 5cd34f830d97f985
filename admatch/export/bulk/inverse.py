"""What undoes a change: the entry of the two."""

from dataclasses import replace

from admatch.export.bulk.locate import Located
from admatch.export.bulk.marketplace import Marketplace
from admatch.export.bulk.records import Entry, Refused
from admatch.impact.changes import Change, Operation
from admatch.messages import Message, say
from admatch.reports.account.records import Entity


def entry(located: Located, marketplace: Marketplace, original: Change) -> Entry:
    """Return the located change with what undoes it; ``original`` is the change as it came.

    Raises ``Refused`` where nothing would undo it.
    """
    change = located.change
    notes = list(_differences(change, original))
    if change.entity == Entity.CAMPAIGN_NEGATIVE_PRODUCT:
        notes.append(say("export.note.unlisted"))
    if original.new_state is not None:
        inverse, more = replace(change, state=located.state or "enabled"), list[Message]()
    elif change.operation == Operation.UPDATE:
        inverse, more = _previous_bid(located, marketplace)
    elif change.operation == Operation.ARCHIVE:
        inverse, more = _created_anew(change)
    else:
        inverse, more = (
            replace(change, operation=Operation.ARCHIVE, bid=None, before=change.bid),
            [],
        )
    return Entry(change, inverse, (*notes, *more))


def _differences(change: Change, original: Change) -> list[Message]:
    """Return what is written differently from the original change."""
    notes = []
    if change.operation == Operation.CREATE and change.text != original.text:
        notes.append(say("export.note.white_space"))
    if change.bid is not None and change.bid != original.bid:
        notes.append(say("export.note.rounded", bid=str(original.bid), rounded=str(change.bid)))
    return notes


def _previous_bid(located: Located, marketplace: Marketplace) -> tuple[Change, list[Message]]:
    """Return the update that restores the bid; without one the ad group's default is written."""
    change, notes = located.change, list[Message]()
    previous = change.before
    if previous is None:
        previous = located.default_bid
        if previous is None:
            raise Refused(say("export.refused.no_previous_bid"))
        notes.append(say("export.note.default_bid", bid=marketplace.format_bid(previous)))
    return replace(change, bid=previous, before=change.bid), notes


def _created_anew(change: Change) -> tuple[Change, list[Message]]:
    notes = [say("export.note.created_anew")]
    if change.state is None:
        notes.append(say("export.note.unknown_state"))
    anew = replace(
        change,
        operation=Operation.CREATE,
        bid=change.before,
        target_id=None,
        before=None,
        state=change.state or "enabled",
    )
    return anew, notes
