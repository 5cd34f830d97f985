"""What Amazon lists and changes, and how it names it: ``Resource``."""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from admatch.amazon.client import AdsClient
from admatch.amazon.failures import AmazonError
from admatch.messages import say
from admatch.reports.account.records import Entity

_PAGE = 1000  # rows of one page, and IDs of one request, at most
_MOST_PAGES = 10_000  # of one list: ten million rows, far beyond any account
_NOTHING_NEW = 20  # pages in a row without a new row, after which a list is taken to be endless
_LIVING = ("ENABLED", "PAUSED")


@dataclass(frozen=True, slots=True)
class Resource:
    """One kind of entity of Sponsored Products, as resources.toml describes it."""

    path: str
    entity: Entity
    media: str
    rows: str
    ids: tuple[str, ...]
    filter: str

    def id_of(self, row: Mapping[str, Any]) -> str | None:
        """Return the ID in a row of a list or of an answer."""
        return next((str(row[name]) for name in self.ids if row.get(name)), None)

    def listed(
        self,
        client: AdsClient,
        filters: Mapping[str, Sequence[str]] | None = None,
        states: Sequence[str] = _LIVING,
    ) -> Iterator[Mapping[str, Any]]:
        """Yield every row that passes the filters, page by page; archived rows only if asked for.

        Raises ``AmazonError`` for a list in an unknown form, and for one that never ends.
        """
        body: dict[str, Any] = {
            name: {"include": list(values)} for name, values in (filters or {}).items()
        }
        body |= {"stateFilter": {"include": list(states)}, "maxResults": _PAGE}
        seen: set[str | None] = set()
        tokens: set[str] = set()
        idle = 0  # pages in a row that brought nothing new
        while True:
            page = client.read("POST", f"/sp/{self.path}/list", body, self.media).body
            if not isinstance(page, dict):
                raise AmazonError(say("amazon.list.unknown_form", what=self.path))
            rows = page.get(self.rows) or ()
            yield from rows
            token = str(page.get("nextToken") or "")
            if not token:
                return
            before = len(seen)
            seen.update(map(self.id_of, rows))
            idle = idle + 1 if len(seen) == before else 0
            if token in tokens or idle == _NOTHING_NEW or len(tokens) == _MOST_PAGES:
                raise AmazonError(say("amazon.list.endless", what=self.path))
            tokens.add(token)
            body["nextToken"] = token

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
            entity=Entity(entry["entity"]),
            media=f"application/vnd.sp{entry['media']}.v3+json",
            rows=entry["rows"],
            ids=tuple(entry["ids"]),
            filter=entry["filter"],
        )
        for path, entry in tomllib.loads(text).items()
    )
