"""Make free memory available, so that no measurement includes the time in which the machine provides it.

workerd frees sent answers only at V8's garbage collection, hundreds of megabytes later, so large answers keep using
fresh memory. In a virtual machine whose host reclaims free pages, a fresh megabyte takes ten times as long as one that
the kernel still has: milliseconds, enough to distort the result.
"""

import mmap
from pathlib import Path

_LEAST_BYTES = 64 << 20
_MOST_BYTES = 1 << 30
_KIB = 1024
_MEMINFO = Path("/proc/meminfo")


def have_at_hand(size: int) -> None:
    """Allocate about so many bytes and free them: the kernel reuses recently freed pages first."""
    with mmap.mmap(-1, min(max(size, _LEAST_BYTES), _MOST_BYTES, _half_of_what_is_free())) as taken:
        if hasattr(mmap, "MADV_HUGEPAGE"):
            taken.madvise(mmap.MADV_HUGEPAGE)
        for page in range(0, len(taken), mmap.PAGESIZE):
            taken[page] = 1


def _half_of_what_is_free() -> int:
    if not _MEMINFO.is_file():
        return _LEAST_BYTES
    lines = (line.split() for line in _MEMINFO.read_text().splitlines())
    return next(int(line[1]) for line in lines if line[0] == "MemAvailable:") * _KIB // 2
