"""Command lines and configuration files of the servers, for a data folder and a loopback port."""

import os
import pwd
from collections.abc import Callable
from pathlib import Path

Command = Callable[[Path, int], list[str]]

BROKER_MAX_MESSAGE_BYTES = 4 * 1024 * 1024
"""Above any message of the factory (camera 200 kB) and above the 1 MB a bad day may bring."""

STORE_OPTIONS = (
    ("bind", "127.0.0.1"),
    ("protected-mode", "yes"),
    ("appendonly", "yes"),
    ("save", ""),
    # A full store must refuse, never forget a consumer group (M17).
    ("maxmemory", "1gb"),
    ("maxmemory-policy", "noeviction"),
    # Below this, writing the file anew costs more than it saves: a fork and a second writer.
    ("auto-aof-rewrite-min-size", "256mb"),
    ("databases", "16"),
    ("loglevel", "notice"),
)

EMBEDDED_BROKER = Path(__file__).with_name("embedded_broker.py")

MOSQUITTO = """\
listener {port} 127.0.0.1
# Started by root it would become another user, who may not write here.
user {user}
allow_anonymous true
persistence true
persistence_location {folder}/
# A PUBACK means written, not remembered (M23).
autosave_interval 1
autosave_on_changes true
persistent_client_expiration 7d
# An absent reader loses nothing for minutes (M22).
max_queued_messages 100000
max_queued_bytes 268435456
max_inflight_messages 20
message_size_limit {max_payload}
max_keepalive 60
memory_limit 536870912
log_dest stdout
log_type error
log_type warning
log_type notice
connection_messages false
# Else each PUBREC and PUBCOMP waits up to 40 ms for a delayed TCP acknowledgement.
set_tcp_nodelay true
"""

IOTCORE = """\
id = 0

[router]
id = 0
max_connections = 1000
max_outgoing_packet_count = 200
# Per subscription filter: 10 x 10 MB is 30 000 messages of 3 kB for an absent reader, and a bound.
max_segment_size = 10485760
max_segment_count = 10

[v4.1]
name = "v4-1"
listen = "127.0.0.1:{port}"
next_connection_delay_ms = 1

[v4.1.connections]
connection_timeout_ms = 60000
max_payload_size = {max_payload}
max_inflight_count = 100
dynamic_filters = true
"""


def durability() -> str:
    """When a store started here syncs its file: OMF_DURABILITY, which the services check."""
    return os.environ.get("OMF_DURABILITY") or "everysec"


def store(binary: str) -> Command:
    """How to start a Redis or Valkey `binary`."""

    def command(folder: Path, port: int) -> list[str]:
        own = (("port", str(port)), ("dir", str(folder.resolve())))
        options = (*own, ("appendfsync", durability()), *STORE_OPTIONS)
        return [binary, *(word for name, value in options for word in (f"--{name}", value))]

    return command


def mosquitto(binary: str) -> Command:
    """How to start mosquitto; its configuration is written into the folder."""

    def command(folder: Path, port: int) -> list[str]:
        return [binary, "-c", str(_write(folder / "mosquitto.conf", MOSQUITTO, port))]

    return command


def iotcore(python: str) -> Command:
    """How to start the broker from pip; its configuration is written into the folder."""

    def command(folder: Path, port: int) -> list[str]:
        config = _write(folder / "iotcore.toml", IOTCORE, port)
        return [python, "-I", str(EMBEDDED_BROKER), str(config)]

    return command


def _write(path: Path, template: str, port: int) -> Path:
    text = template.format(
        port=port,
        folder=path.parent.resolve(),
        user=pwd.getpwuid(os.getuid()).pw_name,
        max_payload=BROKER_MAX_MESSAGE_BYTES,
    )
    path.write_text(text, "utf-8")
    return path.resolve()
