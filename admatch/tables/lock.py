"""Files that one process holds: ``take``."""

import sys
from typing import IO

_BEYOND = 2**30


def take(file: IO[bytes]) -> bool:
    """Take an open file for this process, as long as it is open; return whether nobody had it.

    A process that is killed lets go of what it held.
    """
    try:
        if sys.platform == "win32":
            import msvcrt

            # a byte that no file has: what is held there keeps nobody from reading the rest
            file.seek(_BEYOND)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
            file.seek(0)
        else:
            import fcntl

            fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
