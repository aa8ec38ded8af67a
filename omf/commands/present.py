"""What a command sets, as the factory has it now: forms begin with it, and a way back leads to it.

    present(kind, parameters, state)      value of each field, by its name; unknown ones left out
    from_present(kind, parameters, state) the parameters; where none is given, the present value

Pure. A value nobody told is never invented.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from omf.commands.site_changes import SITE_FIELDS, site_present
from omf.constants import COLOURS
from omf.state import FactoryState
from omf.state.modules import WAREHOUSE, Module
from omf.state.values import CarriedLoad

Parameters = Mapping[str, Any]
SET_FIELDS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "flows": ("red", "white", "blue"),
        "config": (
            *("duration_red", "duration_white", "duration_blue"),
            *("max_parallel_orders", "charge_threshold_percent"),
        ),
        "layout": ("layout",),
        "default-layout": (),
        "module-duration": ("duration",),
        "set-storage": ("contents",),
        "sensor-period": ("period",),
        "calibration": ("references",),
        **SITE_FIELDS,
    }
)
"""Kinds that replace a value the factory has, and the fields that hold it; all others act."""


def present(kind: str, parameters: Parameters, state: FactoryState) -> dict[str, Any]:
    """The present values of what a command of this kind sets; a field nobody told is left out.

    `parameters` say of which module or sensor, where there are several.
    """
    found = present_or_unknown(kind, parameters, state)
    return {name: value for name, value in found.items() if value is not None}


def present_or_unknown(kind: str, parameters: Parameters, state: FactoryState) -> dict[str, Any]:
    """As `present`, with None for a field these parameters set and nobody told the value of."""
    if kind in SITE_FIELDS:
        return site_present(kind, parameters, state)
    read = _READERS.get(kind)
    return read(parameters, state) if read else {}


def from_present(kind: str, parameters: Parameters, state: FactoryState) -> dict[str, Any]:
    """The parameters, with the present value of each field that is not given."""
    return {**present(kind, parameters, state), **parameters}


def bay_contents(store: Module | None) -> dict[str, dict[str, str]] | None:
    """What lies in each bay as SET_STORAGE writes it, `{}` for an empty one; None: nobody told."""
    if store is None or not store.loads_known:
        return None
    return {bay: _contents(load) for bay, load in store.bays.items()}


def bays_of(store: Module | None) -> tuple[str, ...]:
    """The warehouse's bays in its own order; none while it has not told (PROTOCOL A.3)."""
    names = (*store.positions, *store.bays) if store else ()
    return tuple(sorted(dict.fromkeys(names), key=lambda name: (name[1:], name)))


def _contents(load: CarriedLoad | None) -> dict[str, str]:
    if load is None:
        return {}
    return {"type": load.colour or "", "workpieceId": load.workpiece_id or ""}


def _flows(_: Parameters, state: FactoryState) -> dict[str, Any]:
    told = {colour: state.flows.of(colour) if state.flows else None for colour in COLOURS}
    return {colour.lower(): None if one is None else list(one) for colour, one in told.items()}


def _config(_: Parameters, state: FactoryState) -> dict[str, Any]:
    config = state.config
    lasts = (config.production_durations if config else None) or {}
    production, vehicles = (
        (config.production_settings, config.fts_settings) if config else (None, None)
    )
    return {
        **{f"duration_{colour.lower()}": lasts.get(colour) for colour in COLOURS},
        "max_parallel_orders": production.max_parallel_orders if production else None,
        "charge_threshold_percent": vehicles.charge_threshold_percent if vehicles else None,
    }


def _layout(_: Parameters, state: FactoryState) -> dict[str, Any]:
    floor = state.plant.floor
    told = floor.model_dump(mode="json", by_alias=True, exclude_none=True) if floor else None
    return {"layout": told}


def _duration(parameters: Parameters, state: FactoryState) -> dict[str, Any]:
    module = state.modules.get(str(parameters.get("serial")))
    told = module.production_duration if module else None
    return {"duration": None if told is None else int(told)}


def _store(parameters: Parameters, state: FactoryState) -> dict[str, Any]:
    serial = parameters.get("serial")
    stores = [one for one in state.modules.values() if one.type == WAREHOUSE]
    chosen = [one for one in stores if serial in (None, "", one.serial)]
    return {"contents": bay_contents(chosen[0] if len(chosen) == 1 else None)}


def _period(parameters: Parameters, state: FactoryState) -> dict[str, Any]:
    """As measured between two readings: the station does not tell what it is set to."""
    sensor = state.sensors.get(str(parameters.get("sensor")))
    told = sensor.interval_s if sensor else None
    return {"period": None if told is None else max(1, round(told))}


def _references(parameters: Parameters, state: FactoryState) -> dict[str, Any]:
    if parameters.get("command") != "setCalibrationValues":
        return {}
    told = state.plant.calibrations.get(str(parameters.get("serial")))
    if told is None:
        return {"references": None}
    return {"references": [one.model_dump(mode="json", by_alias=True) for one in told.references]}


_READERS: Mapping[str, Callable[[Parameters, FactoryState], dict[str, Any]]] = MappingProxyType(
    {
        "flows": _flows,
        "config": _config,
        "layout": _layout,
        "default-layout": _layout,
        "module-duration": _duration,
        "set-storage": _store,
        "sensor-period": _period,
        "calibration": _references,
    }
)
