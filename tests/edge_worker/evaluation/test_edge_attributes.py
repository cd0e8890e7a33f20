"""What the edge says about a request."""

from collections.abc import Mapping

import pytest

from flaghoist_edge.evaluation.edge_attributes import EdgeAttributes

CF: Mapping[str, object] = {
    "asn": 64496,
    "city": "Berlin",
    "colo": "TXL",
    "continent": "EU",
    "country": "DE",
    "region": "Land Berlin",
    "timezone": "Europe/Berlin",
    "botManagement.score": 99,
}


def test_edge_attributes__everything_known__is_eight_attributes() -> None:
    assert dict(EdgeAttributes(CF)) == {
        "edge.asn": 64496,
        "edge.bot": False,
        "edge.city": "Berlin",
        "edge.colo": "TXL",
        "edge.continent": "EU",
        "edge.country": "DE",
        "edge.region": "Land Berlin",
        "edge.timezone": "Europe/Berlin",
    }


def test_edge_attributes__nothing_known__are_missing_rather_than_empty() -> None:
    attributes = EdgeAttributes({"country": "", "asn": "64496"})
    assert dict(attributes) == {"edge.bot": False}
    assert attributes.get("edge.country") is None
    assert len(attributes) == 1


@pytest.mark.parametrize(
    ("cf", "is_bot"),
    [
        ({"verifiedBotCategory": "Search Engine Crawler"}, True),
        ({"verifiedBotCategory": ""}, False),
        ({"botManagement.verifiedBot": True}, True),
        ({"botManagement.score": 29}, True),
        ({"botManagement.score": 30}, False),
    ],
)
def test_edge_bot__category_verification_or_low_score__is_a_bot(cf: Mapping[str, object], is_bot: bool) -> None:
    assert EdgeAttributes(cf)["edge.bot"] is is_bot


def test_edge_attributes__one_that_is_asked_for__reads_that_one_alone() -> None:
    class OnlyCountry(dict[str, object]):
        def get(self, name: str, default: object = None) -> object:
            assert name == "country"
            return "DE"

    assert EdgeAttributes(OnlyCountry())["edge.country"] == "DE"
