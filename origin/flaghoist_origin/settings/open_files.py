"""Open files: each stream is one, and what a process may open by default is too little for thousands of them."""

import logging
import resource

import msgspec

from flaghoist_origin.settings.settings import Settings

LOG = logging.getLogger("flaghoist.origin")
RESERVED = 256
MOST = 65_536


def within_open_files(settings: Settings) -> Settings:
    """Raise what this process may open as far as it may; return settings whose stream limit fits into that."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    allowed = max(soft, MOST if hard == resource.RLIM_INFINITY else min(hard, MOST))
    resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))
    if settings.stream_limit + RESERVED <= allowed:
        return settings
    limit = max(0, allowed - RESERVED)
    LOG.warning("only %d streams: this process may open %d files; raise that with `ulimit -Hn`", limit, allowed)
    return msgspec.structs.replace(settings, stream_limit=limit)
