"""What can be done about a term: ``Action``."""

from enum import StrEnum


class Action(StrEnum):
    """One decision, in the words of the output; the first thirteen are changes of the account."""

    NEGATE_EXACT = "negate-exact"
    NEGATE_PHRASE = "negate-phrase"
    NEGATE_PRODUCT = "negate-product"
    HARVEST_EXACT = "harvest-exact"
    ISOLATE = "isolate"
    MOVE = "move-to-right-product"
    BID_DOWN = "bid-down"
    BID_UP = "bid-up"
    PAUSE = "pause"
    ARCHIVE_NEGATIVE = "archive-negative"
    PLACEMENT_DOWN = "placement-down"
    PLACEMENT_UP = "placement-up"
    BUDGET_UP = "budget-up"
    FIX_LISTING = "fix-listing"
    KEEP = "keep"
    WATCH = "watch"
    NOT_APPLICABLE = "not-applicable"


NEGATIONS = (Action.NEGATE_EXACT, Action.NEGATE_PHRASE, Action.NEGATE_PRODUCT)
BIDS = (Action.BID_DOWN, Action.BID_UP)
LEVERS = (*BIDS, Action.PAUSE)  # of a targeting as a whole
NEW_KEYWORDS = (Action.HARVEST_EXACT, Action.MOVE)
REPRICED = (*NEW_KEYWORDS, Action.ISOLATE)  # the clicks of one term, at another price
PLACEMENTS = (Action.PLACEMENT_DOWN, Action.PLACEMENT_UP)
OF_CAMPAIGNS = (*PLACEMENTS, Action.BUDGET_UP)  # settings of a campaign as a whole
CHANGING = (*NEGATIONS, *REPRICED, *LEVERS, Action.ARCHIVE_NEGATIVE, *OF_CAMPAIGNS)
