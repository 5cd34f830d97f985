"""What a tool works with: ``Call``, and the arguments that several tools share."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias

from pydantic import Field

from admatch.agents.results import Result, Results
from admatch.agents.root import Root
from admatch.errors import InputError
from admatch.messages import say
from admatch.progress import Progress, silent

if TYPE_CHECKING:
    from admatch.pipeline.open_index import ProductSource

# Returns what a job did each night: (job file, account, check of a path) → lines, newest first.
NightReader: TypeAlias = Callable[
    [Path, str | None, Callable[[Path], object]], list[dict[str, Any]]
]

Reports = Annotated[
    list[str],
    Field(min_length=1, description="Search-term reports (XLSX, CSV), relative to the root."),
]
CatalogFile = Annotated[
    str | None, Field(description="The advertiser's products: a table with titles.")
]
IndexFolder = Annotated[
    str | None, Field(description="A folder made by `admatch index`, in place of a catalog.")
]
AccountFile = Annotated[
    str | None,
    Field(description="A bulk download of the account: keywords, bids, IDs, budgets."),
]
TargetAcos = Annotated[float, Field(description="Spend over sales to aim at: 0.30 is 30 %.")]
Margin = Annotated[
    float | None,
    Field(description="Profit before ads over sales. Ask the user; never guess it."),
]
Rho = Annotated[float, Field(description="Share of blocked clicks that come back, 0 … 1.")]
Currency = Annotated[
    str | None, Field(description="For reports that do not name theirs: USD, EUR.")
]
Marketplace = Annotated[str | None, Field(description="For bid limits: US, DE, JP.")]
Window = Annotated[int | None, Field(description="Attribution days, if the file lacks them.")]
Preset = Annotated[str, Field(description="balanced, cautious or target-first.")]


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a tool: what may be read and written, what is kept, and how progress is told."""

    root: Root
    results: Results
    nights: NightReader
    progress: Progress = silent

    def reports(self, names: list[str]) -> list[Path]:
        """Return the files of reports."""
        return [self.root.file(name) for name in names]

    def optional(self, name: str | None) -> Path | None:
        """Return a file, if one is named."""
        return None if name is None else self.root.file(name)

    def products(self, catalog: str | None, index: str | None) -> "ProductSource | None":
        """Return where the products are, or None if neither is named."""
        from admatch.pipeline.open_index import ProductSource

        if catalog is None and index is None:
            return None
        folder = None if index is None else self.root.index(index)
        return ProductSource(self.optional(catalog), folder)

    def needed_products(self, catalog: str | None, index: str | None) -> "ProductSource":
        """Return where the products are; raises ``InputError`` if neither is named."""
        found = self.products(catalog, index)
        if found is None:
            raise InputError(say("agents.no_products"))
        return found

    def index(self, source: "ProductSource", terms: list[str]) -> Result:
        """Return the index of the products, opened or built once for terms of a language."""
        from admatch.encode.language import foreign_language
        from admatch.pipeline.cache import FolderCache
        from admatch.pipeline.open_index import open_index

        return self.results.once(
            "index", files_of(source), {"language": foreign_language(terms)},
            lambda: open_index(source, self.progress, terms=terms, cache=FolderCache()),
        )  # fmt: skip


@contextmanager
def confined(root: Root) -> Iterator[None]:
    """Within it, no cell of a catalog makes admatch open a picture outside the folder."""
    from admatch.catalog.images import pictures_within

    with pictures_within(root.folder):
        yield


def files_of(source: "ProductSource | None", *further: Path | None) -> list[Path]:
    """Return the files that a result is made from."""
    own = () if source is None else (source.catalog, source.index)
    return [one for one in (*own, *further) if isinstance(one, Path)]
