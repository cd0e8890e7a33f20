"""Which keys answer: by the manifest, whatever their text says."""

import hmac

import pytest

from flaghoist.errors import ActionForbidden, KeyRefused
from flaghoist.protocol import keys
from tests.builders import a_flag
from tests.published import CLIENT_KEY, NOW_MS, SERVER_KEY, UNKNOWN_KEY, a_key_ref, published
from tests.shared.answers.asking import BOOTSTRAP, BULK, ask, tree

SNAPSHOT = published(a_flag("secret").on(), a_flag("open").on().client_visible())


def flags_of(key: str) -> set[str]:
    flags = tree(ask(SNAPSHOT.held(), BOOTSTRAP, key=key))["flags"]
    assert isinstance(flags, dict)
    return set(flags)


def test_key__client__sees_client_visible_flags_alone() -> None:
    assert flags_of(CLIENT_KEY) == {"open"}


def test_key__server__sees_all_flags() -> None:
    assert flags_of(SERVER_KEY) == {"open", "secret"}


def test_key__unknown__is_refused() -> None:
    with pytest.raises(KeyRefused, match="not valid here"):
        ask(SNAPSHOT.held(), BULK, key=UNKNOWN_KEY)


def test_key__kind__is_the_manifests_not_the_texts() -> None:
    registered_as_client = SNAPSHOT.but(keys=(a_key_ref("client", SERVER_KEY),))
    flags = tree(ask(registered_as_client.held(), BOOTSTRAP, key=SERVER_KEY))["flags"]
    assert flags == {"open": {"value": False, "variation": "off", "reason": "STATIC", "version": 0}}


def test_key__expired__is_refused_and_until_then_it_answers() -> None:
    expiring = SNAPSHOT.but(keys=(a_key_ref("client", CLIENT_KEY, NOW_MS + 1),))
    assert ask(expiring.held(), BULK).status == 200
    expired = SNAPSHOT.but(keys=(a_key_ref("client", CLIENT_KEY, NOW_MS),))
    with pytest.raises(KeyRefused, match="expired"):
        ask(expired.held(), BULK)


def test_key__server_key_disguised_as_a_client_key__does_not_travel_in_a_url() -> None:
    disguised = SNAPSHOT.but(keys=(a_key_ref("server", CLIENT_KEY),))
    with pytest.raises(KeyRefused, match="only client keys"):
        ask(disguised.held(), BULK, key="", query=f"key={CLIENT_KEY}")


def test_key__check__compares_every_entry_in_constant_time(monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[bytes] = []

    def compare(left: bytes, right: bytes) -> bool:
        compared.append(left)
        return hmac.compare_digest(left, right)

    monkeypatch.setattr(keys, "compare_digest", compare)
    refs = tuple(a_key_ref("client", f"key {number}") for number in range(5))
    keyring = keys.a_keyring((a_key_ref("client", CLIENT_KEY), *refs))
    assert keys.check_key(keyring, CLIENT_KEY, NOW_MS, in_url=False) == "client"
    assert len(compared) == 6


def test_environment__that_requires_signed_contexts__refuses_a_bare_one() -> None:
    strict = SNAPSHOT.but(requires_signed_context=True).held()
    with pytest.raises(ActionForbidden, match="signed"):
        ask(strict, BULK, {"targetingKey": "ada"})
    assert ask(strict, BULK).status == 200


def test_parse_key__what_key_text_wrote__names_kind_and_environment() -> None:
    text = keys.key_text("admin", "staging", "s" * keys.SECRET_CHARACTERS)
    assert keys.parse_key(text) == keys.ParsedKey("admin", "staging")
    assert keys.parse_key(f"{text}s") is None


@pytest.mark.parametrize(
    ("headers", "sent"),
    [
        ({"authorization": keys.bearer("k")}, "k"),
        ({"authorization": "bEARER  k "}, "k"),
        ({"x-api-key": " k "}, "k"),
        ({"authorization": keys.bearer("a"), "x-api-key": "b"}, "a"),
        ({"authorization": "Basic a", "x-api-key": "b"}, "b"),
        ({}, ""),
    ],
)
def test_sent_key__bearer_before_header(headers: dict[str, str], sent: str) -> None:
    assert keys.sent_key(headers) == sent
