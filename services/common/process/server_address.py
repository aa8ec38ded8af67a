"""Addresses of servers as they are used: account and password from a file, and who signed them.

What is refused here would let others in, or let us talk to a stranger: a server of another machine
without an account, an account without its password, a password everybody knows.
"""

from pathlib import Path
from urllib.parse import quote, urlsplit, urlunsplit

from pydantic import SecretStr

from omf.factories import BROKER_PORTS, node_urls
from services.common.process.loopback import is_loopback

CLUSTER = "+cluster"
"""Ends the scheme of an address that names several nodes: `redis+cluster://host:port,host:port`."""
EXPECTED = "scheme://host[:port], the port a number from 1 to 65535"
SHORTEST_SECRET = 16
EXAMPLES = ("change", "default", "example", "password", "placeholder", "secret", "test")
"""Words that stand in examples; no secret that was drawn by chance begins with one."""


def is_cluster(url: str) -> bool:
    """True for `redis+cluster://` and `rediss+cluster://`."""
    return url.partition("://")[0].endswith(CLUSTER)


def server_urls(url: str) -> tuple[str, ...]:
    """An address of each server that `url` names: of a cluster's nodes, else itself alone."""
    if is_cluster(url):
        return node_urls(url.replace(CLUSTER, "", 1))
    return node_urls(url) if urlsplit(url).scheme in BROKER_PORTS else (url,)


def cluster_fault(url: str) -> str | None:
    """Why the address of a cluster cannot be used, in words that follow it; None if it can."""
    if len(server_urls(url)) == 1 and not is_cluster(url):
        return None
    for one in map(urlsplit, server_urls(url)):
        try:
            named = one.hostname and one.port != 0
        except ValueError:
            named = False
        if not named:
            return "names its nodes as host:port,host:port"
        if is_cluster(url) and one.path.strip("/") not in ("", "0"):
            return f"names database {one.path.strip('/')}, and a cluster has none but 0"
    return None


def weakness(secret: str) -> str | None:
    """Why a secret protects nothing, in words that complete "the secret ..."; None if it may do."""
    if len(secret) < SHORTEST_SECRET:
        return f"has {len(secret)} characters; at least {SHORTEST_SECRET} are needed"
    if len(set(secret)) < SHORTEST_SECRET // 2:
        return "repeats a few characters"
    if any(secret.lower().removeprefix("this_needs_to_be_").startswith(word) for word in EXAMPLES):
        return "is an example that everybody knows"
    return None


def unfit(url: str, password: SecretStr | None, *, what: str, unprotected: bool) -> str | None:
    """Why the server at `url` must not be used like this, with the mend; None if it may.

    `what` is `STORE` or `MQTT`, as in the names of the settings.
    """
    if fault := _unreadable(url):
        return f"OMF_{what}_URL cannot be read ({fault}): write {EXPECTED}"
    if fault := cluster_fault(url):
        return f"OMF_{what}_URL={hidden(url)} {fault}"
    faults = (_unfit(one, password, what, unprotected=unprotected) for one in server_urls(url))
    return next(filter(None, faults), None)


def _unreadable(url: str) -> str | None:
    try:
        ports = [urlsplit(one).port for one in server_urls(url)]
    except ValueError as error:
        return str(error)
    return "port 0 is none" if 0 in ports else None


def _unfit(url: str, password: SecretStr | None, what: str, *, unprotected: bool) -> str | None:
    parts = urlsplit(url)
    if parts.username and not (parts.password or _told(password)):
        return (
            f"OMF_{what}_URL names the account {parts.username} and there is no password: "
            f"write it into the file omf_{what.lower()}_password of the folder OMF_SECRETS"
        )
    known = parts.username or parts.password or unprotected
    if not known and parts.hostname and not is_loopback(parts.hostname):
        return (
            f"OMF_{what}_URL={url} is another machine and names no account: "
            "use scheme://ACCOUNT@host, or set OMF_UNPROTECTED=true if that server knows none"
        )
    return None


def hidden(url: str) -> str:
    """The address as it may be logged: its password is starred."""
    parts = urlsplit(url)
    account, at, hosts = parts.netloc.rpartition("@")
    user, colon, _ = account.partition(":")
    return urlunsplit(parts._replace(netloc=f"{user}{':***' if colon else ''}{at}{hosts}"))


def complete(url: str, password: SecretStr | None, ca: tuple[str, Path | None]) -> str:
    """The address with its password, and `?<name>=<path>` of the certificate that signs it.

    Not for a log: it holds the password.
    """
    parts = urlsplit(url)
    name, path = ca
    if parts.username and not parts.password and _told(password):
        account = f"{parts.username}:{quote(_told(password), safe='')}"
        parts = parts._replace(netloc=f"{account}@{parts.netloc.rpartition('@')[2]}")
    if path is not None:
        query = "&".join(filter(None, (parts.query, f"{name}={quote(str(path))}")))
        parts = parts._replace(query=query)
    return urlunsplit(parts)


def _told(password: SecretStr | None) -> str:
    return password.get_secret_value() if password else ""
