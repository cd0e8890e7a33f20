"""Signed contexts in questions: what is believed, what counts beside it, and what it costs the second time."""

from collections.abc import Mapping

import msgspec
import pytest

from flaghoist.answers.answering import answer
from flaghoist.answers.serving_snapshot import ServingSnapshot, prepare
from flaghoist.answers.verification import verify_context
from flaghoist.answers.verified_contexts import VerifiedContextCache
from flaghoist.bounded_cache import OVERHEAD_BYTES
from flaghoist.errors import (
    ActionForbidden,
    ContextRefused,
    FlaghoistError,
    InputError,
    KeyRefused,
    LimitExceeded,
    UnknownSigningKey,
)
from flaghoist.limits import SIGNED_CONTEXT_BYTES
from flaghoist.protocol.evaluation_requests import read_evaluation
from flaghoist.protocol.requests import EvaluationRequest, Freshness, Request, Response
from flaghoist.signed.claims import VerifiedContext
from flaghoist.signed.keyring import SigningKey, a_signing_keyring
from flaghoist.snapshot.manifest import SigningKeyRef, decode_manifest, encode_manifest
from tests.builders import FlagBuilder, a_clause, a_flag, a_rollout
from tests.published import CLIENT_KEY, NOW_MS, SERVER_KEY, UNKNOWN_KEY, published
from tests.shared.answers.asking import BOOTSTRAP, BULK, a_request, in_query, ofrep_body, tree
from tests.signing import ADA, NOW, a_signer, at_once, verify

SIGNER, OTHER = a_signer("5161bb0c9d0a7f3e"), a_signer("0d5f1e2a3b4c5d6e")
PRO = a_flag("pro").on().client_visible().rule("pro", a_clause("plan", "in", "pro"), serve="on").fallthrough("off")
LOCAL = a_flag("local").on().client_visible().rule("de", a_clause("edge.country", "in", "DE"), serve="on")
SNAPSHOT = published(PRO, LOCAL.fallthrough("off")).but(signing_keys=(SIGNER.ref,))
FREE = {"targetingKey": "ada", "plan": "free"}


class Counting:
    """Verifies, and counts how often it was asked to."""

    def __init__(self) -> None:
        self.count = 0

    async def verify(self, public_key: bytes, signature: bytes, message: bytes) -> bool:
        self.count += 1
        return await verify(public_key, signature, message)


def an_evaluation(
    token: str, context: object = None, *, key: str = CLIENT_KEY, headers: Mapping[str, str] | None = None
) -> EvaluationRequest:
    sent = {"flaghoist-context": token, **(headers or {})}
    return read_evaluation(a_request(BULK, ofrep_body(context or {}), key=key, headers=sent))


def believed(
    evaluation: EvaluationRequest, held: ServingSnapshot, now_ms: int = NOW_MS, counting: Counting | None = None
) -> EvaluationRequest:
    return at_once(verify_context(evaluation, held, (counting or Counting()).verify, now_ms))


def values(response: Response) -> dict[str, object]:
    flags = tree(response)["flags"]
    assert isinstance(flags, list)
    return {flag["key"]: flag["value"] for flag in flags if isinstance(flag, dict)}


def value_of_pro(evaluation: EvaluationRequest, held: ServingSnapshot) -> object:
    return values(answer(evaluation, held, Freshness(), now_ms=NOW_MS))["pro"]


def test_signed_context__by_header__is_the_context() -> None:
    held = SNAPSHOT.held()
    evaluation = an_evaluation(SIGNER.token())
    assert evaluation.context == {}, "nothing is believed before it is verified"
    assert believed(evaluation, held).context == ADA
    assert value_of_pro(believed(evaluation, held), held) is True


@pytest.mark.parametrize(
    "call",
    [
        a_request(BULK, msgspec.json.encode({"signedContext": SIGNER.token()})),
        a_request(f"{BULK}/pro", msgspec.json.encode({"signedContext": SIGNER.token(), "context": FREE})),
        a_request(BOOTSTRAP, msgspec.json.encode({"signedContext": SIGNER.token()})),
        a_request(BOOTSTRAP, msgspec.json.encode({"signedContext": SIGNER.token(), "context": FREE})),
        a_request(BOOTSTRAP, b"", method="GET", query=f"signed_context={SIGNER.token()}"),
        a_request(BOOTSTRAP, b"", method="GET", query=f"{in_query(FREE)}&signed_context={SIGNER.token()}"),
        a_request(BOOTSTRAP, b"", method="GET", headers={"flaghoist-context": SIGNER.token()}),
    ],
)
def test_signed_context__however_it_travels__counts_alone(call: Request) -> None:
    assert believed(read_evaluation(call), SNAPSHOT.held()).context == ADA


