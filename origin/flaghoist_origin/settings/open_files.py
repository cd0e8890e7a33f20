"""Open files: each stream needs one, and the default limit of a process is too low for thousands of them."""

import logging
import resource

import msgspec

from flaghoist_origin.settings.settings import Settings

LOG = logging.getLogger("flaghoist.origin")
RESERVED = 256
MOST = 65_536


def within_open_files(settings: Settings) -> Settings:
    """Raise the limit of open files as far as possible; return settings whose stream limit fits into it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    allowed = max(soft, MOST if hard == resource.RLIM_INFINITY else min(hard, MOST))
    resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))
    if settings.stream_limit + RESERVED <= allowed:
        return settings
    limit = max(0, allowed - RESERVED)
    LOG.warning(
        "limited to %d streams: this process may open only %d files; raise the limit with `ulimit -Hn`", limit, allowed
    )
    return msgspec.structs.replace(settings, stream_limit=limit)
