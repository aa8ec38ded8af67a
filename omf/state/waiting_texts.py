"""What an order may wait for, and what to do about it, in German and English."""

from collections.abc import Mapping
from typing import Literal, NamedTuple, TypeAlias

WaitCause: TypeAlias = Literal[
    "queue",
    "ccu-silent",
    "bridge-down",
    "module-unpaired",
    "module-lost",
    "module-silent",
    "module-plc",
    "module-fatal",
    "module-failed",
    "module-paused",
    "module-blocked",
    "module-taken",
    "module-busy",
    "module-input",
    "module-race",
    "module-idle",
    "vehicle-none",
    "vehicle-unlisted",
    "vehicle-lost",
    "vehicle-silent",
    "vehicle-fatal",
    "vehicle-failed",
    "vehicle-position",
    "vehicle-obstacle",
    "vehicle-charging",
    "vehicle-blocked",
    "vehicle-taken",
    "vehicle-busy",
    "vehicle-full",
    "vehicle-way",
    "vehicle-idle",
    "unexplained",
]


class WaitText(NamedTuple):
    """The sentence after "The order ...", and the advice; braces are filled with what was found."""

    de: str
    en: str
    action_de: str
    action_en: str
    ordinary: bool = False
    """Traffic: it ends by itself, nobody has to do anything."""


_NETWORK = ("Strom und Netz des Geräts prüfen.", "Check power and network of the device.")
_RESET_FTS = (
    "FTS ansehen, dann zurücksetzen und vor der DPS andocken lassen.",
    "Look at the vehicle, then reset it and let it dock at the DPS.",
)
_NOTHING = ("Nichts zu tun.", "Nothing to do.")