def test_bare_context__beside_a_signed_one__does_not_count() -> None:
    held = SNAPSHOT.held()
    evaluation = an_evaluation(SIGNER.token({"targetingKey": "ada"}), {"targetingKey": "eve", "plan": "pro"})
    assert believed(evaluation, held).context == {"targetingKey": "ada"}
    assert value_of_pro(believed(evaluation, held), held) is False


def test_bare_context__beside_a_signed_one__is_checked_all_the_same() -> None:
    with pytest.raises(InputError):
        read_evaluation(a_request(BULK, b'{"context": 7}', headers={"flaghoist-context": SIGNER.token()}))


def test_edge_attributes__join_a_signed_context() -> None:
    held = SNAPSHOT.held()
    evaluation = believed(an_evaluation(SIGNER.token({**ADA, "edge.country": "FR"})), held)
    response = answer(evaluation, held, Freshness(), now_ms=NOW_MS, edge_attributes={"edge.country": "DE"})
    assert values(response)["local"] is True


def test_etag__of_a_signed_context__is_that_of_the_context() -> None:
    held = SNAPSHOT.held()

    def etag(evaluation: EvaluationRequest) -> str:
        return answer(evaluation, held, Freshness(), now_ms=NOW_MS).headers["ETag"]

    signed = etag(believed(an_evaluation(SIGNER.token()), held))
    assert signed == etag(read_evaluation(a_request(BULK, ofrep_body(ADA))))
    assert signed != etag(read_evaluation(a_request(BULK, ofrep_body(FREE))))


REFUSED: list[tuple[str, str, type[FlaghoistError], str]] = [
    ("another key under this name", OTHER.token(header={"kid": SIGNER.key.id}), ContextRefused, "tampered"),
    ("a key that is not there", OTHER.token(), UnknownSigningKey, "0d5f1e2a3b4c5d6e"),
    (
        "another header",
        ".".join((*OTHER.token().split(".")[:1], *SIGNER.token().split(".")[1:])),
        UnknownSigningKey,
        "0d5f1e2a3b4c5d6e",
    ),
    ("alg none", SIGNER.token(header={"alg": "none"}), ContextRefused, "alg is 'none'"),
    ("expired", SIGNER.token(exp=NOW), ContextRefused, "has expired"),
    ("no exp", SIGNER.token(exp=None), ContextRefused, "when it expires"),
    ("another environment", SIGNER.token(aud="staging"), ContextRefused, "not for environment production"),
    ("no JWT", "undefined", ContextRefused, "no JWT"),
    ("too long", SIGNER.token({"a": "x" * SIGNED_CONTEXT_BYTES.value}), LimitExceeded, "signed_context_bytes"),
]


@pytest.mark.parametrize(("token", "error", "named"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_signed_context__that_does_not_count__is_refused_with_the_reason(
    token: str, error: type[FlaghoistError], named: str
) -> None:
    held = SNAPSHOT.held()
    with pytest.raises(error, match=named) as caught:
        believed(an_evaluation(token), held)
    assert caught.value.status in (401, 413)
    assert len(held.verified_contexts) == 0


def test_signed_context__tampered_with__is_refused() -> None:
    header, _, signature = SIGNER.token(FREE).split(".")
    forged = f"{header}.{SIGNER.token(ADA).split('.')[1]}.{signature}"
    with pytest.raises(ContextRefused, match="tampered"):
        believed(an_evaluation(forged), SNAPSHOT.held())


def test_signed_context__with_a_strangers_key__costs_no_signature_check() -> None:
    counting = Counting()
    with pytest.raises(KeyRefused):
        believed(an_evaluation(SIGNER.token(), key=UNKNOWN_KEY), SNAPSHOT.held(), counting=counting)
    assert counting.count == 0


def test_signed_context__twice_in_one_call__is_refused_unless_it_is_the_same() -> None:
    body = msgspec.json.encode({"signedContext": SIGNER.token()})
    assert read_evaluation(a_request(BULK, body, headers={"flaghoist-context": SIGNER.token()})).token == SIGNER.token()
    with pytest.raises(InputError, match="signed twice"):
        read_evaluation(a_request(BULK, body, headers={"flaghoist-context": SIGNER.token(FREE)}))


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (BULK, b'{"signedContext": 7}'),
        (BULK, b'{"signedContext": null}'),
        (BOOTSTRAP, b'{"signedContext": {}}'),
        (BOOTSTRAP, b'{"signedContext": "x", "plan": "pro"}'),
    ],
)
def test_signed_context__in_a_body_that_makes_no_sense__is_bad_input(path: str, body: bytes) -> None:
    with pytest.raises(InputError, match="signedContext"):
        read_evaluation(a_request(path, body))


