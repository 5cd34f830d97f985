"""What a run is asked for: ``RunSettings``."""

from dataclasses import dataclass

from admatch.decisions.guard_rails import GuardRails


@dataclass(frozen=True, slots=True)
class RunSettings:
    """The same as the options of ``admatch recommend``; shares are 0.30, not 30."""

    target_acos: float
    margin: float | None = None
    rho: float = 0.0
    sales_at_risk: float = GuardRails().sales_at_risk
    most_changes: int | None = None
    protect: tuple[str, ...] = ()
    marketplace: str | None = None

    def guard_rails(self) -> GuardRails:
        """Return the guard-rails, with the cap that was asked for."""
        return GuardRails(sales_at_risk=self.sales_at_risk)
