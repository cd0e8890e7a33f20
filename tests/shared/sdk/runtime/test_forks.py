"""A process that forks: parent and child each go on hearing of changes, over connections of their own."""

import subprocess
import sys

from tests.shared.sdk.origin_process import DEADLINE_SECONDS, OriginProcess
from tests.shared.sdk.test_with_an_origin import release


def test_fork__after_the_start__child_and_parent_receive_changes(origin: OriginProcess) -> None:
    origin.put("/flags/release", release(1))
    command = [
        sys.executable,
        "-m",
        "tests.shared.sdk.forking_app",
        origin.url,
        origin.keys["server"],
        "v2",
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert {process.stdout.readline(), process.stdout.readline()} == {"parent v1\n", "child v1\n"}
        origin.patch("/flags/release", {"variations": {"now": "v2"}})
        _, errors = process.communicate(timeout=2 * DEADLINE_SECONDS)
    assert process.returncode == 0, errors