def test_signed_context__in_the_query_of_a_post__is_bad_input() -> None:
    with pytest.raises(InputError, match="query of a GET"):
        read_evaluation(a_request(BOOTSTRAP, query=f"signed_context={SIGNER.token()}"))


def test_environment__that_requires_signatures__takes_signed_contexts_and_empty_ones() -> None:
    held = SNAPSHOT.but(requires_signed_context=True).held()
    evaluation = an_evaluation(SIGNER.token(), FREE)
    assert value_of_pro(believed(evaluation, held), held) is True
    assert value_of_pro(read_evaluation(a_request(BULK)), held) is False
    with pytest.raises(ActionForbidden, match="Flaghoist-Context"):
        answer(read_evaluation(a_request(BULK, ofrep_body(FREE))), held, Freshness(), now_ms=NOW_MS)


def test_environment__that_requires_signatures__believes_server_keys() -> None:
    held = SNAPSHOT.but(requires_signed_context=True).held()
    assert value_of_pro(read_evaluation(a_request(BULK, ofrep_body(ADA), key=SERVER_KEY)), held) is True


def test_unverified_question__that_is_answered_by_mistake__has_no_context() -> None:
    held = SNAPSHOT.held()
    assert value_of_pro(an_evaluation(OTHER.token(), ADA), held) is False


def test_token__seen_again__costs_no_second_check() -> None:
    held, counting = SNAPSHOT.held(), Counting()
    for _ in range(3):
        assert believed(an_evaluation(SIGNER.token(exp=NOW + 5)), held, counting=counting).context == ADA
    assert counting.count == 1
    again = prepare(held.manifest, held.loaded, held)
    believed(an_evaluation(SIGNER.token(exp=NOW + 5)), again, counting=counting)
    assert counting.count == 1, "a confirmation forgets nothing"


def test_token__seen_again_after_it_expired__is_refused() -> None:
    held, evaluation = SNAPSHOT.held(), an_evaluation(SIGNER.token(exp=NOW + 5))
    believed(evaluation, held)
    with pytest.raises(ContextRefused, match="has expired"):
        believed(evaluation, held, NOW_MS + 5_000)


def test_token__seen_again_after_its_key_was_revoked__is_refused() -> None:
    held, evaluation = SNAPSHOT.held(), an_evaluation(SIGNER.token())
    believed(evaluation, held)
    revoked = prepare(SNAPSHOT.but(signing_keys=(OTHER.ref,)).manifest, held.loaded, held)
    with pytest.raises(UnknownSigningKey):
        believed(evaluation, revoked)


def test_token__of_a_key_that_is_rotated_out__counts_until_the_overlap_ends() -> None:
    ending = SigningKeyRef(SIGNER.ref.id, SIGNER.ref.key, NOW_MS + 1_000)
    held, evaluation = SNAPSHOT.but(signing_keys=(ending, OTHER.ref)).held(), an_evaluation(SIGNER.token())
    assert believed(evaluation, held).context == ADA
    assert believed(an_evaluation(OTHER.token()), held).context == ADA
    with pytest.raises(ContextRefused, match="its successor"):
        believed(evaluation, held, NOW_MS + 1_000)


def a_split(key: str) -> FlagBuilder:
    return a_flag(key).on().client_visible().fallthrough(a_rollout(on=0, off=100_000))


