"""What Amazon lists and changes, and how it names it: ``Resource``."""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, TypeAlias

from admatch.amazon.client import AdsClient
from admatch.amazon.failures import AmazonError
from admatch.amazon.versions import ApiVersion
from admatch.messages import say
from admatch.reports.account.records import Entity

_MOST_PAGES = 10_000  # of one list: ten million rows, far beyond any account
_NOTHING_NEW = 20  # pages in a row without a new row, after which a list is taken to be endless
_LIVING = ("ENABLED", "PAUSED")
Filters: TypeAlias = Mapping[str, Sequence[str | bool]]


@dataclass(frozen=True, slots=True)
class Resource:
    """What one version of the API keeps under one path, as resources.toml describes it."""

    path: str
    entities: tuple[Entity, ...]
    media: str
    rows: str
    ids: tuple[str, ...]
    filter: str
    requests: Mapping[str, str]
    page: int
    most_ids: int
    always: Filters
    where: Mapping[str, Filters]

    def request(self, verb: str) -> tuple[str, str]:
        """Return method and address for a verb: list, create, update or archive."""
        method, _, address = self.requests[verb].format(path=self.path).partition(" ")
        return method, address

    def id_of(self, row: Mapping[str, Any]) -> str | None:
        """Return the ID in a row of a list or of an answer."""
        return next((str(row[name]) for name in self.ids if row.get(name)), None)

    def listed(
        self,
        client: AdsClient,
        filters: Filters | None = None,
        states: Sequence[str] = _LIVING,
    ) -> Iterator[Mapping[str, Any]]:
        """Yield every row that passes the filters, page by page; archived rows only if asked for.

        Raises ``AmazonError`` for a list in an unknown form, and for one that never ends.
        """
        method, address = self.request("list")
        wanted = {**self.always, **(filters or {}), "stateFilter": states}
        body: dict[str, Any] = {name: {"include": list(one)} for name, one in wanted.items()}
        body["maxResults"] = self.page
        seen: set[str | None] = set()
        tokens: set[str] = set()
        idle = 0  # pages in a row that brought nothing new
        while True:
            page = client.read(method, address, body, self.media).body
            if not isinstance(page, dict):
                raise AmazonError(say("amazon.list.unknown_form", what=self.path))
            listed = page.get(self.rows)
            rows = [row for row in listed if isinstance(row, dict)] if listed else []
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
        for start in range(0, len(ids), self.most_ids):
            part = {self.filter: ids[start : start + self.most_ids]}
            yield from self.listed(client, part, (*_LIVING, "ARCHIVED"))


def find_resource(entity: Entity, version: ApiVersion) -> Resource:
    """Return the resource that holds entities of this kind."""
    return next(one for one in resources(version) if entity in one.entities)


@cache
def resources(version: ApiVersion) -> tuple[Resource, ...]:
    """Return all resources of a version, parents before children."""
    text = files(__package__).joinpath("resources.toml").read_text(encoding="utf-8")
    table = tomllib.loads(text)[version]
    return tuple(
        Resource(
            path=path,
            entities=tuple(map(Entity, entry["entities"])),
            media=entry["media"],
            rows=entry["rows"],
            ids=tuple(entry["ids"]),
            filter=entry["filter"],
            requests=table["requests"],
            page=entry.get("page", table["page"]),
            most_ids=table["most_ids"],
            always=table["always"],
            where=entry.get("where", {}),
        )
        for path, entry in table["resources"].items()
    )
