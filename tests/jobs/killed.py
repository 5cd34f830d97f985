"""Runs a job until it is done or killed, in a process of its own that is quick to start.

At the n-th point where something is made to last (a commit, a rename) it kills itself, before it or
after it.
"""

import json
import os
import signal
from contextlib import contextmanager

from admatch.index.shipped import Pair
from admatch.jobs.read import read_job
from admatch.jobs.run import run_job
from admatch.pipeline.models import Models
from admatch.store.workspace import Workspace
from tests.conftest import WordEncoder, random_codebooks, small_model


def spend(folder, day, told, point):
    """Run the job in ``folder``; tell in the file ``told`` what is reported as done."""
    import torch

    torch.set_num_threads(1)
    if point:
        die_at(point)
    pair = Pair(WordEncoder(), small_model(random_codebooks(7)))
    models = Models(lambda *_: pair)
    with told.open("a") as file:

        def tell(summary):
            file.write(json.dumps(summary) + "\n")
            file.flush()

        run_job(read_job(folder / "job.toml"), day, models=models, tell=tell)


def die_at(point):
    """Put a killer beside everything that makes something last."""
    left = [point]

    def step():
        left[0] -= 1
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def watched(do):
        def done(*given, **named):
            step()
            result = do(*given, **named)
            step()
            return result

        return done

    os.replace, os.rename = watched(os.replace), watched(os.rename)
    whole = Workspace.writing

    @contextmanager
    def writing(self):
        with whole(self) as transaction:
            yield transaction
            step()
        step()

    Workspace.writing = writing
