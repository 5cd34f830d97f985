"""The options of decisions as an agent gives them: ``advice_options``."""

from dataclasses import fields
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from admatch.errors import InputError, shorten
from admatch.messages import say

if TYPE_CHECKING:
    from admatch.pipeline.options import AnalysisOptions

GuardRailFigures = Annotated[
    dict[str, float] | None,
    Field(description="Figures of the guard-rails by name. Loosen none unless the user says so."),
]
NamedShares = Annotated[
    dict[str, float] | None,
    Field(description="Shares by the name of a campaign, portfolio, brand or product."),
]


def advice_options(
    target_acos: float,
    preset: str,
    guard_rails: dict[str, float] | None,
    **further: Any,  # noqa: ANN401 - fields of AnalysisOptions
) -> "AnalysisOptions":
    """Return the options; raises ``InputError`` for one that is unknown or out of range."""
    from admatch.pipeline.options import AnalysisOptions
    from admatch.pipeline.records import GuardRails

    known = {one.name: one.type for one in fields(GuardRails) if one.name != "preset"}
    figures: dict[str, Any] = {"preset": preset}
    for name, figure in (guard_rails or {}).items():
        if name not in known:
            names = ", ".join(known)
            raise InputError(say("agents.guard_rail", name=shorten(name), names=names))
        figures[name] = int(figure) if known[name] in (int, "int") else figure
    return AnalysisOptions(target_acos=target_acos, guard_rails=GuardRails(**figures), **further)
