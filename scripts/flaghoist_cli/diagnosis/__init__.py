"""The checks of `flaghoist doctor`: tools, the machine, settings, and the running services."""

from collections.abc import Iterator, Mapping

from flaghoist_cli.client.target import TargetOptions, read_running
from flaghoist_cli.diagnosis.finding import Finding
from flaghoist_cli.diagnosis.machine import check_machine
from flaghoist_cli.diagnosis.services import check_services
from flaghoist_cli.diagnosis.settings import check_settings
from flaghoist_cli.diagnosis.tools import check_tools


def diagnose(wanted: TargetOptions, environ: Mapping[str, str]) -> Iterator[Finding]:
    """Yield all findings; services are checked if their address is known."""
    running = read_running(wanted.data_dir)
    yield from check_tools()
    yield from check_machine(wanted.data_dir, running)
    yield from check_settings(environ)
    origin = wanted.origin or (running.origin if running else "")
    edge = wanted.edge or (running.edge if running and running.origin == origin else "")
    if not origin and not edge:
        yield Finding(
            "services", "warn", "no origin or edge is known", "start `flaghoist dev`, or give --origin and --edge"
        )
    yield from check_services(origin.rstrip("/"), edge.rstrip("/"))
