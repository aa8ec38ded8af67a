"""Clients of the store: the one place that opens them, for a single server or a cluster.

`redis://` and `rediss://` name one server, `unix://` its socket. `redis+cluster://host:port,...`
and `rediss+cluster://` name some nodes of a Redis or Valkey Cluster: a client goes to the node that
has the keys of its environment.
"""

from typing import Any

import redis
from redis.asyncio import Redis
from redis.asyncio.connection import ConnectionPool, parse_url
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from services.common.process.server_address import is_cluster, server_urls
from services.common.store import cluster, connections
from services.common.store.connections import connection_options
from services.common.store.requirements import SECTIONS, UnfitStoreError, check_store

COPIED_MS = 2000
"""Longer than this no writing waits for the store's replicas."""
DriverError = RedisError
"""What a client of `store` raises: ingest alone sees it, and tries the same batch again."""


class NotCopiedError(DriverError):
    """It lies in the store and not in as many replicas as `OMF_STORE_REPLICAS` asks for."""


def store(url: str, environment: str = "", **other: float) -> Any:
    """A blocking client for ingest's hot path: bytes in, bytes out, one try per call.

    `environment` is whose keys are asked for, which a cluster must know; `other` are options in
    place of `connection_options`.
    """
    options = connection_options() | other
    if is_cluster(url):
        options = {**_node_options(url), **options, **routed(url, environment, blocking=True)}
        return redis.Redis.from_pool(redis.ConnectionPool(**options))
    options["retry"] = Retry(NoBackoff(), 0)
    return redis.Redis.from_url(url, retry_on_error=[], **options)


def async_client(url: str, environment: str) -> Any:
    """The same for asyncio."""
    if is_cluster(url):
        options = {**_node_options(url), **connection_options(), **routed(url, environment)}
        return Redis.from_pool(ConnectionPool(**options))
    return connections.client(url)


def routed(url: str, environment: str, *, blocking: bool = False) -> dict[str, Any]:
    """The options that lead a connection of the driver through a cluster; none for one server."""
    if not is_cluster(url):
        return {}
    told = [_node_options(one) for one in server_urls(url)]
    nodes = [cluster.ClusterNode(one["host"], one.get("port", 6379)) for one in told]
    plain, secure = (
        (cluster.SlotConnection, cluster.SslSlotConnection)
        if blocking
        else (cluster.AsyncSlotConnection, cluster.AsyncSslSlotConnection)
    )
    kind = secure if url.startswith("rediss") else plain
    return {"connection_class": kind, "route": cluster.SlotRoute(nodes, environment)}


def _node_options(url: str) -> dict[str, Any]:
    return dict(parse_url(server_urls(url)[0]))


def check_copies(copies: int, wanted: int) -> None:
    """Return if as many replicas have it as are wanted; else DriverError: whether it lasts is open.

    `copies` is what WAIT answered behind the writing in one pipeline.
    """
    if copies < wanted:
        raise NotCopiedError(
            f"{copies} of {wanted} replicas had the entry within {COPIED_MS / 1000:.0f} s; "
            "start the others, or lower OMF_STORE_REPLICAS"
        )


def answered(found: list[Any]) -> list[Any]:
    """The answers of a pipeline, in which a key that is not there may have failed.

    DriverError if the node was not asked at all, for another one of its cluster has the keys.
    """
    for answer in found:
        if isinstance(answer, cluster.REDIRECTED):
            raise answer
    return found


def check(client: Any) -> None:
    """Return if the store behind a client of `store` keeps what it accepts; UnfitStoreError."""
    try:
        check_store(client.info(*SECTIONS))
    except cluster.UnfitClusterError as error:
        raise UnfitStoreError(str(error)) from None