def sticky_snapshot() -> ServingSnapshot:
    return published(a_split("split").sticky(), a_split("plain")).but(signing_keys=(SIGNER.ref,)).held()


def values_with(held: ServingSnapshot, sticky: Mapping[str, str] | None = None) -> tuple[dict[str, object], str]:
    """Return what a user with such a token gets, and the ETag of that."""
    response = answer(believed(an_evaluation(SIGNER.token(ADA, sticky=sticky)), held), held, Freshness(), now_ms=NOW_MS)
    return values(response), response.headers["ETag"]


def test_sticky_assignment__of_a_flag_that_honours_it__replaces_the_draw_and_shows_in_the_etag() -> None:
    held = sticky_snapshot()
    drawn, etag = values_with(held)
    kept, other = values_with(held, sticky={"split": "on", "plain": "on"})
    assert (drawn, kept) == ({"split": False, "plain": False}, {"split": True, "plain": False})
    assert etag != other


@pytest.mark.parametrize("sticky", [{"plain": "on"}, {"gone": "on"}, {}])
def test_sticky_assignment__that_no_flag_honours__changes_nothing(sticky: dict[str, str]) -> None:
    held = sticky_snapshot()
    assert values_with(held, sticky=sticky) == values_with(held)


def test_sticky_assignment__to_a_variation_that_is_gone__leaves_the_draw() -> None:
    held = sticky_snapshot()
    assert values_with(held, sticky={"split": "gone"})[0] == values_with(held)[0]


def test_sticky_assignment__on_every_route__is_the_same() -> None:
    held, headers = sticky_snapshot(), {"flaghoist-context": SIGNER.token(ADA, sticky={"split": "on"})}
    single = believed(read_evaluation(a_request(f"{BULK}/split", headers=headers)), held)
    assert tree(answer(single, held, Freshness(), now_ms=NOW_MS))["value"] is True
    for format in ("values", "flaghoist", "launchdarkly", "js"):
        for _ in range(3):
            call = a_request(BOOTSTRAP, b"", method="GET", query=f"format={format}", headers=headers)
            response = answer(believed(read_evaluation(call), held), held, Freshness(), now_ms=NOW_MS)
            assert b'"plain":false' in response.body or b'"plain":{"value":false' in response.body
            assert b'"split":true' in response.body or b'"split":{"value":true' in response.body


def test_sticky_assignment__that_is_not_signed__is_no_member_of_a_body() -> None:
    with pytest.raises(InputError, match="unknown member"):
        read_evaluation(a_request(BULK, b'{"context": {}, "sticky": {"split": "on"}}'))


def test_vouched__beyond_the_bound__the_oldest_make_room() -> None:
    kept, key = VerifiedContextCache(3 * (OVERHEAD_BYTES + 1)), SigningKey(b"k" * 32)
    for token in "abcab":
        kept.keep_verified(token, "k", key, VerifiedContext({"token": token}, NOW_MS + 1))
    kept.keep_verified("d", "k", key, VerifiedContext({}, NOW_MS + 1))
    found = {token for token in "abcd" if kept.find_verified(token, {"k": key}, NOW_MS) is not None}
    assert (len(kept), found) == (3, {"a", "b", "d"})


def test_vouched__larger_than_the_bound__is_not_kept() -> None:
    kept = VerifiedContextCache(10)
    kept.keep_verified("token", "k", SigningKey(b"k" * 32), VerifiedContext({}, NOW_MS + 1))
    assert len(kept) == 0


def test_keyring__what_is_no_public_key__is_left_out() -> None:
    refs = (SIGNER.ref, SigningKeyRef("short", "AAAA"), SigningKeyRef("none", "!"), SigningKeyRef("empty", ""))
    assert set(a_signing_keyring(refs)) == {SIGNER.ref.id}


def test_manifest__signing_keys__come_back_and_older_manifests_have_none() -> None:
    manifest = SNAPSHOT.manifest
    written = encode_manifest(manifest)
    assert decode_manifest(written) == manifest
    older = msgspec.json.decode(written, type=dict[str, object])
    del older["signing_keys"]
    older["signing_key"] = ""
    assert decode_manifest(msgspec.json.encode(older)).signing_keys == ()
