"""Which changes can be written for upload: ``refusals_of``."""

from collections.abc import Mapping, Sequence

from admatch.decisions.recommend import Refuse
from admatch.export.bulk.directory import Directory
from admatch.export.bulk.marketplace import Marketplace, find_marketplace, marketplace_of
from admatch.export.bulk.validate import validate
from admatch.impact.changes import Change
from admatch.messages import Message, say
from admatch.pipeline.options import AnalysisOptions
from admatch.reports.account.records import Account


def refusals_of(account: Account | None, options: AnalysisOptions) -> Refuse:
    """Return what says of each change why it cannot be written: the rules of the bulk file itself.

    So what is chosen is what is written, and nothing else is counted.
    """

    def refuse(changes: Mapping[int, tuple[str | None, Change]]) -> dict[int, Message]:
        if account is None:
            return dict.fromkeys(changes, say("pipeline.upload.no_account"))
        market = market_of([currency for currency, _ in changes.values()], options)
        if market is None:
            return dict.fromkeys(changes, say("pipeline.upload.no_marketplace"))
        return _refused(changes, account, market)

    return refuse


def market_of(currencies: Sequence[str | None], options: AnalysisOptions) -> Marketplace | None:
    """Return the marketplace that is named, or the only one of the only currency."""
    distinct = list(dict.fromkeys(currencies))
    code = options.marketplace or marketplace_of(distinct)
    return None if code is None else find_marketplace(code)


def _refused(
    changes: Mapping[int, tuple[str | None, Change]], account: Account, market: Marketplace
) -> dict[int, Message]:
    own = {
        unit: change
        for unit, (currency, change) in changes.items()
        if currency in (None, market.currency)
    }
    other = say("pipeline.upload.other_currency", code=market.code, currency=market.currency)
    found = {unit: other for unit in changes if unit not in own}
    reasons = {
        one.change: one.reason for one in validate(own.values(), Directory(account), market)[1]
    }
    return found | {unit: reasons[change] for unit, change in own.items() if change in reasons}
