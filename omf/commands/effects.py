"""What each command makes the factory report, and within which time (PROTOCOL G.4)."""

from collections.abc import Mapping
from typing import Any

from omf.commands.schemas import Effect
from omf.state import FactoryState
from omf.texts import Text, text
from omf.topics.catalogue import address, find

ANSWER_WINDOW_S = 5.0
"""The CCU answered all 59 recorded requests within 0.21 s."""
COURSE_WINDOW_S = 1800.0
"""Three orders side by side took up to 784 s; a queued one waits for those before it."""
LIST_WINDOW_S = 5.0
"""A list of the CCU follows what changed it within a second."""
BEGUN_WINDOW_S = 5.0
"""Modules 0.14 s at most, vehicles 2.3 s once in 170."""
FINISHED_WINDOW_S = 90.0
"""Covers every recorded module action; HBW.DROP took 70.5 s once."""
DRIVE_WINDOW_S = 60.0
"""25.5 s was the longest recorded drive; another vehicle may stand in the way for a while."""
DOCK_WINDOW_S = 60.0
"""findInitialDockPosition took 6.9 s."""
CHARGE_WINDOW_S = 60.0
"""A drive to the charger, or 2 s to leave it."""
READY_WINDOW_S = 60.0
"""Node-RED restarts: 27 s until the last module is READY after a reset."""
PARK_WINDOW_S = 30.0
SETTING_WINDOW_S = 5.0
MODULE_WINDOW_S = 30.0
"""A module's own reset; with Node-RED it took 27 s."""
FACTSHEET_WINDOW_S = 5.0
"""Devices that were asked answered within 0.1 s."""
CAMERA_WINDOW_S = 5.0
ECHO_WINDOW_S = 5.0


def answered(request: Mapping[str, Any]) -> Effect:
    """An order request was answered, and then the order's course to its end."""
    expect = {
        "order_type": request["orderType"],
        "type": request["type"],
        "timestamp": request["timestamp"],
        "request_id": request.get("requestId"),
        "workpiece_id": request.get("workpieceId"),
    }
    lists = (address("ccu_order_active"), address("ccu_order_completed"))
    course = Effect(
        rule="order-course",
        topics=lists[1:],
        expect=expect,
        window_s=COURSE_WINDOW_S,
        text=text("effect.order_finished"),
    )
    expected = text("effect.order_answered")
    # The answer is QoS 0 and may be lost; the lists are retained and name the order as well.
    listed = Effect(
        rule="order-answer",
        topics=lists,
        expect=expect,
        window_s=0,
        text=text("effect.order_listed"),
        follow_up=course,
    )
    return Effect(
        rule="order-answer",
        topics=(address("ccu_order_response"),),
        expect=expect,
        window_s=ANSWER_WINDOW_S,
        text=expected,
        follow_up=course,
        otherwise=listed,
    )


def cancelled(order_ids: tuple[str, ...]) -> Effect:
    """The CCU lists the orders as CANCELLED."""
    return Effect(
        rule="orders-cancelled",
        topics=(address("ccu_order_completed"),),
        expect={"order_ids": list(order_ids)},
        window_s=LIST_WINDOW_S,
        text=text("effect.orders_cancelled"),
    )


def reset(state: FactoryState) -> Effect:
    """The CCU announces the reset, and then all modules come back."""
    ready = Effect(
        rule="all-ready",
        topics=(address("ccu_pairing_state"),),
        window_s=READY_WINDOW_S,
        text=text("effect.modules_ready"),
    )
    lost = Effect(
        rule="vehicle-reset",
        topics=(find("fts_state").pattern,),
        before={"resets": resets(state)},
        window_s=0,
        text=text("effect.vehicle_reports_reset"),
        follow_up=ready,
    )
    return Effect(
        rule="reset-announced",
        topics=(address("ccu_global"),),
        window_s=LIST_WINDOW_S,
        text=text("effect.ccu_resets_everything"),
        follow_up=ready,
        otherwise=lost,
    )


def paired_as(rule: str, window_s: float, text: Text, *also: str, **expect: Any) -> Effect:
    """The CCU's pairing state shows it; `also` are topics where a device may deny it."""
    topics = (address("ccu_pairing_state"), *also)
    return Effect(rule=rule, topics=topics, expect=expect, window_s=window_s, text=text)


def resets(state: FactoryState) -> dict[str, str]:
    """The order each vehicle that is reset and not docked since names in its note RESET."""
    return {
        serial: error.references.get("orderId", "")
        for serial, vehicle in state.vehicles.items()
        for error in vehicle.errors
        if error.type == "RESET" and not vehicle.position_known
    }


