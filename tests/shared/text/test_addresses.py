"""Addresses and networks."""

from ipaddress import ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flaghoist.text import addresses


def is_in(address: str, network: str) -> bool:
    parsed_address, parsed_network = addresses.parse_address(address), addresses.parse_network(network)
    assert parsed_address is not None
    assert parsed_network is not None
    return addresses.contains(parsed_network, parsed_address)


@pytest.mark.parametrize(
    ("address", "network", "expected"),
    [
        ("10.1.2.3", "10.0.0.0/8", True),
        ("11.0.0.0", "10.0.0.0/8", False),
        ("10.0.0.0", "10.0.0.0/8", True),
        ("10.255.255.255", "10.0.0.0/8", True),
        ("10.1.2.3", "10.9.9.9/8", True),
        ("10.1.2.3", "10.1.2.3", True),
        ("10.1.2.4", "10.1.2.3", False),
        ("255.255.255.255", "0.0.0.0/0", True),
        ("2001:db8::1", "2001:db8::/32", True),
        ("2001:DB8:0:0::1", "2001:db8::1", True),
        ("2001:db9::1", "2001:db8::/32", False),
        ("::1", "::/0", True),
        ("::1", "0.0.0.0/0", False),
        ("10.1.2.3", "::/0", False),
        ("::ffff:10.1.2.3", "10.0.0.0/8", False),
        ("::ffff:10.1.2.3", "::ffff:10.0.0.0/104", True),
    ],
)
def test_contains__address_and_network__as_written(address: str, network: str, expected: bool) -> None:
    assert is_in(address, network) is expected


@pytest.mark.parametrize(
    "text",
    [
        *("", "10.0.0", "10.0.0.256", "010.0.0.1", "10.0.0.1 ", "10.0.0.1:80", "[::1]", "fe80::1%eth0", "::1::"),
        *("10.0.0.0/8", "localhost", "\uff11.2.3.4", 167772161, None, True, ["10.0.0.1"]),
    ],
)
def test_parse_address__no_address__is_none(text: object) -> None:
    assert addresses.parse_address(text) is None


@pytest.mark.parametrize(
    "text",
    [
        *("", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/08", "10.0.0.0/255.0.0.0", "::/129"),
        *("10.0.0.0/8/8", "10.0.0.0/8 ", "10.0.0.0/٨", "fe80::%1/10", 8, None),
    ],
)
def test_parse_network__no_network__is_none(text: object) -> None:
    assert addresses.parse_network(text) is None


@given(st.ip_addresses(), st.ip_addresses(), st.integers(0, 128))
def test_contains__any_address_and_network__as_the_standard_library(one: object, other: object, bits: int) -> None:
    address, base = ip_address(str(one)), ip_address(str(other))
    network = ip_network(f"{base}/{min(bits, base.max_prefixlen)}", strict=False)
    assert is_in(str(address), str(network)) is (address in network)
