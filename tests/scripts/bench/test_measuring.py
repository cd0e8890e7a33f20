"""How it is measured: the connection, rounds, checks before timing, and the figures made of them."""

import resource
import socket
import threading
from base64 import urlsafe_b64decode
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import repeat
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace

from bench.edge.bootstrap import judge
from bench.edge.publication import Publication
from bench.inputs.flag_sets import flag_set
from bench.inputs.visitors import Bodies, visitor
from bench.machine.machine import describe_versions
from bench.machine.toolchain import JS
from bench.measuring.connection import Connection, request_head, with_body
from bench.measuring.fresh_memory import have_at_hand
from bench.measuring.growth import growth_of
from bench.measuring.rounds import Pace, Spread, Timing, VisitorStream, measure, percentile, request_maker, spread
from bench.measuring.sanity import Truth
from bench.origin.servers import other_servers
from flaghoist.model.flags import FlagSet, JsonValue
from flaghoist_cli.client.evaluation import engine_of
from flaghoist_cli.terminal.failure import CommandFailed

REQUEST = with_body(request_head("POST", "/x", {"X-Key": "k"}), b"{}")


@contextmanager
def a_server(pieces: Sequence[bytes], *answers: int) -> Iterator[int]:
    """Serve one connection for each number of answers, each of which is these pieces; yield the port."""
    listening = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        for count in answers:
            with listening.accept()[0] as accepted:
                accepted.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                for _ in range(count):
                    accepted.recv(65536)
                    for piece in pieces:
                        accepted.sendall(piece)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield listening.getsockname()[1]
    finally:
        thread.join()
        listening.close()


def a_timing(p50: float) -> Timing:
    found = Spread(p50, p50, p50)
    return Timing(found, found, found, requests=1, bytes=1)


def timings(**p50: float) -> dict[str, Timing]:
    usual = {"flaghoist": 2.0, "empty_python": 1.0, "same_user": 1.2, "not_modified": 1.1}
    return {name: a_timing(figure) for name, figure in {**usual, **p50}.items()}


def test_connection__answer_in_pieces__is_put_together() -> None:
    pieces = [b"HTTP/1.1 200 OK\r\nContent-", b'Length: 5\r\nETag: "a"\r\n\r\nhe', b"llo"]
    with a_server(pieces, 2) as port, Connection(port) as connection:
        for _ in range(2):
            answer = connection.fetch(REQUEST)
            assert (answer.status, answer.body, answer.header("etag")) == (200, b"hello", '"a"')


def test_connection__answer_larger_than_its_buffer__is_read_whole() -> None:
    body = b"x" * 3_000_000
    head = b"HTTP/1.1 200 OK\r\ncontent-length: 3000000\r\n\r\n"
    with a_server([head + body], 2) as port, Connection(port) as connection:
        assert connection.fetch(REQUEST).body == body
        assert connection.exchange(REQUEST) == 200
        assert connection.received_bytes == len(body)


def test_connection__not_modified__has_no_body_to_wait_for() -> None:
    with a_server([b"HTTP/1.1 304 Not Modified\r\n\r\n"], 1) as port, Connection(port) as connection:
        assert connection.exchange(REQUEST) == 304
        assert connection.received_bytes == 0


@pytest.mark.parametrize("said", [b"HTTP/1.1 200 OK\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort"])
def test_connection__answer_that_does_not_end__is_refused(said: bytes) -> None:
    with a_server([said], 1) as port, Connection(port) as connection, pytest.raises(CommandFailed):
        connection.exchange(REQUEST)


