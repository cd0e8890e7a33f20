"""The Worker's settings, and what it says when one is wrong."""

import pytest

from edge_worker.settings import VARIABLES, ConfigurationError, read_settings

SECRET = {"FLAGHOIST_SECRET": "s"}


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
        ({**SECRET, "REPORT_EXPOSURES": "yes"}, "REPORT_EXPOSURES is 'yes': say on or off"),
    ],
)
def test_settings__bad_value__names_variable_and_remedy(variables: dict[str, str], words: str) -> None:
    with pytest.raises(ConfigurationError, match=words):
        read_settings(variables)


def test_settings__every_variable__is_described() -> None:
    assert all(description for description in VARIABLES.values())
