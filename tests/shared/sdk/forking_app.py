"""A program that forks after its provider was started: parent and child each wait for a value and the stream.

``python -m tests.shared.sdk.forking_app ORIGIN KEY WANTED``
"""

import os
import sys
import time

from openfeature.evaluation_context import EvaluationContext

from flaghoist.sdk.provider import FlaghoistProvider
from flaghoist.sdk.runtime.options import Options
from flaghoist.sdk.snapshot.levels import Level

DEADLINE_SECONDS = 60.0


def hears(provider: FlaghoistProvider, wanted: str) -> bool:
    """Return whether the value and the stream came in time."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    while time.monotonic() < deadline:
        if provider.resolve_string_details("release", "").value == wanted and provider.state.level is Level.STREAMING:
            return True
        time.sleep(0.02)
    return False


def main() -> int:
    origin, key, wanted = sys.argv[1:]
    options = Options(origin=origin, key=key, http={"trust_env": False}, retry_seconds=0.1)
    provider = FlaghoistProvider(options)
    provider.initialize(EvaluationContext())
    child = os.fork()
    sys.stdout.write(f"{'parent' if child else 'child'} {provider.resolve_string_details('release', '').value}\n")
    sys.stdout.flush()
    is_heard = hears(provider, wanted)
    provider.shutdown()
    if not child:
        os._exit(0 if is_heard else 1)
    _, status = os.waitpid(child, 0)
    return 0 if is_heard and status == 0 else 1


if __name__ == "__main__":
    sys.exit(main())
