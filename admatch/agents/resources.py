"""Results and files as resources: ``add_resources``."""

import re
from itertools import islice

from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ResourceNotFoundError
from pydantic import BaseModel

from admatch.agents.cells import CellText, cell
from admatch.agents.pages import Page, fitted
from admatch.agents.results import Results
from admatch.agents.root import Root
from admatch.agents.skill import skill_text
from admatch.errors import InputError, shorten
from admatch.messages import say

_MOST_FILES = 100
_MOST_LOOKED_AT = 5_000  # the root may be somebody's whole home
_NUMBER = re.compile("[0-9]{1,9}")
_SUFFIXES = (
    *(".csv", ".tsv", ".txt", ".xlsx", ".xls", ".ods", ".json", ".jsonl", ".parquet", ".xml"),
    *(".zip", ".gz", ".toml"),
)


class HeldResult(BaseModel):
    """A result that the server still holds."""

    result: str
    tool: str
    tables: list[str]


class HeldResults(BaseModel):
    """The results that the server holds, the latest last."""

    results: list[HeldResult]


class FileList(BaseModel):
    """Files that tools can read, and how many were found."""

    total: int
    files: list[CellText]


class TablePage(BaseModel):
    """A page of a result's table."""

    result: str
    table: str
    page: Page[BaseModel]


def add_resources(server: MCPServer, root: Root, results: Results, tokens: int) -> None:
    """Give a server the skill, the files, the results and their tables to read."""
    json_type = "application/json"

    @server.resource("admatch://skill", title="How to use admatch", mime_type="text/markdown")
    def skill() -> str:
        return skill_text()

    @server.resource("admatch://files", title="Files that can be read", mime_type=json_type)
    def files() -> str:
        return _files(root).model_dump_json()

    @server.resource("admatch://results", title="Results that are held", mime_type=json_type)
    def held() -> str:
        every = [
            HeldResult(result=one.name, tool=one.tool, tables=[*one.tables])
            for one in results
            if one.tables
        ]
        return HeldResults(results=every).model_dump_json()

    @server.resource(
        "admatch://results/{result}/{table}/{offset}",
        title="A page of a result's table, from a row on",
        mime_type=json_type,
    )
    def table(result: str, table: str, offset: str) -> str:
        page = _page(results, result, table, offset)
        return fitted(page, tokens).model_dump_json(exclude_none=True, serialize_as_any=True)


def _files(root: Root) -> FileList:
    found = sorted(
        path
        for path in islice(root.folder.rglob("*"), _MOST_LOOKED_AT)
        if path.suffix.lower() in _SUFFIXES
        and path.is_file()
        and path.resolve().is_relative_to(root.folder)
    )
    names = [cell(root.shown(path)) for path in found[:_MOST_FILES]]
    return FileList(total=len(found), files=names)


def _page(results: Results, result: str, table: str, offset: str) -> TablePage:
    try:
        held = results.named(result)
        if table not in held.tables:
            names = ", ".join(held.tables) or "–"
            raise InputError(
                say("agents.no_table", result=shorten(result), name=shorten(table), names=names)
            )
        if not _NUMBER.fullmatch(offset):
            raise InputError(say("agents.page.no_offset", offset=shorten(offset)))
        page = held.tables[table].page(int(offset))
    except InputError as error:
        raise ResourceNotFoundError(str(error)) from None
    return TablePage(result=result, table=table, page=page)
