"""Interlocks about modules."""

from typing import Any

from omf.commands.facts import factory, module, vehicle
from omf.commands.facts.factory import opposite as no
from omf.commands.interlocks.rule import InterlockRule
from omf.state.modules import WAREHOUSE


def _command(parameters: Any) -> str:
    """The command that goes out first: a sequence begins with PICK."""
    return str(getattr(parameters, "command", "PICK"))


RULES = (
    InterlockRule(
        "module-type",
        lambda p, s: module.takes(s, p.serial, _command(p)),
    ),
    InterlockRule(
        "module-matches",
        lambda p, s: module.of_type(s, p.serial, (p.module,)),
    ),
    InterlockRule(
        "module-connected",
        lambda p, s: factory.connected(module.module(s, p.serial)),
    ),
    InterlockRule(
        "bridge-up",
        lambda _, s: factory.bridge_up(s),
        unknown_passes=True,
    ),
    InterlockRule(
        "module-free",
        lambda p, s: module.free(s, p.serial),
    ),
    InterlockRule(
        # The module itself does not ask what the CCU calls it (C.20).
        "module-ready",
        lambda p, s: module.ready(s, p.serial),
        basis="prudence",
    ),
    InterlockRule(
        "module-unassigned",
        lambda p, s: module.unassigned(s, p.serial, _command(p)),
        unknown_passes=True,
        basis="prudence",
    ),
    InterlockRule(
        "module-sound",
        lambda p, s: vehicle.sound(module.module(s, p.serial)),
        basis="prudence",
    ),
    InterlockRule(
        "step-fits",
        lambda p, s: module.fits(s, p.serial, _command(p)),
    ),
    InterlockRule(
        "piece-there",
        lambda p, s: module.piece_there(s, p.serial, _command(p)),
        unknown_passes=True,
        basis="prudence",
    ),
    InterlockRule(
        "input-there",
        lambda p, s: module.input_there(s, p.serial),
    ),
    InterlockRule(
        "module-answers",
        lambda p, s: module.answers(s, p.serial),
    ),
    InterlockRule(
        "module-listed",
        lambda p, s: factory.listed(module.module(s, p.serial), s),
    ),
    InterlockRule(
        # What goes through the CCU reaches no module that it does not list.
        "module-known",
        lambda p, s: factory.listed(module.module(s, p.serial), s),
        unknown_passes=True,
    ),
    InterlockRule(
        "duration-differs",
        lambda p, s: no(module.duration_is(s, p.serial, p.duration)),
        unknown_passes=True,
    ),
    InterlockRule(
        "store-has",
        lambda p, s: module.stores(s, p.serial, p.colour),
    ),
    InterlockRule(
        "store-room",
        lambda p, s: module.has_room(s, p.serial),
    ),
    InterlockRule(
        "refill-room",
        lambda _, s: module.any_room(s),
        unknown_passes=True,
    ),
    InterlockRule(
        "warehouse",
        lambda p, s: module.of_type(s, p.serial, (WAREHOUSE,)),
    ),
    InterlockRule(
        "delivery",
        lambda p, s: module.of_type(s, p.serial, (factory.DELIVERY,)),
    ),
    InterlockRule(
        "duration-settable",
        lambda p, s: module.of_type(s, p.serial, ("MILL", "DRILL", "OVEN")),
    ),
    InterlockRule(
        "calibratable",
        lambda p, s: module.calibratable(s, p.serial),
    ),
    InterlockRule(
        "calibration-idle",
        lambda _, s: factory.ccu_idle(s),
        # The end of a calibration is what an order may be waiting for.
        applies=lambda p: p.command != "stopCalibration",
        unknown_passes=True,
        basis="prudence",
    ),
    InterlockRule(
        "calibration-open",
        lambda p, s: module.calibration_open(s, p.serial, p.command),
    ),
    InterlockRule(
        "module-resettable",
        lambda p, s: module.of_type(s, p.serial, ("HBW", "DPS", "AIQS")),
    ),
    InterlockRule(
        "park-ready",
        lambda _, s: module.parkable(s, (factory.DELIVERY, WAREHOUSE)),
    ),
    InterlockRule(
        "module-gone",
        lambda p, s: no(factory.connected(module.module(s, p.serial))),
        unknown_passes=True,
        basis="prudence",
    ),
)
