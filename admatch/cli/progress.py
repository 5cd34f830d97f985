"""Progress bars on stderr, for a person who waits at a terminal."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.progress import BarColumn, MofNCompleteColumn, TaskID, TextColumn
from rich.progress import Progress as Bars
from rich.progress import TimeElapsedColumn as Elapsed

from admatch.cli.console import stderr
from admatch.messages import say
from admatch.progress import Progress


@contextmanager
def progress_bars() -> Iterator[Progress]:
    """Yield a function (stage, done, total) that moves one bar per stage.

    Until its first call, a bar says that models are loading. Nothing is drawn if stderr is not a
    terminal, and the bars disappear when the work is done.
    """
    screen = stderr()
    columns = (TextColumn("{task.description:<22}"), BarColumn(32), MofNCompleteColumn(), Elapsed())
    tasks: dict[str, TaskID] = {}
    with Bars(*columns, console=screen, transient=True, disable=not screen.is_terminal) as bars:
        loading = bars.add_task(say("cli.loading"), total=None)

        def report(stage: str, done: int, total: int) -> None:
            if not tasks:
                bars.remove_task(loading)
            if stage not in tasks:
                tasks[stage] = bars.add_task(stage, total=total)
            bars.update(tasks[stage], completed=done, total=total)

        yield report
