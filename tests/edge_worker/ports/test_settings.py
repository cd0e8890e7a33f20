"""The Worker's settings, and what it says when one is wrong."""

import pytest

from flaghoist_edge.ports.settings import UNIT_COOKIE, VARIABLES, ConfigurationError, Site, read_settings
from tests.published import ADMIN_KEY, CLIENT_KEY, SERVER_KEY

SECRET = {"FLAGHOIST_SECRET": "s"}
SITE = {**SECRET, "UPSTREAM_URL": "https://shop.example", "PAGE_KEY": CLIENT_KEY}


def test_settings__all_given__are_lists_and_bytes() -> None:
    settings = read_settings(
        {**SECRET, "ENVIRONMENTS": "production, staging,", "ORIGINS": "https://a.example/, http://b.example:8000/base/"}
    )
    assert settings.environments == settings.named_environments == ("production", "staging")
    assert settings.origins == ("https://a.example", "http://b.example:8000/base")
    assert settings.secret == b"s"
    assert settings.serves("staging")
    assert not settings.serves("other")


def test_settings__defaults__serve_production_without_origins() -> None:
    settings = read_settings(SECRET)
    assert (settings.environments, settings.origins) == (("production",), ())
    assert settings.reports_exposures


@pytest.mark.parametrize(("said", "meant"), [("on", True), ("off", False), ("", True)])
def test_settings__report_exposures__is_a_switch(said: str, meant: bool) -> None:
    assert read_settings({**SECRET, "REPORT_EXPOSURES": said}).reports_exposures is meant


def test_settings__star__serves_any_environment() -> None:
    settings = read_settings({**SECRET, "ENVIRONMENTS": "*"})
    assert settings.serves("whatever")
    assert settings.named_environments == ("production",)


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        ({}, "FLAGHOIST_SECRET is not set"),
        ({"FLAGHOIST_SECRET": ""}, "FLAGHOIST_SECRET is not set"),
        ({**SECRET, "ENVIRONMENTS": "Prod"}, "ENVIRONMENTS names 'Prod'"),
        ({**SECRET, "ORIGINS": "flags.example.com"}, "ORIGINS names 'flags.example.com'"),
        ({**SECRET, "ORIGINS": "https://a.example?x=1"}, "ORIGINS names"),
        ({**SITE, "UPSTREAM_URL": "shop.example"}, "UPSTREAM_URL takes scheme and host alone"),
        ({**SITE, "UPSTREAM_URL": "ftp://shop.example"}, "UPSTREAM_URL takes scheme and host alone"),
        ({**SITE, "UPSTREAM_URL": "https://shop.example/below"}, "UPSTREAM_URL takes scheme and host alone"),
        ({**SITE, "UPSTREAM_URL": "https://shop.example?x"}, "UPSTREAM_URL takes scheme and host alone"),
        ({**SECRET, "UPSTREAM_URL": "https://shop.example"}, "PAGE_KEY is no client key: set PAGE_KEY"),
        ({**SITE, "PAGE_KEY": "fh_client_"}, "PAGE_KEY is no client key: set PAGE_KEY"),
        ({**SITE, "PAGE_KEY": SERVER_KEY}, "PAGE_KEY is a server key, which must not stand in a page"),
        ({**SITE, "PAGE_KEY": ADMIN_KEY}, "PAGE_KEY is no client key"),
        (
            {**SITE, "ENVIRONMENTS": "staging"},
            "PAGE_KEY is of environment production, which ENVIRONMENTS does not name",
        ),
        ({**SITE, "UNIT_COOKIE": "a b"}, "UNIT_COOKIE takes up to 64"),
        ({**SITE, "UNIT_COOKIE": "a" * 65}, "UNIT_COOKIE takes up to 64"),
        ({**SITE, "CONTEXT_COOKIE": "a;b"}, "CONTEXT_COOKIE takes up to 64"),
        ({**SECRET, "REPORT_EXPOSURES": "yes"}, "REPORT_EXPOSURES is 'yes': say on or off"),
    ],
)
def test_settings__bad_value__names_variable_and_remedy(variables: dict[str, str], words: str) -> None:
    with pytest.raises(ConfigurationError, match=words):
        read_settings(variables)


def test_settings__site__has_its_own_key_and_cookie() -> None:
    assert read_settings(SECRET).site is None
    assert read_settings({**SECRET, "PAGE_KEY": CLIENT_KEY, "UPSTREAM_URL": ""}).site is None
    site = Site("https://shop.example", CLIENT_KEY, "production", UNIT_COOKIE)
    assert read_settings(SITE).site == site
    assert read_settings({**SITE, "UPSTREAM_URL": "https://shop.example/"}).site == site
    local = read_settings({**SITE, "UPSTREAM_URL": "http://127.0.0.1:9000", "ENVIRONMENTS": "*"}).site
    assert local is not None
    assert local.url == "http://127.0.0.1:9000"


@pytest.mark.parametrize("name", ["", "visitor", "a" * 64])
def test_settings__unit_cookie__is_the_named_one(name: str) -> None:
    site = read_settings({**SITE, "UNIT_COOKIE": name}).site
    assert site is not None
    assert (site.cookie, site.context_cookie) == (name, "")
    signed = read_settings({**SITE, "CONTEXT_COOKIE": name}).site
    assert signed is not None
    assert (signed.cookie, signed.context_cookie) == (UNIT_COOKIE, name)


@pytest.mark.parametrize(
    "variables",
    [
        {**SITE, "UPSTREAM_URL": "https://user:hush@shop.example"},
        {**SITE, "PAGE_KEY": SERVER_KEY.replace("s", "hush")},
        {**SITE, "PAGE_KEY": "hush"},
    ],
)
def test_settings__wrong_site__is_refused_without_showing_what_may_be_secret(variables: dict[str, str]) -> None:
    with pytest.raises(ConfigurationError) as refused:
        read_settings(variables)
    assert "hush" not in str(refused.value)


def test_settings__every_variable__is_described() -> None:
    assert all(description for description in VARIABLES.values())
