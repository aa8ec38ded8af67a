"""Connections into a Redis or Valkey Cluster: each goes to the node that owns one environment.

All keys of an environment lie in one slot, so its clients need one node and no more: everything
that holds of a single store (its clock, scripts, transactions, blocking reads, SCAN, INFO) holds of
that node. Which one it is a connection asks while it is made, of the nodes in the address and of
those they named. A slot that moved, or a primary that died, makes it ask again.

Redirections (`REDIRECTED`) are the server's word that a command was not carried out. Such a command
alone is tried again for some seconds; a connection that broke leaves the outcome unknown, as with a
single store.
"""

from binascii import crc_hqx
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from redis.asyncio.connection import SSLConnection as AsyncSslConnection
from redis.asyncio.retry import Retry as AsyncRetry
from redis.backoff import ConstantBackoff
from redis.connection import Connection, SSLConnection
from redis.exceptions import AskError, ClusterDownError, MovedError, ResponseError, TryAgainError
from redis.exceptions import ConnectionError as DriverConnectionError
from redis.exceptions import TimeoutError as DriverTimeoutError
from redis.retry import Retry

from services.common.store.connections import PackedConnection

SLOTS = 16384
REDIRECTED = (AskError, TryAgainError, ClusterDownError)
"""Not carried out: the slot is elsewhere (`MovedError` is an AskError), on its way, or nowhere."""
REDIRECT_PAUSE_S = 0.1
REDIRECT_TRIES = 30
"""Three seconds in all; who called tries again after them."""
_AWAY = (DriverConnectionError, DriverTimeoutError)


class UnfitClusterError(DriverConnectionError):
    """Some slots belong to nobody, or there is no cluster: nothing mends that by itself."""


class ClusterNode(NamedTuple):
    """Where one server of the cluster listens."""

    host: str
    port: int


class SlotRoute:
    """Where the slot of one environment lies, as far as its client knows.

    Shared by the connections of one client, which are made in one thread or loop. Nothing is kept
    beyond the process: a new one begins with the nodes of its address.
    """

    def __init__(self, nodes: Sequence[ClusterNode], environment: str) -> None:
        self._nodes = list(nodes)
        self._slot = crc_hqx(environment.encode(), 0) % SLOTS

    def search(self) -> Iterator[ClusterNode]:
        """Each node that is known or becomes so, once, the likely owner first."""
        asked: set[ClusterNode] = set()
        while left := [node for node in self._nodes if node not in asked]:
            asked.add(left[0])
            yield left[0]

    def owns(self, asked: ClusterNode, answer: Sequence[Any]) -> bool:
        """True if the node `asked` owns the slot, by its own answer to CLUSTER SLOTS.

        Its other nodes are known from then on, the owner first. UnfitClusterError: some slots
        belong to nobody.
        """
        if gaps := list(_gaps(answer)):
            raise UnfitClusterError(
                f"nobody owns the slots {', '.join(gaps)} of the cluster, says {asked.host}:"
                f"{asked.port}; `redis-cli --cluster fix {asked.host}:{asked.port}` gives them away"
            )
        owner = asked
        for first, last, *nodes in answer:
            told = [_node(one, asked) for one in nodes]
            self._nodes += [one for one in told if one not in self._nodes]
            owner = told[0] if first <= self._slot <= last else owner
        self._prefer(owner)
        return owner == asked

    def doubt(self, node: ClusterNode) -> None:
        """It did not answer, or knew no owner: ask the others before it."""
        self._nodes = [*(one for one in self._nodes if one != node), node]

    def redirected(self, node: ClusterNode, error: ResponseError) -> None:
        """What `node` said instead of doing it tells where to ask next."""
        if isinstance(error, MovedError):
            self._prefer(ClusterNode(error.host or node.host, error.port))
        elif isinstance(error, ClusterDownError):
            self.doubt(node)

    def _prefer(self, node: ClusterNode) -> None:
        self._nodes = [node, *(one for one in self._nodes if one != node)]


def _gaps(answer: Sequence[Any]) -> Iterator[str]:
    expected = 0
    for first, last, *_ in sorted(answer, key=lambda part: int(part[0])):
        if first > expected:
            yield f"{expected}-{first - 1}"
        expected = last + 1
    if expected < SLOTS:
        yield f"{expected}-{SLOTS - 1}"


def _node(told: Sequence[Any], asked: ClusterNode) -> ClusterNode:
    """A node without a name of its own is at the address it was asked at."""
    name = told[0].decode() if isinstance(told[0], bytes) else told[0]
    return ClusterNode(name if name and name != "?" else asked.host, int(told[1]))


