"""The audit log: who did what, before and after, in the same transaction."""

import pytest

from flaghoist.limits import TEXT_CHARACTERS
from flaghoist_origin.storage.history import audit_log
from tests.origin.an_origin import BASE, START_MS, AnOrigin, a_document

pytestmark = pytest.mark.anyio


async def test_audit__changes__newest_first_with_before_and_after(origin: AnOrigin) -> None:
    created = (await origin.put("/flags/a", a_document())).json()
    origin.clock.advance(1)
    changed = (await origin.patch("/flags/a", {"on": False})).json()
    await origin.delete("/flags/a")

    items = (await origin.get("/audit?target=flags/a")).json()["items"]

    assert [item["action"] for item in items] == ["archived", "updated", "created"]
    assert items[1]["before"] == created
    assert items[1]["after"] == changed
    assert items[2]["before"] is None
    assert items[1]["at_ms"] == START_MS + 1000
    assert (items[1]["epoch"], items[1]["version"]) == (1, 2)
    assert items[1]["actor_name"] == "admin"


async def test_audit__restored_flag__says_so(origin: AnOrigin) -> None:
    await origin.put("/flags/a", a_document(archived=True))
    await origin.patch("/flags/a", {"archived": False})

    assert (await origin.get("/audit?limit=1")).json()["items"][0]["action"] == "restored"


async def test_audit__comment__as_sent(origin: AnOrigin) -> None:
    comment = "Für Ada: 50 % → 100 %"

    await origin.request("PUT", "/flags/a", a_document(), headers={"Flaghoist-Comment": comment})

    assert (await origin.get("/audit?limit=1")).json()["items"][0]["comment"] == comment


async def test_write__comment_past_its_limit__refused(origin: AnOrigin) -> None:
    headers = {"Flaghoist-Comment": "x" * (TEXT_CHARACTERS.value + 1)}

    response = await origin.request("PUT", "/flags/a", a_document(), headers=headers)

    assert response.status_code == 400
    assert await origin.version() == 0


async def test_audit__pages__hold_each_entry_once(origin: AnOrigin) -> None:
    for n in range(5):
        await origin.put(f"/flags/f{n}", a_document())
    seen: list[int] = []
    query = "/audit?limit=2&target=flags"
    cursor: str | None = None
    while True:
        page = (await origin.get(query + (f"&cursor={cursor}" if cursor else ""))).json()
        seen += [item["id"] for item in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break

    assert len(seen) == len(set(seen)) == 5
    assert seen == sorted(seen, reverse=True)


async def test_audit__large_documents__cut_the_page_short(origin: AnOrigin, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit_log, "PAGE_CHARACTERS", 1_000)
    for n in range(3):
        await origin.put(f"/flags/f{n}", a_document(description="x" * 900))

    page = (await origin.get("/audit?target=flags")).json()

    assert [item["target"] for item in page["items"]] == ["flags/f2"]
    following = (await origin.get(f"/audit?target=flags&cursor={page['next']}")).json()
    assert [item["target"] for item in following["items"]] == ["flags/f1"]


@pytest.mark.parametrize("target", ["flags/a_", "flag", "f%25", "flags/"])
async def test_audit__target__is_a_path_not_a_pattern(origin: AnOrigin, target: str) -> None:
    await origin.put("/flags/ab", a_document())

    assert (await origin.get(f"/audit?target={target}")).json()["items"] == []


@pytest.mark.parametrize("query", ["cursor=x", "cursor=-1", "cursor=" + "9" * 30, "limit=0", "target=%00"])
async def test_audit__malformed_query__refused(origin: AnOrigin, query: str) -> None:
    assert (await origin.get(f"/audit?{query}")).status_code == 400


async def test_audit__other_methods__not_allowed(origin: AnOrigin) -> None:
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        assert (await origin.request(method, "/audit", {})).status_code == 405


async def test_audit__filters__choose_by_actor_action_and_time(origin: AnOrigin) -> None:
    await origin.put("/flags/a", a_document())
    origin.clock.advance(10)
    editor = {"Authorization": f"Bearer {await origin.key_of_role('editor')}"}
    await origin.request("PATCH", "/flags/a", {"on": False}, if_match="*", headers=editor)
    origin.clock.advance(10)
    await origin.delete("/flags/a")

    async def found(query: str) -> list[str]:
        items = (await origin.get(f"/audit?target=flags&{query}")).json()["items"]
        return [item["action"] for item in items]

    actor_id = (await origin.get("/audit?actor=editor")).json()["items"][0]["actor_id"]
    assert await found("actor=editor") == await found(f"actor={actor_id}") == ["updated"]
    assert await found("action=created") == ["created"]
    assert await found(f"since={START_MS // 1000 + 10}") == ["archived", "updated"]
    assert await found(f"until={START_MS // 1000 + 20}") == ["updated", "created"]
    assert await found(f"since={START_MS // 1000 + 10}&until={START_MS // 1000 + 20}&actor=nobody") == []


@pytest.mark.parametrize("query", ["since=yesterday", "until=2026-01-01", "since=1&since=2"])
async def test_audit__bad_filter__refused(origin: AnOrigin, query: str) -> None:
    assert (await origin.get(f"/audit?{query}")).status_code == 400


async def test_comment__character_that_no_database_takes__refused(origin: AnOrigin) -> None:
    headers = [
        (b"Authorization", f"Bearer {origin.keys['admin']}".encode()),
        (b"Flaghoist-Comment", b"a\x00b"),
    ]

    response = await origin.client.put(f"{BASE}/flags/checkout", json=a_document(), headers=headers)

    assert response.status_code == 400
    assert response.json()["path"] == "Flaghoist-Comment"
