"""Public address ranges as settings say them, in the form that each service takes."""

from ipaddress import IPv4Network

_FOR_DOCUMENTATION = tuple(IPv4Network(each) for each in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24"))
_LEAST_PREFIX = 8
_LONGEST_STORAGE_PREFIX = 30


def public_range(text: str) -> IPv4Network:
    """The network of public addresses that a text is, at most a /8; networks for documentation count as public.

    Raises ValueError. Services refuse private addresses, which never arrive at a public endpoint.
    """
    network = IPv4Network(text)
    is_private = network.is_private and not any(network.subnet_of(each) for each in _FOR_DOCUMENTATION)
    if network.prefixlen < _LEAST_PREFIX or is_private:
        raise ValueError(text)
    return network


def storage_ranges(network: IPv4Network) -> list[str]:
    """A network as storage accounts take it: they refuse /31 and /32, so these become single addresses.

    https://learn.microsoft.com/azure/storage/common/storage-network-security#grant-access-from-an-internet-ip-range
    """
    if network.prefixlen <= _LONGEST_STORAGE_PREFIX:
        return [str(network)]
    return [str(address) for address in network]
