"""Files that one process holds: ``take``."""

import sys
from typing import IO


def take(file: IO[bytes]) -> bool:
    """Take an open file for this process, as long as it is open; return whether nobody had it.

    A process that is killed lets go of what it held.
    """
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
