"""Run a module as the main program, and end when the parent process ends: ``guarded flaghoist_origin``."""

import os
import runpy
import signal
import sys
import threading
import time

POLL_SECONDS = 0.5


def _follow(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(POLL_SECONDS)
    os.kill(os.getpid(), signal.SIGTERM)


def main() -> None:
    """Run the module that the first argument names."""
    threading.Thread(target=_follow, args=(os.getppid(),), daemon=True).start()
    module = sys.argv.pop(1)
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
