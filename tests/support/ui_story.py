"""What the factory says to the pages in the tests of shop floor, devices, stock and orders."""

from datetime import UTC, datetime
from typing import Any

from services.common.store.keys import Command, CommandEvent, Environment, Role, Stage
from tests.support.command_examples import command_of
from tests.support.factory import FTS, SERIALS, layout_message, paired
from tests.support.ui_pages import NOW, Pages


def iso(ago: float) -> str:
    """A time so many seconds before the picture, as the CCU writes it."""
    return datetime.fromtimestamp(NOW - ago, UTC).isoformat().replace("+00:00", "Z")


def floor(pages: Pages, *vehicles: dict[str, Any]) -> None:
    """A layout, and a pairing of every module in it and these vehicles."""
    modules = [
        paired(serial, kind, hasCalibration=kind == "AIQS") for kind, serial in SERIALS.items()
    ]
    pages.factory.say("ccu_state_layout", layout_message())
    pages.factory.say("ccu_pairing_state", {"modules": modules, "transports": vehicles})


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
    pages.factory.say("fts_order", route, serial=FTS).vehicle(nodes[at], driving=True, **more)


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
    command = command_of(
        "production-order",
        command_id="c" * 32,
        parameters={"colour": "BLUE"},
        environment=environment,
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
