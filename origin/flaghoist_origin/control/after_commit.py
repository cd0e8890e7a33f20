"""What follows a commit: four subscribers are told, in this order, before the write is answered.

None of them makes the write wait: each remembers the environment, and a task of its own does the work. They are told
as well of what another origin committed, of changed keys, and of a removed environment.
"""

from collections.abc import Callable

from flaghoist_origin.serving.environments import CommitSubscriber

Notify = Callable[[str], None]


def after_commit(
    *, publish: Notify | None, withdraw: Notify | None, stream: Notify, announce: Notify | None
) -> tuple[CommitSubscriber, ...]:
    """Return the subscribers in order; those that an origin's settings leave out are None."""
    steps = (
        ("publish", "the publisher writes the snapshot into KV, when the publishing interval allows it", publish),
        ("withdraw", "if it was removed, a manifest that opens nothing replaces its manifest in KV", withdraw),
        ("stream", "the hub sends the new version to open streams, and ends those whose key has ended", stream),
        ("announce", "the relay tells the other origins, which then read the database at once", announce),
    )
    return tuple(CommitSubscriber(name, does, notify) for name, does, notify in steps if notify)
