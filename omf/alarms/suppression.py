"""Suppressed by design: which alarms mean nothing at a moment, by the rows of the rules."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from omf.alarms.alarm import Alarm
from omf.alarms.limits import in_every_language
from omf.alarms.rule_data import SuppressedWhile, Suppression
from omf.state.model import Factory
from omf.texts import Text, text


def suppress(alarms: Iterable[Alarm], state: Factory) -> tuple[Alarm, ...]:
    """Return the alarms, with the reason those that the design suppresses at this moment.

    What another alarm explains stays under that one; nothing of priority 1 is suppressed.
    """
    every = tuple(alarms)
    rows = [one for one in state.alarm_rules.suppressions.values() if one.enabled]
    off = any(alarm.rule == "power-off" for alarm in every)
    return tuple(_suppressed(alarm, rows, state, off=off) for alarm in every)


def _suppressed(alarm: Alarm, rows: Iterable[Suppression], state: Factory, *, off: bool) -> Alarm:
    if alarm.suppressed is not None or alarm.severity == "critical":
        return alarm
    device = alarm.subject.removesuffix("/txt")
    for row in rows:
        meant = alarm.rule in row.rules and (not row.devices or device in row.devices)
        if meant and _HOLDS[row.when](state, device, off):
            return replace(alarm, suppressed=_reason(row))
    return alarm


def _reason(row: Suppression) -> Text:
    return in_every_language(row.reason) or text(f"alarm_suppressed.{row.when}")


def _out_of_layout(state: Factory, device: str) -> bool:
    """A module that is heard and that no layout with modules names."""
    layout = state.layout
    return device in state.modules and layout is not None and device not in layout.modules


def _in_calibration(state: Factory, device: str) -> bool:
    module = state.modules.get(device)
    return module is not None and bool(module.calibrating or module.operating_mode == "TEACHIN")


_HOLDS: Mapping[SuppressedWhile, Callable[[Factory, str, bool], bool]] = {
    "always": lambda _state, _device, _off: True,
    "factory-off": lambda _state, _device, off: off,
    "out-of-layout": lambda state, device, _off: _out_of_layout(state, device),
    "calibrating": lambda state, device, _off: _in_calibration(state, device),
}
