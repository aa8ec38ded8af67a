"""Interlocks about modules."""

from typing import Any

from omf.commands.facts import factory, module, vehicle
from omf.commands.facts.factory import opposite as no
from omf.commands.interlocks.rule import rule
from omf.state.modules import WAREHOUSE


def _command(parameters: Any) -> str:
    """The command that goes out first: a sequence begins with PICK."""
    return str(getattr(parameters, "command", "PICK"))


RULES = (
    rule(
        "module-type",
        ("{serial} ist ein Modul, das diesen Befehl kennt", "{serial} knows this command"),
        ("{serial} kennt diesen Befehl nicht", "{serial} does not know this command"),
        lambda p, s: module.takes(s, p.serial, _command(p)),
    ),
    rule(
        "module-matches",
        ("Seriennummer gehört zum Modul {module}", "The serial number is that of {module}"),
        ("{serial} ist kein Modul {module}", "{serial} is no {module} module"),
        lambda p, s: module.of_type(s, p.serial, (p.module,)),
    ),
    rule(
        "module-connected",
        ("Modul {serial} verbunden", "Module {serial} is connected"),
        ("Modul {serial} nicht verbunden", "Module {serial} is not connected"),
        lambda p, s: factory.connected(module.module(s, p.serial)),
    ),
    rule(
        "bridge-up",
        ("Node-RED verbunden", "Node-RED is connected"),
        ("Node-RED ist weg; die Module hören nicht", "Node-RED is gone; the modules are deaf"),
        lambda _, s: factory.bridge_up(s),
        unknown_passes=True,
    ),
    rule(
        "module-ready",
        ("Modul {serial} ist bereit", "Module {serial} is ready"),
        ("Modul {serial} ist nicht bereit", "Module {serial} is not ready"),
        lambda p, s: module.ready(s, p.serial),
    ),
    rule(
        "module-unassigned",
        ("Modul {serial} ist keinem anderen Auftrag zugeteilt", "No other order has {serial}"),
        ("Modul {serial} ist einem Auftrag zugeteilt", "An order has module {serial}"),
        lambda p, s: module.unassigned(s, p.serial, _command(p)),
        unknown_passes=True,
        basis="prudence",
    ),
    rule(
        "module-sound",
        ("Modul {serial} ohne schweren Fehler", "Module {serial} has no fatal error"),
        ("Modul {serial} meldet einen schweren Fehler", "Module {serial} reports a fatal error"),
        lambda p, s: vehicle.sound(module.module(s, p.serial)),
        basis="prudence",
    ),
    rule(
        "step-fits",
        ("Der Schritt passt zum Zustand des Moduls", "The step fits the module's state"),
        (
            "Reihenfolge: erst PICK, dann bearbeiten, dann DROP",
            "The order is PICK, then process, then DROP",
        ),
        lambda p, s: module.fits(s, p.serial, _command(p)),
    ),
    rule(
        "piece-there",
        ("Das Werkstück liegt, wo der Schritt es braucht", "The piece is where the step needs it"),
        (
            "PICK braucht ein leeres Modul, bearbeiten und DROP ein Werkstück darauf",
            "PICK needs an empty module, processing and DROP a piece on it",
        ),
        lambda p, s: module.piece_there(s, p.serial, _command(p)),
        unknown_passes=True,
        basis="prudence",
    ),
    rule(
        "input-there",
        ("In der Warenstation liegt ein Stück", "A piece lies in the delivery station"),
        (
            "In der Warenstation {serial} liegt kein Stück; sie bliebe bis zum Zurücksetzen belegt",
            "No piece lies in the delivery station {serial}; it would stay BUSY until a reset",
        ),
        lambda p, s: module.input_there(s, p.serial),
    ),
    rule(
        "module-answers",
        ("Modul {serial} spricht über MQTT", "Module {serial} speaks over MQTT"),
        (
            "{serial} hat kein MQTT-Gerät; es kann nicht antworten",
            "{serial} has no MQTT device; it cannot answer",
        ),
        lambda p, s: module.answers(s, p.serial),
    ),
    rule(
        "module-listed",
        ("Die CCU führt Modul {serial}", "The CCU lists module {serial}"),
        (
            "Die CCU führt kein Modul {serial}; es gibt nichts zu vergessen",
            "The CCU lists no module {serial}; there is nothing to forget",
        ),
        lambda p, s: factory.listed(module.module(s, p.serial), s),
    ),
    rule(
        "duration-differs",
        ("{serial} hat noch eine andere Dauer", "{serial} still has another time"),
        ("{serial} hat schon {duration} s", "{serial} has {duration} s already"),
        lambda p, s: no(module.duration_is(s, p.serial, p.duration)),
        unknown_passes=True,
    ),
    rule(
        "store-has",
        ("HBW meldet ein Stück {colour}", "The HBW reports a {colour} piece"),
        ("HBW meldet kein Stück {colour}", "The HBW reports no {colour} piece"),
        lambda p, s: module.stores(s, p.serial, p.colour),
    ),
    rule(
        "store-room",
        ("HBW meldet ein leeres Fach", "The HBW reports an empty bay"),
        ("HBW meldet kein leeres Fach", "The HBW reports no empty bay"),
        lambda p, s: module.has_room(s, p.serial),
    ),
    rule(
        "warehouse",
        ("{serial} ist ein Hochregallager", "{serial} is a high-bay warehouse"),
        ("{serial} ist kein Hochregallager", "{serial} is no high-bay warehouse"),
        lambda p, s: module.of_type(s, p.serial, (WAREHOUSE,)),
    ),
    rule(
        "delivery",
        ("{serial} ist eine Warenstation (DPS)", "{serial} is a delivery station (DPS)"),
        ("{serial} ist keine Warenstation (DPS)", "{serial} is no delivery station (DPS)"),
        lambda p, s: module.of_type(s, p.serial, (factory.DELIVERY,)),
    ),
    rule(
        "duration-settable",
        ("{serial} hat eine Bearbeitungsdauer", "{serial} has a processing time"),
        ("Nur MILL, DRILL und OVEN haben eine Dauer", "Only MILL, DRILL and OVEN have one"),
        lambda p, s: module.of_type(s, p.serial, ("MILL", "DRILL", "OVEN")),
    ),
    rule(
        "calibratable",
        ("{serial} lässt sich kalibrieren", "{serial} can be calibrated"),
        ("{serial} lässt sich nicht kalibrieren", "{serial} cannot be calibrated"),
        lambda p, s: module.calibratable(s, p.serial),
    ),
    rule(
        "calibration-idle",
        ("Die CCU bearbeitet keinen Auftrag", "The CCU works on no order"),
        (
            "Die CCU bearbeitet Aufträge; die Kalibrierung hielte sie auf",
            "The CCU works on orders; a calibration would hold them up",
        ),
        lambda _, s: factory.ccu_idle(s),
        # The end of a calibration is what an order may be waiting for.
        applies=lambda p: p.command != "stopCalibration",
        unknown_passes=True,
        basis="prudence",
    ),
    rule(
        "calibration-open",
        ("{serial} ist im passenden Modus für {command}", "{serial} is in the mode for {command}"),
        (
            "Erst startCalibration, wenn das Modul bereit ist; alles andere nur danach",
            "First startCalibration while the module is READY; all else only after it",
        ),
        lambda p, s: module.calibration_open(s, p.serial, p.command),
    ),
    rule(
        "module-resettable",
        ("{serial} kennt den Einzel-Reset", "{serial} knows the single reset"),
        ("{serial} hört nur auf den Fabrik-Reset", "{serial} obeys only the factory reset"),
        lambda p, s: module.of_type(s, p.serial, ("HBW", "DPS", "AIQS")),
    ),
    rule(
        "park-ready",
        ("DPS und HBW sind bereit", "DPS and HBW are ready"),
        ("DPS oder HBW arbeitet gerade oder ist blockiert", "DPS or HBW is busy or blocked"),
        lambda _, s: module.all_ready(s, (factory.DELIVERY, WAREHOUSE)),
    ),
    rule(
        "module-gone",
        ("Modul {serial} ist nicht verbunden", "Module {serial} is not connected"),
        (
            "Modul {serial} ist verbunden und käme sofort wieder",
            "Module {serial} is connected and would return at once",
        ),
        lambda p, s: no(factory.connected(module.module(s, p.serial))),
        unknown_passes=True,
        basis="prudence",
    ),
)
