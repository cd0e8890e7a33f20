"""Whether an address string lies in a network."""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network


def is_in_network(candidate: object, network_text: str) -> bool:
    """Say whether ``candidate`` is an address in the network; a bare address is a network of one."""
    address = _address(candidate)
    if address is None:
        return False
    network = ip_network(network_text, strict=False)
    # The versions must agree: ::ffff:10.0.0.1 is an IPv6 address and matches no IPv4 network.
    return address.version == network.version and address in network


def _address(candidate: object) -> IPv4Address | IPv6Address | None:
    if not isinstance(candidate, str) or "%" in candidate:
        return None
    try:
        return ip_address(candidate)
    except ValueError:
        return None
