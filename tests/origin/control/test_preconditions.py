"""If-Match and If-None-Match on every write that overwrites."""

import asyncio

import pytest

from flaghoist.errors import InputError, PreconditionFailed, PreconditionRequired
from flaghoist_origin.control.preconditions import read_conditions
from tests.origin.an_origin import AnOrigin, a_document

pytestmark = pytest.mark.anyio

OVERWRITES: list[tuple[str, str, object]] = [
    ("PUT", "/flags/a", a_document(description="x")),
    ("PATCH", "/flags/a", {"description": "x"}),
    ("DELETE", "/flags/a", None),
    ("PUT", "/segments/a", {"included": ["x"]}),
    ("PATCH", "/segments/a", {"included": ["x"]}),
    ("DELETE", "/segments/a", None),
    ("PUT", "/groups/a", {"description": "x"}),
    ("PATCH", "/groups/a", {"description": "x"}),
    ("DELETE", "/groups/a", None),
    ("PUT", "/snapshot", {"flags": []}),
]


async def arrange(origin: AnOrigin) -> None:
    await origin.put("/flags/a", a_document())
    await origin.put("/segments/a", {})
    await origin.put("/groups/a", {})


@pytest.mark.parametrize("overwrite", OVERWRITES)
@pytest.mark.parametrize(
    ("if_match", "status"),
    [(None, 428), ('"0"', 412), ('W/"1"', 412), ('"0", "7"', 412), ("a", 400), ('"', 400), ("*", 200)],
)
async def test_write__if_match__holds_or_refuses(
    origin: AnOrigin, overwrite: tuple[str, str, object], if_match: str | None, status: int
) -> None:
    await arrange(origin)
    method, path, document = overwrite

    response = await origin.request(method, path, document, if_match=if_match)

    assert response.status_code == status, response.text
    assert await origin.version() == (4 if status == 200 else 3)


@pytest.mark.parametrize(("method", "path", "document"), OVERWRITES)
async def test_write__etag_in_a_list__holds(origin: AnOrigin, method: str, path: str, document: object) -> None:
    await arrange(origin)
    etag = (await origin.get(path)).headers["etag"]

    response = await origin.request(method, path, document, if_match=f'"old", {etag} , "x"')

    assert response.status_code == 200


async def test_put__if_match_on_nothing__failed(origin: AnOrigin) -> None:
    for condition in ("*", '"1"'):
        assert (await origin.put("/flags/new", a_document(), if_match=condition)).status_code == 412


async def test_put__if_none_match_any__creates_only(origin: AnOrigin) -> None:
    only_new = {"If-None-Match": "*"}

    first = await origin.request("PUT", "/flags/a", a_document(), headers=only_new)
    second = await origin.request("PUT", "/flags/a", a_document(), headers=only_new)

    assert (first.status_code, second.status_code) == (201, 412)


@pytest.mark.parametrize(("method", "document"), [("PATCH", {}), ("DELETE", None)])
async def test_change__nothing_there__not_found_before_conditions(
    origin: AnOrigin, method: str, document: object
) -> None:
    assert (await origin.request(method, "/flags/none", document)).status_code == 404


async def test_put__two_writers_with_one_etag__one_is_refused(origin: AnOrigin) -> None:
    await origin.put("/flags/a", a_document())

    answers = await asyncio.gather(
        *(origin.put("/flags/a", a_document(description=str(n)), if_match='"1"') for n in range(8))
    )

    assert sorted(answer.status_code for answer in answers) == [200, *[412] * 7]
    assert await origin.version() == 2


async def test_write__removed_and_created_again__old_etag_stays_stale(origin: AnOrigin) -> None:
    await origin.put("/segments/a", {})
    await origin.delete("/segments/a", if_match='"1"')

    again = await origin.put("/segments/a", {})

    assert again.status_code == 201
    assert again.headers["etag"] == '"2"'


def test_conditions__lines_of_one_header__are_one_list() -> None:
    conditions = read_conditions(['"1"', '"2", "3"'], [])

    conditions.check_write("it", '"3"')
    with pytest.raises(PreconditionFailed):
        conditions.check_write("it", '"4"')


def test_conditions__empty_header__is_none() -> None:
    with pytest.raises(PreconditionRequired):
        read_conditions([""], []).check_write("it", '"1"')


@pytest.mark.parametrize("text", ["1", '"1', '"1""2"', 'w/"1"', '"1", *', "* *", '"a\x00"'])
def test_conditions__malformed__refused(text: str) -> None:
    with pytest.raises(InputError):
        read_conditions([text], [])
