"""What undoes a change: the entry of the two."""

from dataclasses import replace

from admatch.export.bulk.locate import Located
from admatch.export.bulk.marketplace import Marketplace
from admatch.export.bulk.records import Entry, Refused
from admatch.impact.changes import Change, Operation
from admatch.reports.account.records import Entity

_ANEW = "archiving is for good: undoing it creates another with a new ID and without its history"
_UNLISTED = (
    "Amazon's template for sellers does not list this entity; where the upload refuses the row, "
    "exclude the product in the ad groups"
)


def entry(located: Located, marketplace: Marketplace, asked: Change) -> Entry:
    """Return the located change with what undoes it; ``asked`` is the change as it came.

    Raises ``Refused`` where nothing would undo it.
    """
    change = located.change
    notes = list(_differences(change, asked))
    if change.entity == Entity.CAMPAIGN_NEGATIVE_PRODUCT:
        notes.append(_UNLISTED)
    if change.operation == Operation.UPDATE:
        inverse, more = _previous_bid(located, marketplace)
    elif change.operation == Operation.ARCHIVE:
        inverse, more = _created_anew(change)
    else:
        inverse, more = (
            replace(change, operation=Operation.ARCHIVE, bid=None, before=change.bid),
            [],
        )
    return Entry(change, inverse, (*notes, *more))


def _differences(change: Change, asked: Change) -> list[str]:
    """Return what is written otherwise than it was asked for."""
    notes = []
    if change.operation == Operation.CREATE and change.text != asked.text:
        notes.append("white space was folded to single blanks")
    if change.bid is not None and change.bid != asked.bid:
        notes.append(f"the bid {asked.bid} was rounded to {change.bid}")
    return notes


def _previous_bid(located: Located, marketplace: Marketplace) -> tuple[Change, list[str]]:
    change, notes = located.change, []
    previous = change.before
    if previous is None:
        previous = located.default_bid
        if previous is None:
            raise Refused(
                "neither its bid nor the ad group's default is known, so nothing would undo it; "
                "give the bid before the change or a bulk download as the account"
            )
        notes.append(
            f"it had no bid of its own, and a blank cell cannot take one away: undoing it writes "
            f"the ad group's default of {marketplace.told(previous)} as its own"
        )
    return replace(change, bid=previous, before=change.bid), notes


def _created_anew(change: Change) -> tuple[Change, list[str]]:
    notes = [_ANEW]
    if change.state is None:
        notes.append("its state is not known; undoing it creates an enabled one")
    anew = replace(
        change,
        operation=Operation.CREATE,
        bid=change.before,
        target_id=None,
        before=None,
        state=change.state or "enabled",
    )
    return anew, notes
