"""The memory of one Python SDK: ``python -m bench.process.sdk_memory NUMBER FLAGS`` prints its name and bytes.

Each SDK is measured in a separate process, because leftovers of one would count for the next.
"""

import gc
import logging
import os
import sys
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import msgspec

from bench.inputs.flag_sets import flag_set
from bench.inputs.visitors import visitor
from bench.measuring.plan import SEED
from bench.process.python_sdks import SDKS, Sdk
from flaghoist.model.flags import FlagSet

COPIES = 5
_FEW_FLAGS = 10
_VISITORS = 20
_STATM = Path("/proc/self/statm")


class MeasuredMemory(msgspec.Struct, frozen=True):
    """The memory of an SDK after it has answered some users, in bytes.

    ``allocated`` is what Python has allocated for it, by tracemalloc, which does not see the memory of native code.
    ``resident`` is the growth of the process, the mean of several copies; None if the system does not report it.
    """

    name: str
    allocated: int
    resident: int | None


def weigh(make: Callable[[FlagSet], Sdk], flags: int) -> MeasuredMemory:
    """Return the memory of the SDK from ``make`` for so many flags.

    One with a few flags is created first and kept, so that imports and per-process data do not count.
    """
    first = _filled(make, flag_set("mix", _FEW_FLAGS, SEED))
    flagset = flag_set("mix", flags, SEED)
    resident = _resident(make, flagset)
    return MeasuredMemory(first.name, _allocated(make, flagset), resident)


def _allocated(make: Callable[[FlagSet], Sdk], flagset: FlagSet) -> int:
    gc.collect()
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        sdk = _filled(make, flagset)
        gc.collect()
        grown = tracemalloc.get_traced_memory()[0] - before
        del sdk  # end of the measured part
        return grown
    finally:
        tracemalloc.stop()


def _resident(make: Callable[[FlagSet], Sdk], flagset: FlagSet) -> int | None:
    if not _STATM.is_file():
        return None
    warm = _filled(make, flagset)
    gc.collect()
    before = _resident_bytes()
    sdks = [_filled(make, flagset) for _ in range(COPIES)]
    gc.collect()
    grown = (_resident_bytes() - before) // len(sdks)
    del warm, sdks  # end of the measured part
    return grown


def _filled(make: Callable[[FlagSet], Sdk], flagset: FlagSet) -> Sdk:
    """Return an SDK that has answered some users, because some create data only then."""
    sdk = make(flagset)
    for number in range(_VISITORS):
        sdk.bulk(visitor(number))
        sdk.single(visitor(number), next(iter(flagset.flags)))
    return sdk


def _resident_bytes() -> int:
    return int(_STATM.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def main() -> int:
    """Print the memory of one SDK as one JSON object."""
    number, flags = int(sys.argv[1]), int(sys.argv[2])
    logging.disable(logging.CRITICAL)
    sys.stdout.buffer.write(msgspec.json.encode(weigh(SDKS[number], flags)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
