"""Where a verb's work is done: in this process, or on a Ray cluster."""

from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from admatch.distributed.engine import Engine


class EngineChoice(StrEnum):
    """What runs the work."""

    LOCAL = "local"
    RAY = "ray"


EngineOption = Annotated[
    EngineChoice,
    typer.Option(
        "--engine",
        metavar="local|ray",
        help="Where the work is done: in this process, or on a Ray cluster (pip install"
        r" 'admatch\[ray]').",
    ),
]
AddressOption = Annotated[
    str | None,
    typer.Option(
        "--address",
        metavar="HOST:PORT",
        help="The Ray cluster, or auto for the one that this machine is in; without it, one of"
        " this machine's cores is started.",
    ),
]


def check_address(engine: EngineChoice, address: str | None) -> None:
    """Raise a usage error for an address without the engine that it belongs to."""
    if address and engine is not EngineChoice.RAY:
        raise typer.BadParameter("--address is a Ray cluster's; add --engine ray")


@contextmanager
def engine_of(engine: EngineChoice, address: str | None) -> "Iterator[Engine]":
    """Yield what runs jobs: this process, or the Ray cluster at the address."""
    check_address(engine, address)
    if engine is EngineChoice.RAY:
        from admatch.distributed.cluster import ray_engine

        with ray_engine(address) as workers:
            yield workers
    else:
        from admatch.distributed.engine import Here

        yield Here()
