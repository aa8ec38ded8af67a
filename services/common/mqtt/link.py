"""What a broker link is to the rest of the program: its words, free of any MQTT library.

LinkError
├── NotConnected     nothing was sent: the link was down when publish was called
├── WindowFull       nothing was sent: too many publishes wait for their PUBACK
├── PublishRefused   the broker says that it did not take the message (MQTT 5): nobody gets it
└── Unacknowledged   sent, and the link broke before the PUBACK: the outcome is unknown
"""

import ssl
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import NamedTuple
from urllib.parse import parse_qs, unquote, urlsplit

from omf.factories import node_urls
from services.common.mqtt.publish_parser import ReceivedMessage

LOGIN_REFUSED = "refused the login"
DEFAULT_PORT = {"mqtt": 1883, "mqtts": 8883}


class LinkError(Exception):
    """Root of all that a broker link can raise."""


class NotConnected(LinkError):  # noqa: N818 - said as it happened
    """Nothing was sent, for the broker is not connected now; say so or try later."""


class WindowFull(LinkError):  # noqa: N818 - said as it happened
    """Nothing was sent, for too many publishes await their PUBACK; wait for one to complete."""


class PublishRefused(LinkError):  # noqa: N818 - said as it happened
    """The broker answered that it does not hand the message on (a PUBACK of MQTT 5).

    `code` is its reason code, `said` what it adds in its own words, often nothing.
    """

    def __init__(self, code: int, name: str, said: str = "") -> None:
        self.code, self.name, self.said = code, name, said
        super().__init__(f"the broker refused it: {f'{name} ({said})' if said else name}")


class Unacknowledged(LinkError):  # noqa: N818 - said as it happened
    """The link broke after the publish and before its PUBACK: it may or may not have arrived."""


class Received(NamedTuple):
    """One message as the broker delivered it, and what is needed to acknowledge it.

    `connection` counts the connects: an acknowledgement for an earlier one is not sent, since the
    broker delivers its message again.
    """

    topic: str
    payload: bytes
    qos: int
    retain: bool
    dup: bool
    mid: int
    connection: int
    properties: bytes = b""
    """Those of MQTT 5 as JSON; empty where there are none."""


@dataclass(frozen=True, slots=True)
class Publication:
    """A message known in advance: the last will, or the birth sent at every connect."""

    topic: str
    payload: bytes
    qos: int = 1
    retain: bool = True


Will = Publication


@dataclass(frozen=True, slots=True)
class LinkState:
    """The link at one moment; times are Unix seconds of this machine."""

    connected: bool = False
    since: float = 0.0
    """When `connected` last changed."""
    session_present: bool = False
    """The broker still knew our session at the last connect."""
    last_packet_at: float | None = None
    reconnects: int = 0
    """Connects after the first."""
    connection: int = 0
    """Number of the present connection, as in Received; 0 before the first."""
    subscribed: bool = False
    """Every filter asked for was answered by a SUBACK on this connection."""
    refused_filters: tuple[str, ...] = ()
    taken_over_by: str = ""
    """The client id under which another client took the connection over, and we gave way."""
    detail: str = ""
    """Why the link is down, in words; empty while all is well."""
    protocol: str = ""
    """Version of MQTT spoken on the last connection: `5` or `3.1.1`; "" before the first."""

    @property
    def login_refused(self) -> bool:
        """True while the broker is there and does not want us: account or password is wrong."""
        return not self.connected and LOGIN_REFUSED in self.detail

    def opened(self, at: float, *, session_present: bool, protocol: str = "") -> "LinkState":
        """The broker accepted us; nothing is subscribed yet."""
        return LinkState(
            connected=True,
            since=at,
            session_present=bool(session_present),
            connection=self.connection + 1,
            reconnects=self.connection,
            protocol=protocol,
        )

    def closed(self, at: float, why: str) -> "LinkState":
        """The connection is gone, or none could be made."""
        since = at if self.connected else self.since
        gone = replace(self, connected=False, subscribed=False, since=since, detail=why)
        return replace(gone, taken_over_by="")


@dataclass(frozen=True, slots=True)
class LinkCallbacks:
    """What a link calls, always in its network thread; what it raises is logged."""

    on_message: Callable[[Received], None] | None = None
    on_block: Callable[[list[ReceivedMessage], int], None] | None = None
    """Takes messages by the block, unwrapped, with the number of the connection."""
    on_change: Callable[[LinkState], None] | None = None
    room: Callable[[], bool] | None = None
    """While it says False nothing is read."""


@dataclass(frozen=True, slots=True)
class BrokerAddress:
    """Where a broker listens, as whom to log in, and who must have signed it."""

    host: str
    port: int
    tls: bool = False
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    ca_file: str | None = None

    @classmethod
    def parse_each(cls, url: str) -> tuple["BrokerAddress", ...]:
        """As `parse`, for the nodes of one broker: `host[:port],host[:port]`."""
        return tuple(map(cls.parse, node_urls(url)))

    @classmethod
    def parse(cls, url: str) -> "BrokerAddress":
        """Read `mqtt://[user[:password]@]host[:port]`; ValueError says the mend.

        With TLS it is `mqtts://...[?ca=PATH]`, PATH being the certificate of its authority.
        """
        parts = urlsplit(url)
        if parts.scheme not in DEFAULT_PORT or not parts.hostname:
            raise ValueError(
                f"not a broker address: use mqtt://host[:port], got {_redacted(url)!r}"
            )
        return cls(
            host=parts.hostname,
            port=parts.port or DEFAULT_PORT[parts.scheme],
            tls=parts.scheme == "mqtts",
            username=None if parts.username is None else unquote(parts.username),
            password=None if parts.password is None else unquote(parts.password),
            ca_file=parse_qs(parts.query).get("ca", [None])[0],
        )

    def refused(self, reason: object, client_id: str = "") -> str:
        """In words that the broker answered and did not let us in (CONNACK)."""
        words = {
            "Unsupported protocol version": "does not speak MQTT 3.1.1",
            "Client identifier not valid": f"does not accept the client id {client_id}",
            "Server unavailable": "is there, and says that it cannot serve now",
            "Server busy": "is there, and says that it is too busy now",
            "Server shutting down": "is there, and about to shut down",
            "Use another server": "says that another broker serves now",
            "Server moved": "says that it has moved to another address",
            "Connection rate exceeded": "says that too many connect at once",
            "Quota exceeded": "says that a limit of its own is reached",
        }
        return f"{self} {words.get(str(reason), f'{LOGIN_REFUSED}: {reason}')}"

    def hung_up(self, reason: object) -> str:
        """In words why the broker closed the connection, as it says itself (DISCONNECT, MQTT 5)."""
        words = {
            "Session taken over": "another client came with our client id",
            "Server shutting down": "it shuts down",
            "Administrative action": "somebody ended it by hand",
            "Keep alive timeout": "it heard nothing of us for too long",
            "Packet too large": "a message of ours was larger than it takes",
            "Receive maximum exceeded": "we sent more at once than it takes",
            "Message rate too high": "we sent more than it allows",
            "Quota exceeded": "a limit of its own is reached",
            "Not authorized": "it does not let us in any more",
        }
        return f"{self} closed the connection: {words.get(str(reason), str(reason))}"

    def tls_context(self) -> ssl.SSLContext:
        """TLS 1.2 or newer; the certificate and the name in it are checked, always."""
        context = ssl.create_default_context(cafile=self.ca_file)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        return context

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


def _redacted(url: str) -> str:
    return url.rpartition("@")[2] if "@" in url else url
