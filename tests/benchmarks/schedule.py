"""A night on many nodes, simulated: shards, stragglers, transfer, a node that is lost.

A discrete-event simulation: the driver hands out one shard after the other, each to the worker
that is free first; a shard takes what one took when it was measured, times the slowness of its
node and its own. Nothing here is measured; what is, and what is assumed, stands in ``Measured``
and ``Assumed``.
"""

import heapq
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Measured:
    """``seconds`` of single shards of ``rows`` rows on one core of two in use."""

    seconds: tuple[float, ...]
    rows: int
    start: float  # from the start of a worker to its first shard, the index loaded
    handed_out: float  # seconds a shard for the driver
    index: int  # bytes
    moved: float  # bytes a row, read and written


@dataclass(frozen=True)
class Assumed:
    """What was not measured."""

    cores: int = 16  # of a node
    network: float = 10e9 / 8  # bytes a second and node, to an object store
    request: float = 0.2  # seconds a shard waits for the object store, in all
    slow_nodes: float = 0.05  # share of nodes that run at half speed
    slow_shards: float = 0.01  # share of shards that take three times as long
    node_start: float = 120.0  # seconds until a node is there, evenly spread from 0
    lost: bool = True  # one node is gone when half of the ideal time is over, and not replaced
    dollars: float = 0.05  # a core and hour


@dataclass(frozen=True)
class Night:
    """``hours`` until the last shard, ``paid`` core-hours, and the share of them that works."""

    hours: float
    paid: float
    useful: float
    again: int  # shards done twice


def simulate(terms: int, nodes: int, rows: int, known: Measured, told: Assumed, seed: int) -> Night:
    """Return how a night goes in which so many terms are matched in shards of ``rows``."""
    rng = np.random.default_rng(seed)
    shards = -(-terms // rows)
    pace = np.array(known.seconds) / known.rows
    work = rng.choice(pace, shards) * rows * np.where(rng.random(shards) < told.slow_shards, 3, 1)
    speed = np.where(rng.random(nodes) < told.slow_nodes, 2.0, 1.0)
    arrival = rng.uniform(0, told.node_start, nodes) + known.index / told.network + known.start
    gone = np.full(nodes, np.inf)
    if told.lost:
        gone[rng.integers(nodes)] = pace.mean() * terms / nodes / told.cores / 2
    moving = told.request + known.moved * rows / (told.network / told.cores)
    free = [(arrival[node], node) for node in range(nodes) for _ in range(told.cores)]
    heapq.heapify(free)
    todo, clock, end, useful, again = list(work[::-1]), 0.0, 0.0, 0.0, 0
    returned: list[tuple[float, float]] = []  # when the loss of a shard is noticed, and its work
    while (todo or returned) and free:
        at, node = heapq.heappop(free)
        if not todo:
            noticed, shard = heapq.heappop(returned)
            at = max(at, noticed)
        else:
            shard = todo.pop()
        clock = max(clock + known.handed_out, at)
        done = clock + shard * speed[node] + moving
        if done > gone[node]:
            heapq.heappush(returned, (float(gone[node]), float(shard)))
            again += 1
            continue  # and the worker with it
        useful, end = useful + shard, max(end, done)
        heapq.heappush(free, (done, node))
    paid = np.minimum(gone, end).sum() * told.cores
    return Night(end / 3600, paid / 3600, useful / paid, again)


class Nothing:
    """A job that does nothing: what is left is what handing out costs."""

    memory = 2**28

    def open(self):
        return str
