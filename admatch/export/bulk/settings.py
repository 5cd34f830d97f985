"""New settings of campaigns: percentages of placements, daily budgets, each with its inverse."""

import math
from dataclasses import replace

from admatch.export.bulk.directory import Campaign, Directory
from admatch.export.bulk.locate import check_alive
from admatch.export.bulk.marketplace import Marketplace
from admatch.export.bulk.records import Entry, Refused
from admatch.impact.changes import Change, Operation, Place
from admatch.messages import say
from admatch.reports.account.records import Entity, Placement

OF_CAMPAIGN = (Entity.CAMPAIGN, Entity.BIDDING_ADJUSTMENT)
_MOST_PERCENT = 900  # Amazon Ads documentation, bulksheets/2-0/create-sp-campaign


def is_setting(change: Change) -> bool:
    """Return whether a change gives a campaign another setting."""
    placement = change.entity == Entity.BIDDING_ADJUSTMENT
    updates = placement or change.operation == Operation.UPDATE
    return change.entity in OF_CAMPAIGN and change.setting is not None and updates


def setting_of(directory: Directory, change: Change) -> float | None:
    """Return what the setting that a change speaks of is in an account; None where unknown."""
    campaign = directory.campaigns.get(change.place.campaign_id or "")
    if campaign is None:
        return None
    if change.entity == Entity.CAMPAIGN:
        return campaign.daily_budget
    return directory.percentage(campaign.id, change.text)


def setting_entry(change: Change, directory: Directory | None, market: Marketplace) -> Entry:
    """Return a new setting with the one that it had; raises ``Refused``.

    An account is needed: it alone knows what the setting is now.
    """
    if directory is None:
        raise Refused(say("export.refused.setting_without_account"))
    campaign = directory.campaign(change.place)
    check_alive(campaign, None)
    place = Place(campaign.name or change.place.campaign, campaign_id=campaign.id)
    at = replace(change, place=place)
    if change.entity == Entity.CAMPAIGN:
        return _budget(at, campaign, market)
    return _percentage(at, campaign, directory)


def _percentage(change: Change, campaign: Campaign, directory: Directory) -> Entry:
    if change.text not in list(Placement):
        raise Refused(say("export.refused.placement", found=change.text))
    new, known = change.setting or 0.0, directory.percentage(campaign.id, change.text)
    if not (math.isfinite(new) and 0 <= new <= _MOST_PERCENT and new == round(new)):
        raise Refused(say("export.refused.percentage", most=_MOST_PERCENT, found=f"{new:g}"))
    before = known or 0.0
    if new == before:
        raise Refused(say("export.refused.same_setting", found=f"{before:g}"))
    operation = Operation.CREATE if known is None else Operation.UPDATE
    made = replace(change, operation=operation, before=before)
    inverse = replace(change, operation=Operation.UPDATE, setting=before, before=new)
    repeated = {"Bidding Strategy": campaign.bidding_strategy}
    return Entry(made, inverse, repeated={k: v for k, v in repeated.items() if v is not None})


def _budget(change: Change, campaign: Campaign, market: Marketplace) -> Entry:
    before = campaign.daily_budget
    if before is None:
        raise Refused(say("export.refused.no_budget"))
    new = market.rounded(change.setting or 0.0)
    if fault := market.budget_fault(new):
        raise Refused(fault)
    if new == before:
        raise Refused(say("export.refused.same_setting", found=market.format_bid(before)))
    made = replace(change, setting=new, before=before)
    inverse = replace(change, setting=before, before=new)
    # Without its portfolio Amazon takes the campaign out of it, without its end date that goes
    # (bulksheets/2-0/update-sp-campaigns).
    repeated = {
        "Portfolio ID": campaign.portfolio_id,
        "Campaign Name": campaign.name,
        "End Date": campaign.ends_on,
        "State": campaign.state,
        "Bidding Strategy": campaign.bidding_strategy,
    }
    return Entry(made, inverse, repeated={k: v for k, v in repeated.items() if v is not None})
