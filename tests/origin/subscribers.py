"""Subscribers of commits that tests add to those of an origin."""

from collections.abc import Callable

from flaghoist_origin.serving.environments import CommitSubscriber, Environments


def tell_after_commit(environments: Environments, notify: Callable[[str], None]) -> None:
    """Tell ``notify`` of each environment that changes, after all other subscribers."""
    environments.subscribers += (CommitSubscriber("test", "what a test does", notify),)
