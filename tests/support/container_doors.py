"""Where a factory server in containers answers besides its command line."""

import ssl
import urllib.request

from tests.support.container_stack import Stack
from tests.support.prometheus import PrometheusApi


def first_page(containers: Stack) -> int:
    """Status of the first page, over a connection that the server's own authority signed."""
    return _asked(containers, containers.pages)


def http(containers: Stack) -> int:
    """Status of a question to the HTTP door, with the token that Alertmanager has."""
    token = (containers.checkout / "secrets/alertmanager-token").read_text("utf-8").strip()
    return _asked(
        containers,
        f"https://localhost:{containers.api_port}/api/v1/kinds",
        {"Authorization": f"Bearer {token}"},
    )


def monitoring(containers: Stack) -> PrometheusApi:
    """It is published nowhere; the machine itself reaches it in its network."""
    return PrometheusApi(f"http://{containers.address('prometheus', 'backend')}:9090")


def targets(monitor: PrometheusApi, value: int) -> list[str]:
    """Those of Prometheus that answer (1), or do not (0)."""
    known = 'up{instance!~".*-live:.*"}'  # of the factory itself nothing is started here
    return [one["metric"]["instance"] for one in monitor.query(f"{known} == {value}")]


def _asked(containers: Stack, url: str, headers: dict[str, str] | None = None) -> int:
    trusted = ssl.create_default_context(cafile=str(containers.checkout / "secrets/ca.crt"))
    asked = urllib.request.Request(url, headers=headers or {})  # noqa: S310 - an address of ours
    with urllib.request.urlopen(asked, context=trusted, timeout=30) as answer:  # noqa: S310
        return int(answer.status)
