"""PostgreSQL goes away: reads go on from memory, writes are refused whole or reported as unknown, all comes back."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.origin.an_origin import AnOrigin, a_document, an_origin, prepare
from tests.origin.databases import postgres_of
from tests.servers.process import HOST
from tests.servers.proxy import Cut, Proxy, proxy

pytestmark = pytest.mark.anyio
BOUND_SECONDS = 20
FLAG = "/flags/checkout"
AUDITED = b"flags/checkout"
EVALUATE = "/ofrep/v1/evaluate/flags"


@dataclass(frozen=True)
class Behind:
    """An origin whose database is behind a proxy; it holds the flag ``checkout``."""

    origin: AnOrigin
    proxy: Proxy

    async def write(self, if_match: str | None = None, **members: object) -> httpx.Response:
        async with asyncio.timeout(BOUND_SECONDS):
            return await self.origin.put(FLAG, a_document(**members), if_match=if_match)

    async def etag(self) -> str:
        return str((await self.origin.get(FLAG)).headers["etag"])

    async def caught_up(self) -> None:
        await self.origin.services.environments.refresh_all()


@pytest.fixture
async def behind(anyio_backend: str, on_postgres: Path) -> AsyncIterator[Behind]:
    prepared = await prepare(on_postgres)
    found = postgres_of(on_postgres)
    assert found is not None
    url = found[0].url(found[1])
    async with proxy(found[0].server.port) as cutting:
        through = url.replace(f"{HOST}:{cutting.port}", f"{HOST}:{cutting.url_port}")
        brief: dict[str, Any] = {
            "database_connect_seconds": 0.5,
            "database_statement_seconds": 0.5,
            "refresh_seconds": 5.0,
        }
        async with an_origin(on_postgres, prepared=prepared, database_url=through, **brief) as origin:
            made = Behind(origin, cutting)
            assert (await made.write(description="first")).status_code == 201
            yield made


async def test_database__silent__reads_go_on_and_writes_say_when_to_return(behind: Behind) -> None:
    etag = await behind.etag()
    behind.proxy.is_silent = True

    read = await behind.origin.get(FLAG)
    evaluated = await behind.origin.client.post(
        EVALUATE,
        json={"context": {"targetingKey": "ada"}},
        headers={"Authorization": f"Bearer {behind.origin.keys['server']}"},
    )
    refused = await behind.write(etag, description="second")

    assert (read.status_code, evaluated.status_code) == (200, 200)
    assert refused.status_code == 503
    assert int(refused.headers["retry-after"]) >= 1
    assert refused.json()["type"].endswith(":unavailable")
    assert await behind.etag() == etag


async def test_database__silent__writes_that_wait_for_each_other_do_not_add_up(behind: Behind) -> None:
    etag = await behind.etag()
    behind.proxy.is_silent = True

    answers = await asyncio.gather(*(behind.write(etag, description=str(number)) for number in range(30)))

    assert {answer.status_code for answer in answers} == {503}


async def test_database__back__writes_go_on(behind: Behind) -> None:
    etag = await behind.etag()
    behind.proxy.is_silent = True
    assert (await behind.write(etag, description="second")).status_code == 503
    behind.proxy.is_silent = False

    async with asyncio.timeout(BOUND_SECONDS):
        while (answer := await behind.write(etag, description="second")).status_code == 503:
            await asyncio.sleep(0.05)

    assert answer.status_code == 200
    assert answer.headers["flaghoist-version"] == "1-2"


async def test_connections__cut_between_requests__next_write_succeeds(behind: Behind) -> None:
    etag = await behind.etag()

    behind.proxy.close_all()

    assert (await behind.write(etag, description="second")).status_code == 200


@pytest.mark.parametrize(("cut", "status"), [("before", 200), ("after", 412)])
async def test_connection__cut_while_committing__unknown_until_the_same_write_is_sent_again(
    behind: Behind, cut: Cut, status: int
) -> None:
    etag = await behind.etag()
    behind.proxy.first, behind.proxy.word, behind.proxy.cut = AUDITED, b"COMMIT;", cut

    unknown = await behind.write(etag, description="second")
    again = await behind.write(etag, description="second")
    await behind.caught_up()

    assert unknown.status_code == 503
    assert unknown.json()["type"].endswith(":outcome-unknown")
    assert "may have happened" in unknown.json()["detail"]
    assert again.status_code == status
    flag = (await behind.origin.get(FLAG)).json()
    assert (flag["description"], flag["version"]) == ("second", 2)
    assert (await behind.origin.audit_targets()).count("flags/checkout") == 2


async def test_connection__cut_in_the_middle_of_a_write__nothing_is_written(behind: Behind) -> None:
    etag = await behind.etag()
    behind.proxy.word, behind.proxy.cut = AUDITED, "after"

    refused = await behind.write(etag, description="second")
    await behind.caught_up()

    assert refused.status_code == 503
    assert refused.json()["type"].endswith(":unavailable")
    assert await behind.etag() == etag
    assert (await behind.origin.audit_targets()).count("flags/checkout") == 1