def test_measure__least_requests__gives_percentiles_of_every_round() -> None:
    pace = Pace(rounds=2, seconds=0, least=4, warm_seconds=0)
    with a_server([b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"], 1 + 3, 1 + 4, 1 + 4) as port:
        rounds: list[int] = []
        found = measure([VisitorStream("one", port, "/", repeat(b"{}"))], pace, rounds.append)
    assert rounds == [0, 1]
    assert (found["one"].requests, found["one"].bytes) == (8, 2)
    assert 0 < found["one"].p50.low <= found["one"].p50.median <= found["one"].p99.high


def test_measure__wrong_status__fails_and_names_the_subject() -> None:
    with (
        a_server([b"HTTP/1.1 503 Unavailable\r\nContent-Length: 0\r\n\r\n"], 1) as port,
        pytest.raises(CommandFailed, match="one answers 503 where 200"),
    ):
        measure([VisitorStream("one", port, "/", repeat(b"{}"))], Pace(1, 0, 1, 0))


def test_have_at_hand__some_size__takes_that_much_and_gives_it_back() -> None:
    def faults_and_resident() -> tuple[int, int]:
        resident = int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()
        return resource.getrusage(resource.RUSAGE_SELF).ru_minflt, resident

    huge_page, size = 2 << 20, 128 << 20
    faults_before, resident_before = faults_and_resident()
    have_at_hand(size)
    faults, resident = faults_and_resident()
    assert faults - faults_before >= size // huge_page
    assert resident - resident_before < size // 2


def test_percentile__ordered_values__is_the_one_below_which_the_part_lies() -> None:
    values = [float(number) for number in range(100)]
    assert [percentile(values, part) for part in (0.5, 0.95, 0.99, 1.0)] == [50, 95, 99, 99]


def test_spread__figures__are_median_and_extremes() -> None:
    assert spread([3.0, 1.0, 2.0]) == Spread(2.0, 1.0, 3.0)


def test_judge__peers__the_fastest_counts() -> None:
    found = judge(100, timings(flagd=4.0, growthbook=5.0, launchdarkly_cached=8.0, empty_js=0.5), {})
    assert (found.fastest_js, found.fastest_js_p50_ms) == ("flagd", 4.0)
    ratios = (found.ours_to_fastest_js, found.ours_to_launchdarkly_cached, found.ours_to_empty_python)
    assert ratios == (0.5, 0.25, 2.0)


def test_judge__no_peers__leaves_their_ratios_out() -> None:
    found = judge(100, timings(), {})
    assert (found.fastest_js, found.ours_to_fastest_js, found.ours_to_empty_python) == (None, None, 2.0)


def test_growth__straight_line__is_found() -> None:
    measured = [
        judge(flags, timings(flaghoist=0.5 + flags * 0.001, empty_python=0.5), {}) for flags in (100, 1_000, 10_000)
    ]
    grown = growth_of(measured)
    assert (grown.us_per_flag, grown.us_at_none, grown.exponent) == (1.0, 500.0, 1.0)


def answers_of(flagset: FlagSet, number: int) -> dict[str, JsonValue]:
    outcomes = engine_of(flagset).evaluate_all(visitor(number), client_only=True)
    return {each.flag_key: msgspec.json.decode(each.value_json or b"null") for each in outcomes}


def test_truth__right_answers__pass_and_another_draw_does() -> None:
    flagset, body = flag_set("mix", 40, 7), Bodies().body(0)
    truth, answer = Truth(flagset, {body: visitor(0)}), answers_of(flagset, 0)
    truth.check("us", {body: answer})
    drawn = next(flag for flag in flagset.flags.values() if flag.fallthrough.rollout and not flag.rules)
    for value in drawn.variations.values():
        truth.check("another", {body: {**answer, drawn.key: value}})


@pytest.mark.parametrize("change", ["other value", "missing"])
def test_truth__wrong_answer__fails_and_names_the_flag(change: str) -> None:
    flagset, body = flag_set("mix", 40, 7), Bodies().body(0)
    answer = answers_of(flagset, 0)
    key = next(flag.key for flag in flagset.flags.values() if not flag.on)
    wrong = {**answer, key: "wrong"} if change == "other value" else {k: v for k, v in answer.items() if k != key}
    with pytest.raises(CommandFailed, match=key):
        Truth(flagset, {body: visitor(0)}).check("a peer", {body: wrong})


def test_publication__one_flag_switched__changes_a_shard_and_the_manifest() -> None:
    flagset = flag_set("mix", 1_000, 7)
    before = Publication.of(flagset)
    key, flag = next(iter(flagset.flags.items()))
    after = before.followed_by(FlagSet({**flagset.flags, key: replace(flag, on=not flag.on)}))
    assert after.version == before.version + 1
    assert [name[:2] for name in after.changed_values(before)] == ["s:", "m:"]


def test_other_servers__every_peer_in_node__is_known_to_the_node_server() -> None:
    source = (JS / "servers" / "node.mjs").read_text()
    names = [server.command[2] for server in other_servers() if server.command[1].endswith("node.cjs")]
    assert len(names) == 4
    assert all(f"  {name}: " in source for name in names)


def test_describe_versions__python_peers__are_those_of_the_lock() -> None:
    versions = describe_versions()
    assert {"fast-feature-ofrep", "granian", "growthbook", "launchdarkly-server-sdk"} <= set(versions)


def test_request_maker__context_in_the_url__stands_in_the_query() -> None:
    stream = VisitorStream(
        "by GET", 1, "/v1/bootstrap?format=ofrep", iter(()), {"Authorization": "Bearer k"}, in_url=True
    )
    head, _, rest = request_maker(stream)(b'{"context":{"targetingKey":"ada"}}').partition(b" HTTP/1.1\r\n")
    path, _, context = head.partition(b"&context=")
    assert path == b"GET /v1/bootstrap?format=ofrep"
    assert urlsafe_b64decode(context + b"==") == b'{"targetingKey":"ada"}'
    assert rest.endswith(b"Authorization: Bearer k\r\n\r\n")
