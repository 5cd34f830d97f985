"""The protocol of what runs a job over items, ``Engine``, and one for this process."""

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
        """The bytes of memory that one worker takes."""
        ...

    def open(self) -> Callable[[Item_contra], Result_co]:
        """Return the function for items; called once in each worker, at its first item."""
        ...


class Engine(Protocol):
    """Runs jobs."""

    def run(
        self, job: Job[Item, Result], items: Sequence[Item]
    ) -> Iterator[tuple[int, Answer[Result]]]:
        """Yield each item's number and its result, in order of arrival.

        An ``AdmatchError`` raised by the job is the result of its item; the other items go on.
        """
        ...


class LocalEngine:
    """Runs a job in this process, one item after the other."""

    def run(
        self, job: Job[Item, Result], items: Sequence[Item]
    ) -> Iterator[tuple[int, Answer[Result]]]:
        """Yield each item's number and its result, in order."""
        worker = Worker(job)
        for number, item in enumerate(items):
            yield number, worker.answer(item)


class Worker(Generic[Item, Result]):
    """A job that is opened at its first item."""

    def __init__(self, job: Job[Item, Result]) -> None:
        self._job = job
        self._answer: Callable[[Item], Result] | None = None

    def answer(self, item: Item) -> Answer[Result]:
        """Return the item's result, or the error if it is one that the user can fix."""
        try:
            self._answer = self._answer or self._job.open()
            return self._answer(item)
        except AdmatchError as error:
            return error
