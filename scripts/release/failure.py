"""The error of a release that cannot go out."""


class ReleaseFailed(Exception):
    """Something that a release needs does not hold; the message names the thing and the remedy."""
