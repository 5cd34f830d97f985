"""What Amazon's other reports did to an analysis, in sentences: ``insight_notes``."""

from typing import TYPE_CHECKING

import polars as pl

from admatch.messages import Message, say

if TYPE_CHECKING:
    from admatch.pipeline.analyse import Understood


def insight_notes(known: "Understood") -> tuple[Message, ...]:
    """Return a sentence for each use that the other reports were of, and where they were of none.

    There is none without such reports.
    """
    if known.insights is None:
        return ()
    found = [*_market(known)]
    if known.moved is not None and (labelled := known.moved.filter(pl.col("shown") > 0)).height:
        found.append(say("pipeline.insights.moved", n=labelled.height))
    if known.bought is not None and (orders := int(known.bought["orders"].sum())):
        found.append(say("pipeline.insights.bought", n=orders))
    if count := known.new_keywords.height:
        found.append(say("pipeline.insights.new_keywords", n=count))
    return tuple(found)


def _market(known: "Understood") -> list[Message]:
    market = known.market
    if market is None:
        return []
    if market.fit is None:
        return [say("pipeline.insights.market_too_little")]
    if not market.fit.used:
        return [say("pipeline.insights.market_unused", n=market.fit.terms)]
    return [say("pipeline.insights.market_better", n=market.fit.terms)]
