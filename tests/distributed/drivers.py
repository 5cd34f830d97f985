"""What stands in for the process that speaks to Ray: it dies, or its cluster's head does."""

import os
import pickle
import time


def answers_and_dies(address, job, items, parent):
    parent.send(address)
    parent.send((0, pickle.dumps(items[0])))
    os._exit(7)


def answers_and_waits(address, job, items, parent):
    parent.send(address)
    parent.send((0, pickle.dumps(items[0])))
    time.sleep(600)


def breaks(address, job, items, parent):
    parent.send(RuntimeError("Traceback of a job"))
