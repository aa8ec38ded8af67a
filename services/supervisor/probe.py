"""Does a server answer? Asked on the wire: needs no driver, and a mere open port is no yes."""

import contextlib
import http.client
import secrets
import socket
import ssl
from urllib.parse import parse_qs, urlsplit

from services.common.process.server_address import server_urls

PROBE_TIMEOUT_S = 1.0
"""A loopback server that needs longer is not ready yet."""

STORE_PING = b"*1\r\n$4\r\nPING\r\n"
_CLIENT_ID = f"probe-{secrets.token_hex(3)}".encode()
"""Of this process alone: a broker throws out who has the name of a newcomer."""
MQTT_CONNECT = b"\x10\x18\x00\x04MQTT\x04\x02\x00\x0a\x00\x0c" + _CLIENT_ID
"""CONNECT, MQTT 3.1.1, clean session, keep alive 10 s, the client id."""
MQTT_CONNACK = b"\x20\x02"
MQTT_DISCONNECT = b"\xe0\x00"
PORTS = {"redis": 6379, "rediss": 6379, "mqtt": 1883, "mqtts": 8883}
SECURE = {"rediss": "ssl_ca_certs", "mqtts": "ca"}
"""Schemes that speak TLS, and how their addresses name the file of the authority."""


def exchange(url: str, sent: bytes, size: int = 4096, goodbye: bytes = b"") -> bytes:
    """First bytes a server answers to `sent`; empty when it is away."""
    answer = b""
    with contextlib.suppress(OSError), _connected(url) as link:
        link.sendall(sent)
        answer = link.recv(size)
        link.sendall(goodbye)
    return answer


def _connected(url: str) -> socket.socket:
    address = urlsplit(url)
    where = (address.hostname or "", address.port or PORTS.get(address.scheme, 0))
    if address.scheme not in SECURE:
        return socket.create_connection(where, PROBE_TIMEOUT_S)
    authority = parse_qs(address.query).get(SECURE[address.scheme], [None])[0]
    context = ssl.create_default_context(cafile=authority)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    plain = socket.create_connection(where, PROBE_TIMEOUT_S)
    return context.wrap_socket(plain, server_hostname=address.hostname)


def store_answers(url: str) -> bool:
    """True when Redis or Valkey says PONG, or asks who we are; False while it loads its file.

    Of a cluster one node that is named must answer.
    """
    answers = (exchange(one, STORE_PING) for one in server_urls(url))
    return any(answer.startswith((b"+PONG", b"-NOAUTH")) for answer in answers)


def broker_answers(url: str) -> bool:
    """True when the broker answers a CONNECT, even with a refusal of an unnamed user.

    Of several nodes that are named one must answer.
    """
    each = server_urls(url)
    answers = (exchange(one, MQTT_CONNECT, goodbye=MQTT_DISCONNECT) for one in each)
    return any(answer.startswith(MQTT_CONNACK) for answer in answers)


def http_answers(url: str) -> bool:
    """True when a GET of `url` ends in a status below 400."""
    return 0 < http_status(url) < http.client.BAD_REQUEST


def http_status(url: str) -> int:
    """Status of a GET; 0 when nobody answers."""
    return http_get(url)[0]


def http_get(url: str) -> tuple[int, str]:
    """Status and body of a GET; 0 and nothing when nobody answers."""
    address = urlsplit(url)
    link = http.client.HTTPConnection(address.hostname or "", address.port, timeout=PROBE_TIMEOUT_S)
    try:
        link.request("GET", address.path or "/")
        answer = link.getresponse()
        return answer.status, answer.read().decode(errors="replace")
    except (OSError, http.client.HTTPException):
        return 0, ""
    finally:
        link.close()