WAIT_TEXTS: Mapping[WaitCause, WaitText] = {
    "queue": WaitText(
        "wartet, bis einer der laufenden Aufträge endet ({count} laufen)",
        "waits until one of the running orders ends ({count} run)",
        *_NOTHING,
        ordinary=True,
    ),
    "ccu-silent": WaitText(
        "wartet auf die CCU: sie schweigt",
        "waits for the CCU: it is silent",
        "CCU und Broker prüfen.",
        "Check CCU and broker.",
    ),
    "bridge-down": WaitText(
        "wartet auf {device}: Node-RED ist nicht da, kein Modul ist erreichbar",
        "waits for {device}: Node-RED is away, no module can be reached",
        "Nach einem Zurücksetzen 10 s warten, sonst Node-RED neu starten.",
        "Wait 10 s after a reset, else restart Node-RED.",
    ),
    "module-unpaired": WaitText(
        "wartet auf {device}: die CCU hat kein solches Modul gepaart",
        "waits for {device}: the CCU has paired no such module",
        "Modul einschalten und ans Netz bringen; fehlt es im Anlagenplan, dort eintragen.",
        "Switch the module on and connect it; if the layout does not name it, add it there.",
    ),
    "module-lost": WaitText(
        "wartet auf {device}: Verbindung verloren",
        "waits for {device}: connection lost",
        *_NETWORK,
    ),
    "module-silent": WaitText(
        "wartet auf {device}: das Modul schweigt",
        "waits for {device}: the module is silent",
        "Gerät, Node-RED und Netz prüfen.",
        "Check device, Node-RED and network.",
    ),
    "module-plc": WaitText(
        "wartet auf {device}: Node-RED erreicht die SPS nicht",
        "waits for {device}: Node-RED does not reach the PLC",
        "SPS und Netz des Moduls prüfen.",
        "Check PLC and network of the module.",
    ),
    "module-fatal": WaitText(
        "wartet auf {device}: schwerer Fehler {error}",
        "waits for {device}: fatal error {error}",
        "Ursache am Gerät beheben, dann {mend}.",
        "Remove the cause at the device, then {mend}.",
    ),
    "module-failed": WaitText(
        "wartet auf {device}: das Modul {act}, die CCU wartet weiter darauf",
        "waits for {device}: the module {act}, the CCU keeps waiting for it",
        "Werkstück prüfen, dann die Anlage zurücksetzen.",
        "Check the workpiece, then reset the factory.",
    ),
    "module-paused": WaitText(
        "wartet auf {device}: das Modul wird kalibriert oder ist geparkt",
        "waits for {device}: the module is being calibrated or is parked",
        "Kalibrierung beenden.",
        "End the calibration.",
    ),
    "module-blocked": WaitText(
        "wartet auf {device}: das Modul ist blockiert",
        "waits for {device}: the module is blocked",
        "Nach einem Zurücksetzen kurz warten; sonst Werkstück entfernen und {mend}.",
        "Wait a moment after a reset; else remove the workpiece and {mend}.",
    ),
    "module-taken": WaitText(
        "wartet auf {device}: belegt von {order}",
        "waits for {device}: taken by {order}",
        *_NOTHING,
        ordinary=True,
    ),
    "module-busy": WaitText(
        "wartet auf {device}: das Modul arbeitet",
        "waits for {device}: the module is busy",
        *_NOTHING,
        ordinary=True,
    ),
    "module-input": WaitText(
        "wartet auf {device}: dort liegt ein Werkstück, das noch eingelagert werden muss",
        "waits for {device}: it holds a workpiece that has still to be stored",
        *_NOTHING,
        ordinary=True,
    ),
    "module-race": WaitText(
        "wartet auf {device}: die CCU hält das Modul für niemanden fest (bekannter Fehler)",
        "waits for {device}: the CCU keeps the module for nobody (known fault)",
        "Nur ein Zurücksetzen der Anlage hilft.",
        "Only a factory reset helps.",
    ),
    "module-idle": WaitText(
        "wartet auf {device}: der Befehl ging hinaus, das Modul hat nicht begonnen",
        "waits for {device}: the command went out, the module has not begun",
        "Modul ansehen; der Befehl kann verloren sein, dann hilft nur ein Zurücksetzen der Anlage.",
        "Look at the module; the command may be lost, then only a factory reset helps.",
    ),
    "vehicle-none": WaitText(
        "wartet auf ein FTS: keines ist bekannt",
        "waits for a vehicle: none is known",
        "FTS einschalten.",
        "Switch a vehicle on.",
    ),
    "vehicle-unlisted": WaitText(
        "wartet auf {device}: die CCU kennt das FTS nicht",
        "waits for {device}: the CCU does not know the vehicle",
        "FTS aus- und wieder einschalten oder zurücksetzen, dann andocken lassen.",
        "Switch the vehicle off and on or reset it, then let it dock.",
    ),
    "vehicle-lost": WaitText(
        "wartet auf {device}: Verbindung verloren",
        "waits for {device}: connection lost",
        *_NETWORK,
    ),
    "vehicle-silent": WaitText(
        "wartet auf {device}: das FTS schweigt",
        "waits for {device}: the vehicle is silent",
        *_NETWORK,
    ),
    "vehicle-fatal": WaitText(
        "wartet auf {device}: schwerer Fehler {error}",
        "waits for {device}: fatal error {error}",
        *_RESET_FTS,
    ),
    "vehicle-failed": WaitText(
        "wartet auf {device}: das FTS {act}",
        "waits for {device}: the vehicle {act}",
        *_RESET_FTS,
    ),
    "vehicle-position": WaitText(
        "wartet auf {device}: seine Position ist unbekannt",
        "waits for {device}: its position is unknown",
        "FTS vor die DPS stellen und andocken lassen.",
        "Put the vehicle before the DPS and let it dock.",
    ),
    "vehicle-obstacle": WaitText(
        "wartet auf {device}: ein Hindernis steht im Weg",
        "waits for {device}: an obstacle is in the way",
        "Weg frei machen; das FTS fährt von selbst weiter.",
        "Clear the way; the vehicle goes on by itself.",
    ),
    "vehicle-charging": WaitText(
        "wartet auf {device}: es lädt",
        "waits for {device}: it is charging",
        "Soll es gleich weitergehen, das Laden beenden.",
        "To go on at once, end the charging.",
        ordinary=True,
    ),
    "vehicle-blocked": WaitText(
        "wartet auf {device}: die CCU hat das FTS gesperrt",
        "waits for {device}: the CCU has blocked the vehicle",
        *_RESET_FTS,
    ),
    "vehicle-taken": WaitText(
        "wartet auf {device}: fährt für {order}",
        "waits for {device}: it drives for {order}",
        *_NOTHING,
        ordinary=True,
    ),
    "vehicle-busy": WaitText(
        "wartet auf {device}: es ist unterwegs",
        "waits for {device}: it is on its way",
        *_NOTHING,
        ordinary=True,
    ),
    "vehicle-full": WaitText(
        "wartet auf {device}: alle Lastplätze sind belegt",
        "waits for {device}: all its bays are taken",
        *_NOTHING,
        ordinary=True,
    ),
    "vehicle-way": WaitText(
        "wartet auf {device}: {other} steht im Weg",
        "waits for {device}: {other} is in its way",
        *_NOTHING,
        ordinary=True,
    ),
    "vehicle-idle": WaitText(
        "wartet auf {device}: der Fahrauftrag ging hinaus, das FTS fährt nicht",
        "waits for {device}: the drive was ordered, the vehicle does not go",
        *_RESET_FTS,
    ),
    "unexplained": WaitText(
        "wartet; nichts steht ihm im Weg, die CCU schickt den Schritt nicht los",
        "waits; nothing is in its way, the CCU does not send the step",
        "CCU ansehen; bleibt es so, die Anlage zurücksetzen.",
        "Look at the CCU; if it stays so, reset the factory.",
    ),
}
