"""What an SDK that evaluates by itself asks its origin for: all rules of an environment, and the stream of changes."""

STREAM_PATH = "/v1/stream"
ENVIRONMENT_PATH = "/api/v1/environments/{env}"
SNAPSHOT_PATH = ENVIRONMENT_PATH + "/snapshot"
RULES_DIALECT = "rules"
"""The ``dialect`` of a stream that sends rules; without one, a stream sends what web clients understand."""


def snapshot_path(environment: str) -> str:
    """Return the path of an environment's snapshot; with ``since``, of what changed since a version."""
    return SNAPSHOT_PATH.format(env=environment)
