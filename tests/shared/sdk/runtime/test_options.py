"""Options are refused before anything starts, with the option's name and the remedy."""

from pathlib import Path
from typing import Any

import pytest

from flaghoist.sdk.runtime.options import LEAST_POLL_SECONDS, Options
from tests.published import ADMIN_KEY, CLIENT_KEY, SERVER_KEY
from tests.shared.sdk.making import ORIGIN

GOOD: dict[str, Any] = {"origin": ORIGIN, "key": SERVER_KEY}


def test_options__origin_and_key__name_the_environment() -> None:
    options = Options(**GOOD)
    assert (options.origins, options.environment) == ((ORIGIN,), "production")


def test_options__several_origins__are_kept_in_order() -> None:
    options = Options(origin=["http://a.test/", "https://b.test/flags"], key=SERVER_KEY)
    assert options.origins == ("http://a.test", "https://b.test/flags")


def test_options__shown__do_not_show_the_key() -> None:
    assert SERVER_KEY not in repr(Options(**GOOD))


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"origin": ()}, "origin is missing"),
        ({"origin": "flags.example.com"}, "not a base URL"),
        ({"origin": "ftp://flags.example.com"}, "not a base URL"),
        ({"origin": "https://flags.example.com/?a=b"}, "not a base URL"),
        ({"origin": "http://[::1"}, "not a URL"),
        ({"key": ""}, "key: no key was sent"),
        ({"key": "secret"}, "key: the key is malformed"),
        ({"key": CLIENT_KEY}, "key is a client key"),
        ({"key": ADMIN_KEY}, "key: an admin key does not evaluate"),
        ({"poll_seconds": LEAST_POLL_SECONDS / 2}, "poll_seconds is at least 1"),
        ({"start_seconds": 0}, "start_seconds"),
        ({"silence_seconds": float("nan")}, "silence_seconds"),
        ({"offline": True, "key": "", "cache_file": Path("flags.cache")}, "cache_file is sealed under it"),
    ],
)
def test_options__that_cannot_work__are_refused_by_name(changed: dict[str, Any], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        Options(**{**GOOD, **changed})


def test_options__shortest_poll__is_taken() -> None:
    assert Options(**GOOD, poll_seconds=LEAST_POLL_SECONDS).poll_seconds == LEAST_POLL_SECONDS


def test_options__offline_with_a_file__need_neither_origin_nor_key() -> None:
    assert Options(offline=True, bootstrap_file=Path("flags.json")).environment == "local"
