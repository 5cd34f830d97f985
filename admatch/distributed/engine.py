"""What runs a job over its items: ``Engine``, and the one that does it in this process."""

from collections.abc import Callable, Iterator, Sequence
from typing import Generic, Protocol, TypeAlias, TypeVar

from admatch.errors import AdmatchError

Item = TypeVar("Item")
Result = TypeVar("Result")
Item_contra = TypeVar("Item_contra", contravariant=True)
Result_co = TypeVar("Result_co", covariant=True)
Answer: TypeAlias = Result | AdmatchError


class Job(Protocol[Item_contra, Result_co]):
    """Work that needs something large, such as an index, for items that can be pickled."""

    @property
    def memory(self) -> int:
        """How many bytes one worker takes."""
        ...

    def open(self) -> Callable[[Item_contra], Result_co]:
        """Return what answers items; called once a worker, not before its first item."""
        ...


class Engine(Protocol):
    """Runs jobs."""

    def run(
        self, job: Job[Item, Result], items: Sequence[Item]
    ) -> Iterator[tuple[int, Answer[Result]]]:
        """Yield each item's number and its result, in the order in which they come.

        An ``AdmatchError`` raised by the job is the result of its item; the others go on.
        """
        ...


class Here:
    """Runs a job in this process, one item after the other."""

    def run(
        self, job: Job[Item, Result], items: Sequence[Item]
    ) -> Iterator[tuple[int, Answer[Result]]]:
        """Yield each item's number and its result, in order."""
        worker = Worker(job)
        for number, item in enumerate(items):
            yield number, worker.answer(item)


class Worker(Generic[Item, Result]):
    """A job that is opened when its first item comes."""

    def __init__(self, job: Job[Item, Result]) -> None:
        self._job = job
        self._answer: Callable[[Item], Result] | None = None

    def answer(self, item: Item) -> Answer[Result]:
        """Return the item's result, or the error that the user can mend."""
        try:
            self._answer = self._answer or self._job.open()
            return self._answer(item)
        except AdmatchError as error:
            return error
