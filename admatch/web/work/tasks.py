"""The tasks that a worker knows, by name; each is imported when first asked for."""

from collections.abc import Callable
from importlib import import_module
from typing import Any, TypeAlias

from admatch.progress import Progress

Task: TypeAlias = Callable[[dict[str, Any], Progress], Any]

_HOMES = {
    "read catalog": "read_catalog:read_catalog_upload",
    "read report": "read_report:read_report_upload",
    "run": "run:run",
    "audit": "audit:audit",
    "warm up": "models:warm_up",
    "open the desk": "what_if:preload",
    "search": "search:search",
    "what if": "what_if:what_if",
    "changes": "changes:write_changes",
}


def task_named(name: str) -> Task:
    """Return the function of a task."""
    module, function = _HOMES[name].split(":")
    task: Task = getattr(import_module(f"admatch.web.work.{module}"), function)
    return task
