"""Strong answers: from the origin within a deadline, else from the edge and marked."""

import pytest

from tests.builders import a_flag
from tests.edge_worker.world import BOOTSTRAP, BULK, World, a_world, level_of
from tests.published import SERVER_KEY, UNKNOWN_KEY, published

pytestmark = pytest.mark.anyio

SNAPSHOT = published(a_flag("balance").strong(), a_flag("color").client_visible())
ASKED = "consistency=strong"


async def a_warm_world() -> World:
    world = a_world(SNAPSHOT)
    await world.ask()
    return world


async def test_strong__flag_marked_strong__origin_answers() -> None:
    world = await a_warm_world()
    response = await world.ask(f"{BULK}/balance?{ASKED}", key=SERVER_KEY)
    assert (response.status, level_of(response), response.headers["Flaghoist-Consistency"]) == (200, 2, "strong")
    assert world.home.asked == [f"{BULK}/balance"]


@pytest.mark.parametrize("mode", ["fails", "stalls", 500])
async def test_strong__origins_away__edge_answers_and_says_so(mode: str | int) -> None:
    world = await a_warm_world()
    world.break_origins(mode)
    response = await world.ask(f"{BULK}/balance?{ASKED}", key=SERVER_KEY)
    assert (response.status, level_of(response), response.headers["Flaghoist-Consistency"]) == (200, 0, "eventual")


async def test_strong__all_flags__one_of_them_strong_is_enough() -> None:
    world = await a_warm_world()
    response = await world.ask(f"{BOOTSTRAP}?{ASKED}", key=SERVER_KEY)
    assert level_of(response) == 2


@pytest.mark.parametrize(
    ("path", "key"),
    [(f"{BULK}/color?{ASKED}", SERVER_KEY), (f"{BULK}/balance", SERVER_KEY), (f"{BOOTSTRAP}?{ASKED}", "")],
)
async def test_strong__no_strong_flag_concerned_or_not_asked_for__edge_answers(path: str, key: str) -> None:
    world = await a_warm_world()
    response = await (world.ask(path, key=key) if key else world.ask(path))
    assert level_of(response) == 0
    assert "Flaghoist-Consistency" not in response.headers
    assert not world.home.asked


async def test_strong__caller_without_a_valid_key__reaches_no_evaluation_at_the_origin() -> None:
    world = await a_warm_world()
    assert (await world.ask(f"{BULK}/balance?{ASKED}", key=UNKNOWN_KEY)).status == 401
    assert f"{BULK}/balance" not in world.home.asked
