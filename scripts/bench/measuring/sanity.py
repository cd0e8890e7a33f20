"""Before the measurement: check that every subject gives the right answers."""

from collections.abc import Mapping, Sequence

import msgspec

from bench.measuring.connection import Connection
from bench.measuring.rounds import VisitorStream, request_maker
from flaghoist.model.context import Context
from flaghoist.model.flags import FlagSet, JsonValue
from flaghoist.model.outcome import Reason
from flaghoist_cli.client.evaluation import engine_of
from flaghoist_cli.terminal.failure import CommandFailed

CHECKED_VISITORS = 12


class Expectation(msgspec.Struct, frozen=True):
    """The possible values of a flag for a visitor: one value, or any of its variations if a draw decides."""

    allowed: tuple[JsonValue, ...]


class Truth:
    """The answers of our own engine in this process, for a few visitors."""

    def __init__(self, flagset: FlagSet, visitors: Mapping[bytes, Context]) -> None:
        engine = engine_of(flagset)
        self._expected = {
            body: {
                outcome.flag_key: _expectation(flagset, outcome.flag_key, outcome.reason, outcome.value_json)
                for outcome in engine.evaluate_all(context, client_only=True)
            }
            for body, context in visitors.items()
        }

    def check(self, name: str, answers: Mapping[bytes, Mapping[str, JsonValue]]) -> None:
        """Raise CommandFailed naming the first flag for which ``name`` gives a wrong value."""
        for body, answer in answers.items():
            for key, expected in self._expected[body].items():
                if key not in answer or answer[key] not in expected.allowed:
                    got = answer.get(key, "(nothing)")
                    raise CommandFailed(f"{name} answers {got!r} for {key}, not {expected.allowed!r}: {body.decode()}")


def ask(stream: VisitorStream, bodies: Sequence[bytes]) -> Mapping[bytes, bytes]:
    """Return the answers of the stream's server to these bodies."""
    make = request_maker(stream)
    answers: dict[bytes, bytes] = {}
    with Connection(stream.port) as connection:
        for body in bodies:
            received = connection.fetch(make(body))
            if received.status != stream.status:
                shown = received.body[:300].decode(errors="replace")
                raise CommandFailed(f"{stream.name} answers {received.status}: {shown}")
            answers[body] = received.body
    return answers


def _expectation(flagset: FlagSet, key: str, reason: Reason, value_json: bytes | None) -> Expectation:
    if reason is Reason.SPLIT:
        return Expectation(tuple(flagset.flags[key].variations.values()))
    return Expectation((msgspec.json.decode(value_json or b"null"),))
