"""Profile live: the factory's broker is somebody else's, and a factory stands behind it."""

import secrets
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from functools import partial

import pytest

from tests.support.container_stack import BUILD_S, Stack, wait_patiently
from tests.support.factory_server import SERVICES

pytestmark = [pytest.mark.containers, pytest.mark.timeout(2400)]

SERVER = """COMPOSE_PROFILES=live
OMF_ENVIRONMENTS=live
OMF_LIVE_MQTT_URL=mqtt://default@factory:1883
OMF_DURABILITY=always
"""
BROKER, MACHINES = "broker-of-the-factory", "machines-of-the-factory"
LISTENS = (
    "mosquitto_passwd -b -c /tmp/passwords default {password} && printf '%s\\n'"
    " 'listener 1883' 'allow_anonymous false' 'password_file /tmp/passwords' > /tmp/conf"
    " && exec mosquitto -c /tmp/conf"
)
"""As the one in the factory: no TLS, one account for all, nothing of ours in it."""
PASSWORD = secrets.token_hex(16)
NAME = "lena"


@pytest.fixture(scope="module")
def live(containers: Stack) -> Iterator[Stack]:
    """All that the profile starts, healthy, with somebody who may steer."""
    containers.gone()
    (containers.checkout / ".env").write_text(SERVER, "utf-8")
    containers.compose("build", "--quiet", "mock", "omf", timeout_s=BUILD_S)
    containers.compose("run", "--rm", "-T", "secrets")
    # In place, as the owner of that broker is told to.
    (containers.checkout / "secrets/factory-mqtt").write_text(f"{PASSWORD}\n", "utf-8")
    containers.up()
    joined = ("run", "-d", "--network", "omf_factory")
    as_user = ("--user", "1883:1883", "--network-alias", "factory", "--entrypoint", "sh")
    image = SERVICES["broker-mock"]["image"]
    asked = ("-c", LISTENS.format(password=PASSWORD))
    try:
        containers.run(*joined, *as_user, "--name", BROKER, image, *asked)
        url = f"OMF_MQTT_URL=mqtt://default:{PASSWORD}@factory:1883"
        told = ("--name", MACHINES, "-e", "OMF_ENVIRONMENT=mock", "-e", url)
        containers.run(*joined, *told, "omf-mock")
        containers.wait_healthy()
        containers.omf("user", "add", NAME, "admin", asked=f"{PASSWORD}\n")
        yield containers
    finally:
        for name in (MACHINES, BROKER):
            subprocess.run(
                ["/usr/bin/docker", "rm", "-f", name],
                env=containers.environment, capture_output=True, check=False,
            )  # fmt: skip
        containers.gone()


def ready(live: Stack, part: str) -> bool:
    """True once it says that it misses nothing, its broker least of all."""
    asked = "from urllib.request import urlopen; urlopen('http://127.0.0.1:9100/health/ready')"
    with suppress(AssertionError):  # 503: it says what it misses
        live.inside(part, f'python -c "{asked}"')
        return True
    return False


def order(live: Stack, colour: str) -> str:
    """What an order of somebody who is signed in by password says."""
    words = ("send", "production-order", f"type={colour}", "-e", "live", "--user", NAME)
    return live.omf(*words, "--wait", "120", asked=f"{PASSWORD}\n")


def test_ingest_and_gateway_sign_in_at_the_brokers_only_account(live: Stack) -> None:
    for part in ("ingest-live", "gateway-live"):
        wait_patiently(partial(ready, live, part), 60, lambda: live.compose("logs"))


def test_an_order_to_the_live_factory_has_an_effect(live: Stack) -> None:
    assert "effect" in order(live, "WHITE")


def test_the_store_keeps_before_it_acknowledges(live: Stack) -> None:
    line = 'valkey-cli --no-auth-warning --user keeper -a "$(cat /run/secrets/keeper)"'
    assert live.inside("store", f"{line} config get appendfsync").split()[-1] == "always"


def test_nobody_orders_there_without_a_password(live: Stack) -> None:
    words = ("send", "production-order", "type=RED", "-e", "live", "--user", NAME)
    with pytest.raises(AssertionError, match=r"password"):
        live.omf(*words, asked="not the password of anybody\n")


def test_after_its_broker_was_away_all_goes_on_by_itself(live: Stack) -> None:
    live.run("restart", "-t", "2", BROKER)
    for part in ("ingest-live", "gateway-live"):
        wait_patiently(partial(ready, live, part), 120, lambda: live.compose("logs"))
    assert "effect" in order(live, "BLUE")
    assert not live.unhealthy()


def test_the_password_of_the_factory_stands_in_no_log(live: Stack) -> None:
    assert PASSWORD not in live.compose("logs", "--no-log-prefix")
