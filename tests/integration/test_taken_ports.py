"""A process whose port another one has ends with one line that names it, and is started again."""

import socket

import pytest

from services.supervisor.ports import free_port
from tests.support.processes import Processes, wait_for

pytestmark = [pytest.mark.alike, pytest.mark.servers]


@pytest.mark.parametrize(("part", "setting"), [("api", "api_port"), ("ui", "ui_port")])
def test_a_taken_port_is_named_in_one_line(
    part: str, setting: str, store_url: str, processes: Processes
) -> None:
    port = free_port()
    with socket.create_server(("127.0.0.1", port)):
        child = processes.service(
            part, environments="mock", store_url=store_url, **{setting: str(port)}
        )
        wait_for(lambda: not child.alive, 60, child.tail)
    assert child.returncode
    said = child.log.read_text("utf-8")
    assert str(port) in said
    assert "Traceback" not in said
