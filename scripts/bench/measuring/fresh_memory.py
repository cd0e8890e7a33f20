"""Free memory that is at hand, so that nobody's turn measures how fast the machine gives fresh memory.

workerd lets go of answers that were sent only when V8 collects, hundreds of megabytes later, so large answers keep
taking fresh memory. A virtual machine whose host takes free pages back gets a megabyte of them ten times slower than
one that the kernel still has: milliseconds, enough to hide what is measured.
"""

import mmap
from pathlib import Path

_LEAST_BYTES = 64 << 20
_MOST_BYTES = 1 << 30
_KIB = 1024
_MEMINFO = Path("/proc/meminfo")


def have_at_hand(size: int) -> None:
    """Take about so many bytes and give them back: what was freed last, the kernel hands out first."""
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
