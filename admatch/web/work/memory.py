"""How much memory a process takes, and how much it may take."""

import os
from pathlib import Path

_PAGE = os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 4096
_MAPPED = 2  # times the memory in use: allocators map more than they fill


def limit_memory(most: int) -> None:
    """Let this process map no more than it needs to fill ``most`` bytes, where systems have that.

    What asks for hundreds of GB at once gets nothing; what fills more bit by bit is seen from
    outside, by ``memory_of``.
    """
    try:
        import resource
    except ImportError:  # Windows
        return
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    limit = _MAPPED * most
    if hard == resource.RLIM_INFINITY or limit < hard:
        resource.setrlimit(resource.RLIMIT_DATA, (limit, hard))


def memory_of(process: int) -> int:
    """Return the bytes that a process has in memory; 0 where the system does not say."""
    try:
        return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * _PAGE
    except (OSError, IndexError):
        return 0
