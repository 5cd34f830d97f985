"""The server: tools and resources over the Model Context Protocol: ``build_server``."""

import inspect
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Annotated, Any

from mcp.server.mcpserver import Context, MCPServer
from mcp.server.mcpserver.exceptions import ToolError, UnexpectedToolError
from mcp.types import CallToolResult, InputRequiredResult, TextContent, Tool, ToolAnnotations
from pydantic import BaseModel, ValidationError

from admatch import __version__
from admatch.agents.budget import ANSWER_TOKENS
from admatch.agents.call import Call, NightReader, confined
from admatch.agents.cells import Sentence, clean, sentence
from admatch.agents.pages import fitted
from admatch.agents.resources import add_resources
from admatch.agents.results import Results
from admatch.agents.root import Root
from admatch.agents.skill import INSTRUCTIONS
from admatch.agents.tools.audit_listing import audit_listing
from admatch.agents.tools.check_report import check_report
from admatch.agents.tools.explain_match import explain_match
from admatch.agents.tools.history import history
from admatch.agents.tools.match_terms import match_terms
from admatch.agents.tools.phrase_blast_radius import phrase_blast_radius
from admatch.agents.tools.recommend import recommend
from admatch.agents.tools.replay import replay
from admatch.agents.tools.stage_bulk_file import stage_bulk_file
from admatch.agents.tools.what_if import what_if
from admatch.agents.work import in_thread
from admatch.errors import AdmatchError
from admatch.messages import say
from admatch.progress import Progress

READING = (
    *(check_report, match_terms, explain_match, recommend, what_if, phrase_blast_radius),
    *(replay, audit_listing, history),
)
WRITING = (stage_bulk_file,)


@dataclass(frozen=True)
class Service:
    """What all calls share: the folder, the results, the budget; one call computes at a time."""

    root: Root
    nights: NightReader
    answer_tokens: int = ANSWER_TOKENS
    results: Results = field(default_factory=Results)
    one_at_a_time: threading.Lock = field(default_factory=threading.Lock)

    def call(self, progress: Progress) -> Call:
        """Return what one call works with."""
        return Call(self.root, self.results, self.nights, progress)


class AgentServer(MCPServer[Any]):
    """A server whose refusals are one sentence each, which names the argument that is wrong."""

    async def list_tools(self) -> list[Tool]:
        """Return the tools with schemas that do not repeat the names of fields as titles."""
        tools = await super().list_tools()
        return [
            one.model_copy(
                update={
                    "input_schema": untitled(one.input_schema),
                    "output_schema": untitled(one.output_schema),
                }
            )
            for one in tools
        ]

    async def call_tool(
        self, name: str, arguments: dict[str, Any], context: Context[Any, Any] | None = None
    ) -> CallToolResult | InputRequiredResult:
        """Call a tool; unknown arguments are refused rather than ignored."""
        tools = {one.name: one for one in await self.list_tools()}
        if name not in tools:
            return refused(say("agents.no_tool", name=clean(name, _LONGEST_NAME)))
        known = tools[name].input_schema["properties"]
        for argument in arguments:
            if argument not in known:
                shown, names = clean(argument, _LONGEST_NAME), ", ".join(known)
                return refused(say("agents.unknown_argument", tool=name, name=shown, names=names))
        try:
            return await super().call_tool(name, arguments, context)
        except UnexpectedToolError:
            raise
        except ToolError as error:
            if not isinstance(error.__cause__, ValidationError):
                raise
            return refused(_wrong_argument(name, error.__cause__))


_LONGEST_NAME = 60


def untitled(schema: Any) -> Any:  # noqa: ANN401 - JSON
    """Return a schema without its titles, which only cost an agent's tokens."""
    if isinstance(schema, list):
        return [untitled(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        name: {one: untitled(part) for one, part in value.items()}
        if name in ("properties", "$defs")
        else untitled(value)
        for name, value in schema.items()
        if name != "title"
    }


class Refusal(BaseModel):
    """Why a tool did not do what it was asked."""

    refused: Sentence


def refused(text: str) -> CallToolResult:
    """Return an answer that says in one sentence why there is no other."""
    return _result(Refusal(refused=sentence(text)), is_error=True)


def build_server(service: Service) -> AgentServer:
    """Return the server with all tools and resources."""
    server = AgentServer(
        "admatch", title="admatch", version=__version__, instructions=INSTRUCTIONS,
        log_level="ERROR",  # what tools are asked and answer goes into no log
    )  # fmt: skip
    for tool in (*READING, *WRITING):
        server.add_tool(
            _served(tool, service),
            name=tool.__name__,
            description=inspect.getdoc(tool),
            annotations=ToolAnnotations(
                read_only_hint=tool in READING,
                destructive_hint=False,
                idempotent_hint=tool in READING,
                open_world_hint=False,
            ),
        )
    add_resources(server, service.root, service.results, service.answer_tokens)
    return server


def _served(tool: Callable[..., BaseModel], service: Service) -> Callable[..., Any]:
    """Return the tool as the SDK wants it: the call's context in place of ``Call``."""
    signature = inspect.signature(tool)
    _, *arguments = signature.parameters.values()
    answer = Annotated[CallToolResult, signature.return_annotation]

    async def run(ctx: Context[Any, Any], **given: Any) -> CallToolResult:  # noqa: ANN401
        def work(progress: Progress) -> BaseModel:
            with confined(service.root):
                return tool(service.call(progress), **given)

        async def tell(done: float, stage: str) -> None:
            await ctx.report_progress(done, message=stage)

        try:
            made = await in_thread(work, tell, service.one_at_a_time)
            return _result(fitted(made, service.answer_tokens))
        except AdmatchError as error:
            return refused(error.message)
        except OSError as error:
            return refused(_file_error(error))

    context = inspect.Parameter("ctx", inspect.Parameter.KEYWORD_ONLY, annotation=Context[Any, Any])
    own = [one.replace(kind=inspect.Parameter.KEYWORD_ONLY) for one in arguments]
    run.__signature__ = inspect.Signature([context, *own], return_annotation=answer)  # type: ignore[attr-defined]
    run.__annotations__ = {one.name: one.annotation for one in (context, *own)} | {"return": answer}
    run.__name__ = tool.__name__
    return run


def _result(answer: BaseModel, *, is_error: bool = False) -> CallToolResult:
    """Return the answer as data, and as the same JSON in text for clients that read only that."""
    text = answer.model_dump_json(exclude_none=True)
    data = answer.model_dump(mode="json", exclude_none=True)
    return CallToolResult(
        content=[TextContent(type="text", text=text)], structured_content=data, is_error=is_error
    )


def _file_error(error: OSError) -> str:
    name = str(error.filename).rsplit("/", 1)[-1] if error.filename else ""
    return say("agents.file_error", file=name, why=error.strerror or type(error).__name__)


def _wrong_argument(tool: str, error: ValidationError) -> str:
    first = error.errors(include_url=False, include_input=False)[0]
    name = clean(".".join(str(part) for part in first["loc"]), _LONGEST_NAME)
    return say("agents.argument", tool=tool, name=name, why=first["msg"].lower())
