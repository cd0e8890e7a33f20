"""Transports on real servers: hints pass, and pass again after the server was killed and started once more."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from flaghoist_origin.fanout.choice import choose_transport
from flaghoist_origin.fanout.postgres import PostgresFanout
from flaghoist_origin.fanout.transport import FanoutLost, Transport
from flaghoist_origin.fanout.valkey import ValkeyFanout
from flaghoist_origin.settings.pool_limits import PoolLimits
from flaghoist_origin.settings.settings import Settings
from tests.builders import a_flag
from tests.origin.fanout.relaying import two_origins, until_held
from tests.servers.postgres import postgres_server
from tests.servers.process import HOST, free_port
from tests.servers.valkey import valkey_server

pytestmark = pytest.mark.anyio
CHANNEL = "a channel"
SECRET = "s" * 32


@dataclass(frozen=True)
class Server:
    """A server that carries hints and can be killed."""

    kill: Callable[[], None]
    start: Callable[[], None]
    transport: Callable[[], Transport]


@pytest.fixture
def tmp_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder whose database is SQLite: this is about the transport."""
    return tmp_path_factory.mktemp("sqlite")


@pytest.fixture(scope="module", params=["postgresql", "valkey"])
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    if request.param == "valkey":
        with valkey_server(tmp_path_factory.mktemp("valkey")) as valkey:
            yield Server(valkey.kill, valkey.start, lambda: ValkeyFanout(valkey.url, CHANNEL, check_seconds=0.2))
    else:
        with postgres_server() as postgres:
            url = postgres.url()
            yield Server(
                postgres.kill, postgres.start, lambda: PostgresFanout(url, PoolLimits(), CHANNEL, check_seconds=0.2)
            )


async def test_commit__here__seen_there(tmp_path: Path, server: Server) -> None:
    async with two_origins(tmp_path, server.transport) as (first, second):
        for key in "abc":
            await until_held(second, await first.commit(a_flag(key)))
            await until_held(first, await second.commit(a_flag(key).on()))


async def test_server__killed_and_started_again__changes_flow_again(tmp_path: Path, server: Server) -> None:
    async with two_origins(tmp_path, server.transport) as (first, second):
        server.kill()
        missed = await first.commit(a_flag("while-away"))

        server.start()

        await until_held(second, missed)
        await until_held(first, await second.commit(a_flag("back")))


@pytest.mark.parametrize(
    "transport",
    [
        PostgresFanout(f"postgresql://u@{HOST}:{free_port()}/d", PoolLimits(), CHANNEL),
        ValkeyFanout(f"redis://{HOST}:{free_port()}", CHANNEL),
    ],
    ids=["postgresql", "valkey"],
)
async def test_connect__nobody_there__lost(transport: Transport) -> None:
    with pytest.raises(FanoutLost):
        async with transport.connect(lambda _: None):
            pass


def test_choice__by_settings__valkey_before_postgresql_before_none() -> None:
    postgres = Settings(secret=SECRET, database_url="postgres://u@h/d")
    both = Settings(secret=SECRET, database_url="postgres://u@h/d", redis_url="valkeys://h")

    assert isinstance(choose_transport(both), ValkeyFanout)
    assert isinstance(choose_transport(postgres), PostgresFanout)
    assert choose_transport(Settings(secret=SECRET)) is None
