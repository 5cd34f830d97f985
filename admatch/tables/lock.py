"""File locks between processes: ``take``."""

import sys
from typing import IO

_BEYOND = 2**30


def take(file: IO[bytes]) -> bool:
    """Return whether this process got the lock on an open file; it has it while the file is open.

    The lock of a process that is killed is free again.
    """
    try:
        if sys.platform == "win32":
            import msvcrt

            # a byte beyond the end of any file, so that the lock keeps nobody from reading it
            file.seek(_BEYOND)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
            file.seek(0)
        else:
            import fcntl

            fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
