"""Read IP addresses and CIDR networks as integers, so that membership is one shift and one comparison."""

import re
from ipaddress import AddressValueError, IPv4Address, IPv6Address

Address = tuple[int, int]
"""The width in bits (32 or 128), and the address as an integer."""

Network = tuple[int, int, int]
"""The width in bits, the number of host bits, and the network bits as an integer."""

_IPV4_BITS, _IPV6_BITS = 32, 128
_PREFIX = re.compile("0|[1-9][0-9]{0,2}")


def parse_address(text: object) -> Address | None:
    """Return the IPv4 or IPv6 address in ``text``; None if there is none or it carries a zone."""
    if not isinstance(text, str) or "%" in text:
        return None
    try:
        return (_IPV6_BITS, int(IPv6Address(text))) if ":" in text else (_IPV4_BITS, int(IPv4Address(text)))
    except AddressValueError:
        return None


def parse_network(text: object) -> Network | None:
    """Return the network in ``text``: ``address/prefix``, or a bare address as a /32 or /128.

    Host bits are ignored, as routers do: 10.1.2.3/8 is 10.0.0.0/8.
    """
    if not isinstance(text, str):
        return None
    bare, slash, prefix = text.partition("/")
    address = parse_address(bare)
    if address is None or (slash and not _PREFIX.fullmatch(prefix)):
        return None
    width, number = address
    free = width - (int(prefix) if slash else width)
    return None if free < 0 else (width, free, number >> free)


def contains(network: Network, address: Address) -> bool:
    """Return whether ``address`` is in ``network``. IPv4 and IPv6 (mapped addresses too) never contain each other."""
    return network[0] == address[0] and address[1] >> network[1] == network[2]