def published(topic: str, body: Mapping[str, Any], *, same: bool, rule: str = "contains") -> Effect:
    """The CCU publishes settings that mean what was written; `same`: they held before already."""
    return Effect(
        rule=rule,
        topics=(address(topic),),
        expect={"body": dict(body)},
        before={"same": same},
        window_s=SETTING_WINDOW_S,
        text=text("effect.config_published"),
    )


def module_action(serial: str, order_id: str, order_update_id: int, action_id: str) -> Effect:
    """The module reports the action by its id, and then its end."""
    expect = {"order_id": order_id, "order_update_id": order_update_id, "action_id": action_id}
    topics = (address("module_state", serial=serial),)
    end = Effect(
        rule="action-finished",
        topics=topics,
        expect=expect,
        window_s=FINISHED_WINDOW_S,
        text=text("effect.module_done_with"),
    )
    begin = text("effect.module_reports_action")
    return Effect(
        rule="action-begun",
        topics=topics,
        expect=expect,
        window_s=BEGUN_WINDOW_S,
        text=begin,
        follow_up=end,
    )


def drive(serial: str, order_id: str, order_update_id: int, dock_id: str, target: str) -> Effect:
    """The vehicle takes the drive, and then stands docked at the target."""
    taken = {"order_id": order_id, "order_update_id": order_update_id, "action_id": dock_id}
    topics = (address("fts_state", serial=serial),)
    arrived = Effect(
        rule="drive-docked",
        topics=topics,
        expect={"action_id": dock_id, "target": target},
        window_s=DRIVE_WINDOW_S,
        text=text("effect.vehicle_docks_at", target=target),
    )
    return Effect(
        rule="drive-taken",
        topics=topics,
        expect=taken,
        window_s=BEGUN_WINDOW_S,
        text=text("effect.vehicle_takes_drive"),
        follow_up=arrived,
    )


def vehicle_told(rule: str, serial: str, window_s: float, text: Text, **expect: Any) -> Effect:
    """The vehicle's own state shows it."""
    topics = (address("fts_state", serial=serial),)
    return Effect(rule=rule, topics=topics, expect=expect, window_s=window_s, text=text)


def charging(state: FactoryState, serial: str, *, on: bool) -> Effect:
    """The vehicle's battery is being charged, or is not any more; it may refuse to stop."""
    says = text("effect.vehicle_charging")
    stopped = text("effect.vehicle_stopped_charging")
    fails = [] if on else ["stopCharging"]
    expect = {"charging": on, **denied(state, serial, *fails)}
    expected = says if on else stopped
    return vehicle_told("charging", serial, CHARGE_WINDOW_S, expected, **expect)


def denied(state: FactoryState, serial: str, *actions: str) -> dict[str, Any]:
    """What a device's own FAILED is recognised by: names of actions, and ids it knew before."""
    vehicle, module = state.vehicles.get(serial), state.modules.get(serial)
    known = [one.id for one in vehicle.actions] if vehicle else []
    for channel in (vehicle, module):
        past = (channel.action, channel.last_action) if channel else ()
        known += [one.id for one in past if one is not None]
    return {"fails": list(actions), "known": sorted({one for one in known if one})}


def charge_drive(state: FactoryState, serial: str) -> Effect:
    """The CCU sends the vehicle to the charger, and then the battery is charged."""
    return Effect(
        rule="charge-drive",
        topics=(address("fts_order", serial=serial),),
        window_s=CHARGE_WINDOW_S,
        text=text("effect.sent_to_charger"),
        follow_up=charging(state, serial, on=True),
    )


def module_told(rule: str, serial: str, window_s: float, text: Text, **expect: Any) -> Effect:
    """The module's own state shows it."""
    topics = (address("module_state", serial=serial),)
    return Effect(rule=rule, topics=topics, expect=expect, window_s=window_s, text=text)


def seen_on(topic: str, window_s: float, text: Text, **named: str) -> Effect:
    """Anything new on the topic of this name."""
    topics = (address(topic, **named),)
    return Effect(rule="seen", topics=topics, window_s=window_s, text=text)


def fault_begun(request_id: str) -> Effect:
    """The mock factory says which of its devices took the fault."""
    return Effect(
        rule="fault-begun",
        topics=(address("mock_fault_done"),),
        expect={"request_id": request_id},
        window_s=ECHO_WINDOW_S,
        text=text("effect.mock_factory_takes"),
    )


def echoed(topic: str, payload: str) -> Effect:
    """The broker distributes the message: all that can be known where nothing answers."""
    return Effect(
        rule="echo",
        topics=(topic,),
        expect={"payload": payload},
        window_s=ECHO_WINDOW_S,
        text=text("effect.only_distributed"),
    )
