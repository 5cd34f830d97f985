"""The tasks of a worker by name; each is imported when it is first needed."""

from collections.abc import Callable
from importlib import import_module
from typing import Any, TypeAlias

from admatch.progress import Progress

TaskFunction: TypeAlias = Callable[[dict[str, Any], Progress], Any]

_FUNCTIONS = {
    "read catalog": "read_catalog:read_catalog_upload",
    "read report": "read_report:read_report_upload",
    "run": "run:run",
    "audit": "audit:audit",
    "load models": "models:load_models",
    "preload": "what_if:preload",
    "search": "search:search",
    "small picture": "small_picture:small_picture",
    "what if": "what_if:what_if",
    "changes": "changes:write_changes",
    "replay": "replay:replay_run",
    "upload results": "upload_results:upload_results",
}


def function_of(task: str) -> TaskFunction:
    """Return the function that does a task."""
    module, name = _FUNCTIONS[task].split(":")
    function: TaskFunction = getattr(import_module(f"admatch.web.work.{module}"), name)
    return function
