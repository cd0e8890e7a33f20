"""The demo's shop by itself: the flags that it reads exist, its pages are strict, and it is put behind the Worker."""

import json
import re
from collections.abc import Mapping
from typing import Any

import httpx
import pytest

from demo.shop.bundles import ENTRIES, FOLDER, FONTS, Entries, bundles
from demo.shop.site import PAGES, SHOPPERS, TITLES, UNIT_COOKIE, create_site
from flaghoist_cli.files.flag_files import read_flag_set
from flaghoist_cli.local.dev.demo_files import demo_flags
from flaghoist_cli.local.dev.pages import site_behind
from flaghoist_cli.terminal.failure import CommandFailed

pytestmark = pytest.mark.anyio

BASE_URL = "http://shop.test"
ORIGIN = "http://127.0.0.1:8000"
TYPES: Mapping[str, tuple[type, ...]] = {
    "boolean": (bool,),
    "string": (str,),
    "integer": (int,),
    "float": (float, int),
    "object": (dict,),
}
DEFAULTS: Mapping[str, Any] = json.loads((FOLDER / "first" / "defaults.json").read_text())


def visitor() -> httpx.AsyncClient:
    parts = dict.fromkeys((*ENTRIES, *FONTS), b"made")
    transport = httpx.ASGITransport(create_site(parts, (ORIGIN,)))
    return httpx.AsyncClient(transport=transport, base_url=BASE_URL)


@pytest.mark.parametrize("key", DEFAULTS)
def test_default__flag_of_the_demo__is_shown_to_browsers_and_has_its_type(key: str) -> None:
    flag = read_flag_set(str(demo_flags())).flags[key]
    assert flag.client_visible
    assert type(DEFAULTS[key]) in TYPES[str(flag.type)]


def test_defaults__together__are_flags_of_every_type() -> None:
    flags = read_flag_set(str(demo_flags())).flags
    assert {str(flags[key].type) for key in DEFAULTS} == set(TYPES)


def test_scripts__flags_that_they_read__are_those_with_a_default() -> None:
    sources = [path.read_text() for path in (FOLDER / "first").glob("*.mjs")]
    assert {key for source in sources for key in re.findall(r'read\("([a-z-]+)"\)', source)} == set(DEFAULTS)


@pytest.mark.parametrize("name", TITLES)
async def test_page__asked_twice__each_has_its_own_nonce_in_policy_and_scripts(name: str) -> None:
    path = "/" if name == "front" else f"/{name}"
    async with visitor() as client:
        first, second = await client.get(path), await client.get(path)
    nonces = []
    for answer in (first, second):
        policy = answer.headers["Content-Security-Policy"]
        (nonce,) = re.findall(r"script-src 'nonce-([\w-]{22})';", policy)
        assert answer.text.count("<script") == answer.text.count(f'<script nonce="{nonce}"') == 2
        assert f"connect-src 'self' {ORIGIN};" in policy
        assert "unsafe" not in policy
        nonces.append(nonce)
    assert nonces[0] != nonces[1]


@pytest.mark.parametrize("name", TITLES)
async def test_page__as_written__is_whole_and_has_nothing_inline(name: str) -> None:
    async with visitor() as client:
        answer = await client.get("/" if name == "front" else f"/{name}")
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert not re.findall(r"\{\w+\}| style=| on\w+=", answer.text)
    assert f"<title>{TITLES[name]}</title>" in answer.text


async def test_page__all_that_it_names__is_there() -> None:
    async with visitor() as client:
        text = (await client.get("/")).text
        parts = sorted(set(re.findall(r'(?:src|href)="(/[^"#]+)"', text)))
        answers = {path: (await client.get(path)).status_code for path in parts}
    assert answers == dict.fromkeys(parts, 200)
    assert set(FONTS) < set(parts)


async def test_worker_script__shell__is_what_the_site_serves() -> None:
    listed = re.findall(r'"(/[^"]*)"', (PAGES / "sw.js").read_text().partition("const SHELL")[0])
    async with visitor() as client:
        answers = {path: (await client.get(path)).status_code for path in listed}
    assert len(listed) == 8
    assert set(answers.values()) == {200}


@pytest.mark.parametrize("name", SHOPPERS)
async def test_visitor__known_shopper__gets_the_cookie_and_goes_to_the_front_page(name: str) -> None:
    async with visitor() as client:
        answer = await client.post(f"/visitor/{name}")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    assert answer.cookies[UNIT_COOKIE] == name


async def test_visitor__somebody_new__loses_the_cookie() -> None:
    async with visitor() as client:
        answer = await client.post("/visitor/new")
    assert answer.status_code == 303
    assert f'{UNIT_COOKIE}=""' in answer.headers["Set-Cookie"]
    assert "Max-Age=0" in answer.headers["Set-Cookie"]


@pytest.mark.parametrize(("method", "name", "status"), [("POST", "linus", 404), ("GET", "ada", 405)])
async def test_visitor__unknown_or_by_a_link__stays_who_he_is(method: str, name: str, status: int) -> None:
    async with visitor() as client:
        answer = await client.request(method, f"/visitor/{name}")
    assert answer.status_code == status
    assert "Set-Cookie" not in answer.headers


def test_bundles__made__hold_the_stock_client_and_leave_fonts_as_they_are() -> None:
    made = bundles()
    assert set(made) == {*ENTRIES, *FONTS}
    assert b"OpenFeature Remote Evaluation Protocol Web Provider" in made["/live.js"]
    assert b"new-checkout" in made["/first.js"]
    assert b"/fonts/besley.woff2" in made["/shop.css"]
    assert made["/fonts/besley.woff2"].startswith(b"wOF2")


def test_bundles__script_with_a_fault__names_it() -> None:
    entries: Entries = {"/first.js": (FOLDER / "first" / "no-such-file.mjs", ())}
    with pytest.raises(CommandFailed, match=r"no-such-file\.mjs could not be bundled"):
        bundles(entries)


async def test_site_behind__own_site__is_passed_on_and_nothing_started() -> None:
    async with site_behind("http://localhost:3000", (ORIGIN,), has_demo=True) as site:
        assert site.variables("fh_client_x") == {"UPSTREAM_URL": "http://localhost:3000", "PAGE_KEY": "fh_client_x"}
        assert site.children == {}


async def test_site_behind__no_demo__is_none() -> None:
    async with site_behind("", (ORIGIN,), has_demo=False) as site:
        assert site.variables("fh_client_x") == {}
        assert site.children == {}


async def test_site_behind__demo__is_a_shop_that_answers() -> None:
    async with site_behind("", (ORIGIN,), has_demo=True) as site, httpx.AsyncClient(base_url=site.url) as client:
        page = await client.get("/")
        assert list(site.children) == ["shop"]
    assert f"connect-src 'self' {ORIGIN};" in page.headers["Content-Security-Policy"]
