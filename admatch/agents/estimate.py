"""An estimate that an agent asks for, and what comes of it: ``Estimate``, ``Estimated``."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from admatch.agents.call import Call, files_of
from admatch.agents.effects import touched_row
from admatch.agents.pages import Table
from admatch.agents.results import Result
from admatch.errors import InputError
from admatch.messages import say

if TYPE_CHECKING:
    import polars as pl

    from admatch.pipeline.open_index import ProductSource
    from admatch.pipeline.records import WhatIf
    from admatch.pipeline.what_if import NamedChanges


@dataclass(frozen=True, slots=True)
class Estimated:
    """How many changes there are, what they do, and the rows they touch, each with its change.

    ``touched`` has the columns of ``WhatIf.blast_radius``, and ``text``, that of the change.
    ``notes`` say what was skipped, and what makes the estimate less sure.
    """

    changes: int
    effect: "WhatIf"
    touched: "pl.DataFrame"
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Estimate:
    """Changes, and the files and options that they are estimated with."""

    reports: Sequence[Path]
    named: "NamedChanges"
    changes: Path | None = None
    products: "ProductSource | None" = None
    account: Path | None = None
    currency: str | None = None
    rho: float = 0.0
    margin: float | None = None
    total_sales: float | None = None

    def result(self, call: Call, tool: str) -> Result:
        """Return an ``Estimated``; its table ``touched`` has the rows that changes touch."""
        files = [*self.reports, *files_of(self.products, self.changes, self.account)]
        options = asdict(self.named) | {
            name: getattr(self, name) for name in ("currency", "rho", "margin", "total_sales")
        }
        made = call.results.once(tool, files, options, lambda: self._made(call))
        touched = made.value.touched.sort("clicks", descending=True, maintain_order=True)
        made.tables["touched"] = Table(touched, touched_row, made.uri("touched"))
        return made

    def _made(self, call: Call) -> "Estimated":
        import polars as pl

        from admatch.pipeline.analyse import understand
        from admatch.pipeline.cache import FolderCache
        from admatch.pipeline.options import AnalysisOptions
        from admatch.pipeline.what_if import proposed_changes
        from admatch.reports.aggregate import read_any_size

        options = AnalysisOptions(rho=self.rho, margin=self.margin, currency=self.currency)
        call.progress("reading", 0, 1)
        report = read_any_size(self.reports, currency=self.currency)
        proposed = proposed_changes(self.named, report, self.changes, self.account)
        if not len(proposed):
            raise InputError(say("pipeline.what_if.no_changes"))
        known = understand(
            report, self.products, self.account, options,
            cache=FolderCache(), progress=call.progress,
        )  # fmt: skip
        call.progress("estimating", 0, 1)
        effect = known.what_if(proposed, total_sales=self.total_sales)
        texts = pl.Series([str(one.text) for one in proposed], dtype=pl.String)
        named = texts.gather(effect.blast_radius["change"]).alias("text")
        notes = (*known.doubts, *map(str, (*report.problems, *known.model.notes)))
        touched = effect.blast_radius.with_columns(named)
        return Estimated(len(proposed), effect, touched, notes)
