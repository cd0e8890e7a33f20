"""Weighing SDKs and counting evaluations: what is measured is there, and grows with the flags."""

import os

import pytest

from bench.process.capacity import measure_capacity
from bench.process.python_sdks import ours
from bench.process.sdk_memory import weigh


def test_weigh__more_flags__hold_more() -> None:
    few, many = weigh(ours, 20), weigh(ours, 400)
    assert few.name == many.name == "Flaghoist"
    assert 0 < few.allocated < many.allocated / 4


@pytest.mark.anyio
async def test_measure_capacity__one_process_and_all_cores__each_manages_something() -> None:
    found = await measure_capacity(20, 0.01)
    assert set(found) == {"1", str(os.cpu_count())}
    for processes, managed in found.items():
        assert (str(managed.processes), managed.flags) == (processes, 20)
        assert managed.single_per_second > 0
        assert managed.bulk_per_second > 0
