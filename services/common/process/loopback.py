"""Which names mean this machine and nobody else."""

import ipaddress
from urllib.parse import urlsplit

_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})


def is_loopback(host: str) -> bool:
    """True when only this machine can reach a server bound to `host`."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def names_this_machine(host_header: str) -> bool:
    """True when a request was addressed to this machine by its own name.

    Steps of the attack this stops: 1. a browser opens a hostile page, 2. its name is rebound to
    127.0.0.1, 3. it then counts as same origin and could use a server that trusts this machine;
    but its Host header still bears the hostile name.
    """
    try:
        return urlsplit(f"//{host_header}").hostname in _NAMES
    except ValueError:
        return False