def _alone(node: ClusterNode, error: ResponseError) -> Exception:
    """The error of a server that knows no cluster, with the mend; any other as it is."""
    if "cluster support disabled" not in str(error):
        return error
    where = f"{node.host}:{node.port}"
    return UnfitClusterError(f"{where} is no node of a cluster; write redis://{where} for it")


class _AsyncRouted:
    """What a connection of asyncio does in a cluster."""

    def __init__(self, *, route: SlotRoute, **options: Any) -> None:
        super().__init__(**options)
        self._route = route
        self._elsewhere = False
        self.retry = AsyncRetry(ConstantBackoff(REDIRECT_PAUSE_S), REDIRECT_TRIES, REDIRECTED)

    async def connect_check_health(self, *args: Any, **options: Any) -> None:
        """Connect to the owner of the slot, or raise the driver's error of the node asked last."""
        driver: Any = super()
        if driver.is_connected:
            return
        failed: Exception = DriverConnectionError("the nodes do not agree who owns the slot yet")
        self._elsewhere = False
        for node in self._route.search():
            self.host, self.port = node
            try:
                await driver.connect_check_health(*args, **options)
                if self._route.owns(node, await self._slots(node)):
                    return
            except _AWAY as error:
                self._route.doubt(node)
                failed = failed if isinstance(failed, UnfitClusterError) else error
            await driver.disconnect(nowait=True)
        raise failed

    async def _slots(self, node: ClusterNode) -> Any:
        driver: Any = super()
        try:
            await driver.send_command("CLUSTER", "SLOTS", check_health=False)
            return await driver.read_response()
        except ResponseError as error:
            await driver.disconnect(nowait=True)
            raise _alone(node, error) from None

    async def send_packed_command(self, *args: Any, **options: Any) -> None:
        """Send to the owner, on a new connection if the node of this one no longer is."""
        driver: Any = super()
        if self._elsewhere:
            self._elsewhere = False
            await driver.disconnect(nowait=True)
        await driver.send_packed_command(*args, **options)

    async def read_response(self, *args: Any, **options: Any) -> Any:
        """As the driver; a redirection is noted for the next command."""
        driver: Any = super()
        try:
            return await driver.read_response(*args, **options)
        except REDIRECTED as error:
            self._elsewhere = True
            self._route.redirected(ClusterNode(self.host, self.port), error)
            raise


class _BlockingRouted:
    """The same of a connection that blocks its thread."""

    def __init__(self, *, route: SlotRoute, **options: Any) -> None:
        super().__init__(**options)
        self._route = route
        self._elsewhere = False
        self.retry = Retry(ConstantBackoff(REDIRECT_PAUSE_S), REDIRECT_TRIES, REDIRECTED)

    def connect_check_health(self, *args: Any, **options: Any) -> None:
        """Connect to the owner of the slot, or raise the driver's error of the node asked last."""
        driver: Any = super()
        if driver.is_connected:
            return
        failed: Exception = DriverConnectionError("the nodes do not agree who owns the slot yet")
        self._elsewhere = False
        for node in self._route.search():
            self.host, self.port = node
            try:
                driver.connect_check_health(*args, **options)
                if self._route.owns(node, self._slots(node)):
                    return
            except _AWAY as error:
                self._route.doubt(node)
                failed = failed if isinstance(failed, UnfitClusterError) else error
            driver.disconnect()
        raise failed

    def _slots(self, node: ClusterNode) -> Any:
        driver: Any = super()
        try:
            driver.send_command("CLUSTER", "SLOTS", check_health=False)
            return driver.read_response()
        except ResponseError as error:
            driver.disconnect()
            raise _alone(node, error) from None

    def send_packed_command(self, *args: Any, **options: Any) -> None:
        """Send to the owner, on a new connection if the node of this one no longer is."""
        driver: Any = super()
        if self._elsewhere:
            self._elsewhere = False
            driver.disconnect()
        driver.send_packed_command(*args, **options)

    def read_response(self, *args: Any, **options: Any) -> Any:
        """As the driver; a redirection is noted for the next command."""
        driver: Any = super()
        try:
            return driver.read_response(*args, **options)
        except REDIRECTED as error:
            self._elsewhere = True
            self._route.redirected(ClusterNode(self.host, self.port), error)
            raise


class AsyncSlotConnection(_AsyncRouted, PackedConnection):
    """To the owner of a slot."""


class AsyncSslSlotConnection(_AsyncRouted, AsyncSslConnection):
    """To the owner of a slot, by TLS."""


class SlotConnection(_BlockingRouted, Connection):
    """To the owner of a slot, blocking."""


class SslSlotConnection(_BlockingRouted, SSLConnection):
    """To the owner of a slot, by TLS, blocking."""
