"""A port that people are told: it moves on from a taken one until it was told, then it stays."""

import socket
import subprocess
import sys

from services.supervisor.ports import PortAllocation, free_port


def test_a_free_port_is_kept() -> None:
    port = free_port()
    assert PortAllocation("OMF_UI_PORT", port).settle() == port


def test_a_port_taken_between_two_looks_is_left_to_its_owner() -> None:
    door = PortAllocation("OMF_UI_PORT", free_port())
    wished = door.settle()
    with socket.create_server(("127.0.0.1", wished)):
        assert door.settle() > wished
    assert door.url == f"http://127.0.0.1:{door.port}"


def test_a_port_that_was_told_is_waited_for() -> None:
    door = PortAllocation("OMF_UI_PORT", free_port(), announced=True)
    with socket.create_server(("127.0.0.1", door.port)):
        assert door.settle() == door.port


def test_an_address_of_every_interface_is_reached_on_this_machine() -> None:
    every = "0.0.0.0"  # noqa: S104 - looked up, not bound
    assert PortAllocation("OMF_UI_PORT", 8080, every).url == "http://127.0.0.1:8080"
    assert PortAllocation("OMF_UI_PORT", 8080, "::").url == "http://[::1]:8080"


def test_what_one_process_chose_no_other_one_gets() -> None:
    taken = free_port(count=3)
    code = f"from services.supervisor.ports import next_free; print(next_free({taken}))"
    with socket.create_server(("127.0.0.1", taken)):
        other = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert int(other.stdout) > taken + 2
