"""Servers in containers, where a Docker engine can be reached."""

import gc
import warnings
from contextlib import ExitStack

REDIS = "redis:7"
MOSQUITTO = "eclipse-mosquitto:2"


def start(part: str, exits: ExitStack) -> str:
    """Address of a fresh container, ended by `exits`; empty without a Docker engine."""
    # Imported here: the import of the MQTT container warns, and warnings are errors.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from docker.errors import (  # type: ignore[import-untyped]  # noqa: PLC0415 - it has no types
            DockerException,
        )
        from testcontainers.community.mqtt import MosquittoContainer  # noqa: PLC0415
        from testcontainers.community.redis import RedisContainer  # noqa: PLC0415

        try:
            container = RedisContainer(REDIS) if part == "store" else MosquittoContainer(MOSQUITTO)
            if part == "store":  # one without its append-only file is refused by every service
                container.with_command("redis-server --appendonly yes")
        except DockerException:  # raised by the constructor when no engine answers
            container = None
        gc.collect()  # the client that found no engine leaves its socket open
    if container is None:
        return ""
    container.start()
    exits.callback(container.stop)
    host = container.get_container_host_ip()
    if part == "store":
        return f"redis://{host}:{container.get_exposed_port(6379)}/0"
    return f"mqtt://{host}:{container.get_exposed_port(1883)}"
