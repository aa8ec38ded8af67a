"""Interlocks about vehicles, roads, settings, and the free message."""

from omf.commands.facts import factory, vehicle
from omf.commands.facts.factory import opposite as no
from omf.commands.interlocks.rule import InterlockRule

RULES = (
    InterlockRule(
        "vehicle-listed",
        lambda p, s: factory.listed(vehicle.vehicle(s, p.serial), s),
        unknown_passes=True,
    ),
    InterlockRule(
        "vehicle-connected",
        lambda p, s: factory.connected(vehicle.vehicle(s, p.serial)),
    ),
    InterlockRule(
        "position-known",
        lambda p, s: vehicle.position_known(s, p.serial),
    ),
    InterlockRule(
        "position-unknown",
        lambda p, s: no(vehicle.position_known(s, p.serial)),
    ),
    InterlockRule(
        "vehicle-docked",
        lambda p, s: vehicle.docked(s, p.serial),
        basis="prudence",
    ),
    InterlockRule(
        "vehicle-still",
        lambda p, s: vehicle.still(s, p.serial),
    ),
    InterlockRule(
        "vehicle-unburdened",
        lambda p, s: no(vehicle.waiting(s, p.serial)),
    ),
    InterlockRule(
        "vehicle-waiting",
        lambda p, s: vehicle.waiting(s, p.serial),
        basis="prudence",
    ),
    InterlockRule(
        "vehicle-unpaused",
        lambda p, s: vehicle.unpaused(vehicle.vehicle(s, p.serial)),
    ),
    InterlockRule(
        "vehicle-sound",
        lambda p, s: vehicle.sound(vehicle.vehicle(s, p.serial)),
    ),
    InterlockRule(
        "charge-begins",
        lambda p, s: no(vehicle.charge_is(s, p.serial, wanted=True)),
        applies=lambda p: p.charge,
    ),
    InterlockRule(
        "charge-ends",
        lambda p, s: no(vehicle.charge_is(s, p.serial, wanted=False)),
        applies=lambda p: not p.charge,
    ),
    InterlockRule(
        "vehicle-charging",
        lambda p, s: vehicle.charging(s, p.serial),
    ),
    InterlockRule(
        "charger-free",
        lambda _, s: vehicle.charger_free(s),
        applies=lambda p: p.charge,
    ),
    InterlockRule(
        "vehicle-unpaired",
        lambda p, s: no(vehicle.paired(s, p.serial)),
    ),
    InterlockRule(
        "delivery-connected",
        lambda _, s: factory.type_connected(s, factory.DELIVERY),
    ),
    InterlockRule(
        "road-free",
        lambda p, s: vehicle.reachable(s, p.serial, p.stops),
        basis="prudence",
    ),
    InterlockRule(
        "bay-usable",
        lambda p, s: vehicle.bay_usable(s, p.serial, p.load_position, p.workpiece_id),
        applies=lambda p: p.load_type is not None,
        unknown_passes=True,
    ),
)
