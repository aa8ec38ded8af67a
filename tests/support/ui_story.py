"""What the factory says to the pages in the tests of shop floor, devices, stock and orders."""

from datetime import UTC, datetime
from typing import Any

from omf.topics.catalogue import address
from services.common.store.keys import Command, CommandEvent, Environment, Role, Stage
from tests.support.floor import SERIALS, layout_message
from tests.support.said import FTS, standing
from tests.support.ui_pages import NOW, Pages


def tell(pages: Pages, name: str, payload: Any, *, ago: float = 1, **levels: str) -> None:
    """Let the factory say something on the topic of a catalogue entry."""
    pages.say(address(name, **levels), payload, ago=ago)


def iso(ago: float) -> str:
    """A time so many seconds before the picture, as the CCU writes it."""
    return datetime.fromtimestamp(NOW - ago, UTC).isoformat().replace("+00:00", "Z")


def floor(pages: Pages, *vehicles: dict[str, Any]) -> None:
    """A layout, and a pairing of every module in it and these vehicles."""
    tell(pages, "ccu_state_layout", layout_message())
    modules = [
        {
            "serialNumber": serial,
            "type": "MODULE",
            "subType": kind,
            "pairedSince": "2026-08-07T07:00:12.000Z",
            "connected": True,
            "available": "READY",
            "assigned": False,
            "hasCalibration": kind == "AIQS",
        }
        for kind, serial in SERIALS.items()
    ]
    tell(pages, "ccu_pairing_state", {"modules": modules, "transports": vehicles})


def driving(pages: Pages, *nodes: str, at: int = 0, **more: Any) -> None:
    """A vehicle on its way over these nodes, at the one of that number."""
    route = {
        "serialNumber": FTS,
        "orderId": "drive",
        "orderUpdateId": 0,
        "nodes": [{"id": node} for node in nodes],
        "edges": [],
        "timestamp": iso(5),
    }
    tell(pages, "fts_order", route, serial=FTS)
    tell(pages, "fts_state", standing(nodes[at], driving=True, **more), serial=FTS)


def step(number: int, state: str, module: str, command: str, **times: float) -> dict[str, Any]:
    """One step of an order; `began` and `ended` in seconds before the picture."""
    told: dict[str, Any] = {
        "id": f"step-{number}",
        "type": "MANUFACTURE",
        "state": state,
        "moduleType": module,
        "command": command,
    }
    names = {"began": "startedAt", "ended": "stoppedAt"}
    return told | {names[name]: iso(ago) for name, ago in times.items()}


def made(order_id: str, state: str, *steps: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A production order WHITE with these steps."""
    return {
        "orderId": order_id,
        "orderType": "PRODUCTION",
        "type": "WHITE",
        "state": state,
        "timestamp": iso(120),
        "startedAt": iso(110),
        "productionSteps": list(steps),
        **more,
    }


def unanswered(pages: Pages, environment: Environment = "mock") -> Command:
    """An order that the CCU let lie."""
    command = Command(
        command_id="c" * 32,
        kind="production-order",
        parameters={"colour": "BLUE"},
        environment=environment,
        operator="anna",
        role=Role.OPERATOR,
        created_at=NOW - 30,
    )
    model = pages.models[environment]
    model.commands.ask(command)
    model.hear(
        CommandEvent(
            command_id=command.command_id, kind=command.kind, stage=Stage.NO_EFFECT, at=NOW - 20
        )
    )
    return command
