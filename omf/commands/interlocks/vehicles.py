"""Interlocks about vehicles, roads, settings, and the free message."""

from omf.commands.facts import factory, vehicle
from omf.commands.facts.factory import opposite as no
from omf.commands.interlocks.rule import rule

RULES = (
    rule(
        "vehicle-listed",
        ("Die CCU führt FTS {serial}", "The CCU lists vehicle {serial}"),
        (
            "Die CCU führt FTS {serial} nicht: aus- und einschalten oder zurücksetzen",
            "The CCU does not list vehicle {serial}: switch it off and on, or reset it",
        ),
        lambda p, s: factory.listed(vehicle.vehicle(s, p.serial), s),
        unknown_passes=True,
    ),
    rule(
        "vehicle-connected",
        ("FTS {serial} verbunden", "Vehicle {serial} is connected"),
        ("FTS {serial} nicht verbunden", "Vehicle {serial} is not connected"),
        lambda p, s: factory.connected(vehicle.vehicle(s, p.serial)),
    ),
    rule(
        "position-known",
        ("Ort von FTS {serial} bekannt", "Position of vehicle {serial} is known"),
        (
            "Ort von FTS {serial} unbekannt; erst an der DPS andocken",
            "Position of vehicle {serial} is unknown; dock it at the DPS first",
        ),
        lambda p, s: vehicle.position_known(s, p.serial),
    ),
    rule(
        "position-unknown",
        ("FTS {serial} wartet darauf, angedockt zu werden", "Vehicle {serial} wants docking"),
        ("FTS {serial} kennt seinen Ort schon", "Vehicle {serial} already knows its position"),
        lambda p, s: no(vehicle.position_known(s, p.serial)),
    ),
    rule(
        "vehicle-docked",
        ("FTS {serial} steht an einem Modul", "Vehicle {serial} stands at a module"),
        (
            "FTS {serial} steht an keinem Modul; seine Richtung ist unbekannt",
            "Vehicle {serial} stands at no module; where it looks is unknown",
        ),
        lambda p, s: vehicle.docked(s, p.serial),
        basis="prudence",
    ),
    rule(
        "vehicle-still",
        ("FTS {serial} fährt nicht", "Vehicle {serial} does not drive"),
        ("FTS {serial} fährt gerade", "Vehicle {serial} is driving"),
        lambda p, s: vehicle.still(s, p.serial),
    ),
    rule(
        "vehicle-unburdened",
        ("FTS {serial} wartet auf keine Lasthandhabung", "Vehicle {serial} waits for no load"),
        (
            "FTS {serial} wartet auf Lasthandhabung; erst bestätigen",
            "Vehicle {serial} waits for load handling; confirm that first",
        ),
        lambda p, s: no(vehicle.waiting(s, p.serial)),
    ),
    rule(
        "vehicle-waiting",
        ("FTS {serial} wartet auf Lasthandhabung", "Vehicle {serial} waits for load handling"),
        ("FTS {serial} wartet auf keine Lasthandhabung", "Vehicle {serial} waits for no load"),
        lambda p, s: vehicle.waiting(s, p.serial),
        basis="prudence",
    ),
    rule(
        "vehicle-unpaused",
        ("FTS {serial} ist nicht angehalten", "Vehicle {serial} is not paused"),
        ("FTS {serial} lädt oder ist angehalten", "Vehicle {serial} is charging or paused"),
        lambda p, s: vehicle.unpaused(vehicle.vehicle(s, p.serial)),
    ),
    rule(
        "vehicle-sound",
        ("FTS {serial} ohne schweren Fehler", "Vehicle {serial} has no fatal error"),
        ("FTS {serial} meldet einen schweren Fehler", "Vehicle {serial} reports a fatal error"),
        lambda p, s: vehicle.sound(vehicle.vehicle(s, p.serial)),
    ),
    rule(
        "charge-begins",
        ("FTS {serial} lädt noch nicht", "Vehicle {serial} is not charging yet"),
        ("FTS {serial} lädt schon", "Vehicle {serial} is charging already"),
        lambda p, s: no(vehicle.charge_is(s, p.serial, wanted=True)),
        applies=lambda p: p.charge,
    ),
    rule(
        "charge-ends",
        ("FTS {serial} lädt", "Vehicle {serial} is charging"),
        ("FTS {serial} lädt nicht", "Vehicle {serial} is not charging"),
        lambda p, s: no(vehicle.charge_is(s, p.serial, wanted=False)),
        applies=lambda p: not p.charge,
    ),
    rule(
        "vehicle-charging",
        ("FTS {serial} lädt", "Vehicle {serial} is charging"),
        ("FTS {serial} lädt nicht", "Vehicle {serial} is not charging"),
        lambda p, s: vehicle.charging(s, p.serial),
    ),
    rule(
        "charger-free",
        ("Ladestation frei", "The charger is free"),
        ("Keine Ladestation frei", "No charger is free"),
        lambda _, s: vehicle.charger_free(s),
        applies=lambda p: p.charge,
    ),
    rule(
        "vehicle-unpaired",
        ("FTS {serial} ist noch nicht gekoppelt", "Vehicle {serial} is not paired yet"),
        ("FTS {serial} ist schon gekoppelt", "Vehicle {serial} is paired already"),
        lambda p, s: no(vehicle.paired(s, p.serial)),
    ),
    rule(
        "delivery-connected",
        ("DPS verbunden", "The DPS is connected"),
        ("DPS nicht verbunden; angedockt wird nur dort", "The DPS is not connected"),
        lambda _, s: factory.type_connected(s, factory.DELIVERY),
    ),
    rule(
        "road-free",
        ("Der Weg ist frei", "The way is free"),
        ("Ein anderes FTS steht im Weg oder am Ziel", "Another vehicle stands in the way"),
        lambda p, s: vehicle.reachable(s, p.serial, p.stops),
        basis="prudence",
    ),
    rule(
        "bay-usable",
        ("Platz {load_position} ist frei", "Bay {load_position} is free"),
        ("Platz {load_position} ist belegt", "Bay {load_position} is taken"),
        lambda p, s: vehicle.bay_usable(s, p.serial, p.load_position, p.workpiece_id),
        applies=lambda p: p.load_type is not None,
        unknown_passes=True,
    ),
)
