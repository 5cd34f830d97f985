"""Which changes can be written for upload: ``Writability``."""

from collections.abc import Sequence
from dataclasses import dataclass

from admatch.decisions.recommend import Numbered
from admatch.export.bulk.directory import Directory
from admatch.export.bulk.marketplace import Marketplace, find_marketplace, marketplace_of
from admatch.export.bulk.validate import validate
from admatch.impact.changes import Change
from admatch.messages import Message, say
from admatch.pipeline.options import AnalysisOptions
from admatch.reports.account.records import Account


@dataclass(frozen=True, slots=True)
class Writability:
    """What the bulk file of an account takes: its own rules, so that what is chosen is written.

    ``directory`` is that of the account, for callers that ask again and again.
    """

    account: Account | None
    options: AnalysisOptions
    directory: Directory | None = None

    def refused(self, changes: Numbered, structure: Sequence[Change] = ()) -> dict[int, Message]:
        """Return why some of the changes cannot be written; ``structure`` is made before them."""
        if self.account is None:
            return dict.fromkeys(changes, say("pipeline.upload.no_account"))
        market = market_of([currency for currency, _ in changes.values()], self.options)
        if market is None:
            return dict.fromkeys(changes, say("pipeline.upload.no_marketplace"))
        known = self.directory or Directory(self.account)
        return _refused(changes, structure, known, market)

    def lowest_bid(self, currency: str | None) -> float | None:
        """Return the lowest bid of the marketplace of a currency, or None where it is unknown."""
        market = market_of([currency], self.options)
        return market.lowest if market is not None and currency == market.currency else None


def market_of(currencies: Sequence[str | None], options: AnalysisOptions) -> Marketplace | None:
    """Return the marketplace that is named, or the only one of the only currency."""
    distinct = list(dict.fromkeys(currencies))
    code = options.marketplace or marketplace_of(distinct)
    return None if code is None else find_marketplace(code)


def _refused(
    changes: Numbered, structure: Sequence[Change], known: Directory, market: Marketplace
) -> dict[int, Message]:
    own = {
        unit: change
        for unit, (currency, change) in changes.items()
        if currency in (None, market.currency)
    }
    other = say("pipeline.upload.other_currency", code=market.code, currency=market.currency)
    found = {unit: other for unit in changes if unit not in own}
    every = (*structure, *own.values())
    reasons = {one.change: one.reason for one in validate(every, known, market)[1]}
    return found | {unit: reasons[change] for unit, change in own.items() if change in reasons}
