"""What Amazon lists and changes, and how it names it: ``Resource``."""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from admatch.amazon.client import AdsClient
from admatch.amazon.failures import AmazonError
from admatch.reports.account.records import Entity

_PAGE = 1000  # rows that Amazon gives at once, and IDs that it takes at once
_LIVING = ("ENABLED", "PAUSED")


@dataclass(frozen=True, slots=True)
class Resource:
    """One kind of entity of Sponsored Products, as resources.toml tells it."""

    path: str
    entity: Entity
    media: str
    rows: str
    ids: tuple[str, ...]
    filter: str

    def id_of(self, row: Mapping[str, Any]) -> str | None:
        """Return the ID that a row of a list or of an answer has."""
        return next((str(row[name]) for name in self.ids if row.get(name)), None)

    def listed(
        self,
        client: AdsClient,
        filters: Mapping[str, Sequence[str]] | None = None,
        states: Sequence[str] = _LIVING,
    ) -> Iterator[Mapping[str, Any]]:
        """Yield every row that the filters let through, page by page; archived ones on request."""
        body: dict[str, Any] = {
            name: {"include": list(values)} for name, values in (filters or {}).items()
        }
        body |= {"stateFilter": {"include": list(states)}, "maxResults": _PAGE}
        while True:
            told = client.read("POST", f"/sp/{self.path}/list", body, self.media).body
            if not isinstance(told, dict):
                raise AmazonError(f"Amazon lists {self.path} in an unknown form; try again later")
            yield from told.get(self.rows) or ()
            if not told.get("nextToken"):
                return
            body["nextToken"] = told["nextToken"]

    def by_id(self, client: AdsClient, ids: Sequence[str]) -> Iterator[Mapping[str, Any]]:
        """Yield the rows with these IDs, archived ones too."""
        for start in range(0, len(ids), _PAGE):
            part = {self.filter: ids[start : start + _PAGE]}
            yield from self.listed(client, part, (*_LIVING, "ARCHIVED"))


def find_resource(entity: Entity) -> Resource:
    """Return the resource that holds entities of this kind."""
    return next(one for one in resources() if one.entity == entity)


@cache
def resources() -> tuple[Resource, ...]:
    """Return all resources, parents before children."""
    text = files(__package__).joinpath("resources.toml").read_text(encoding="utf-8")
    return tuple(
        Resource(
            path=path,
            entity=Entity(told["entity"]),
            media=f"application/vnd.sp{told['media']}.v3+json",
            rows=told["rows"],
            ids=tuple(told["ids"]),
            filter=told["filter"],
        )
        for path, told in tomllib.loads(text).items()
    )
