"""What each alarm says and advises, in German and English."""

from collections.abc import Mapping
from typing import Literal, NamedTuple, TypeAlias

Severity: TypeAlias = Literal["critical", "warning", "communication", "advisory"]


class Text(NamedTuple):
    """Severity and words of one rule; braces are filled with what was found."""

    severity: Severity
    de: str
    en: str
    action_de: str
    action_en: str


TEXTS: Mapping[str, Text] = {
    "device-fatal": Text(
        "critical",
        "{device}: schwerer Fehler {type}",
        "{device}: fatal error {type}",
        "Ursache am Gerät beheben, dann das Gerät zurücksetzen.",
        "Remove the cause at the device, then reset the device.",
    ),
    "danger": Text(
        "critical",
        "Sensor {device} meldet {what}",
        "Sensor {device} reports {what}",
        "Anlage ansehen; bei Gefahr Strom abschalten. Ein Not-Halt per Software gibt es nicht.",
        "Look at the factory; cut the power if in danger. There is no emergency stop by software.",
    ),
    "collision": Text(
        "warning",
        "FTS {device} steht vor einem Hindernis",
        "Vehicle {device} is stopped by an obstacle",
        "Weg frei machen; das FTS fährt von selbst weiter.",
        "Clear the way; the vehicle goes on by itself.",
    ),
    "action-failed": Text(
        "warning",
        "{device}: {command} ist fehlgeschlagen",
        "{device}: {command} failed",
        "Die CCU wartet weiter auf FINISHED. Werkstück prüfen, dann die Anlage zurücksetzen.",
        "The CCU keeps waiting for FINISHED. Check the workpiece, then reset the factory.",
    ),
    "order-stuck": Text(
        "warning",
        "Auftrag {order} wartet, obwohl ein FTS bereit ist",
        "Order {order} waits although a vehicle is ready",
        "Bekannter Fehler der CCU bei Einlagerungen; nur ein Zurücksetzen der Anlage hilft.",
        "Known fault of the CCU with storage orders; only a factory reset helps.",
    ),
    "order-standstill": Text(
        "warning",
        "Auftrag {order} steht seit mehr als {minutes} Minuten bei {step}",
        "Order {order} has not moved for more than {minutes} minutes, it is at {step}",
        "Nachsehen, worauf der laufende Schritt wartet: Modul, FTS oder Werkstück.",
        "See what the running step waits for: module, vehicle or workpiece.",
    ),
    "request-unanswered": Text(
        "advisory",
        "Auftragswunsch {request} blieb ohne Antwort: abgelehnt",
        "Order request {request} was not answered: refused",
        "Bestand der Farbe, freie Lagerplätze und den Ablauf prüfen; die CCU nennt keinen Grund.",
        "Check stock of the colour, free bays and flow; the CCU gives no reason.",
    ),
    "stock-conflict": Text(
        "warning",
        "Lagerplatz {bay}: CCU {ccu}, {teller} {told}",
        "Bay {bay}: CCU {ccu}, {teller} {told}",
        "Lagerplatz ansehen und den Bestand berichtigen.",
        "Look into the bay and correct the stock.",
    ),
    "retained-command": Text(
        "warning",
        "Der Broker bewahrt einen Befehl auf: {topic}",
        "The broker retains a command: {topic}",
        "Löschen: Der Empfänger führt ihn sonst bei jeder Verbindung erneut aus.",
        "Clear it: the receiver would carry it out again at each reconnect.",
    ),
    "connection-lost": Text(
        "communication",
        "{device}: Verbindung {state}",
        "{device}: connection {state}",
        "Strom und Netz des Geräts prüfen.",
        "Check power and network of the device.",
    ),
    "device-silent": Text(
        "communication",
        "{device} schweigt, gemeldet war {state}",
        "{device} is silent, it last said {state}",
        "Gerät, Node-RED und Netz prüfen; der letzte Zustand kann falsch sein.",
        "Check device, Node-RED and network; the last state may be wrong.",
    ),
    "bridge-down": Text(
        "communication",
        "Node-RED ist {state}: kein Modul ist erreichbar",
        "Node-RED is {state}: no module can be reached",
        "Nach einem Zurücksetzen 10 s warten, sonst Node-RED neu starten.",
        "Wait 10 s after a reset, else restart Node-RED.",
    ),
    "ccu-silent": Text(
        "communication",
        "Die CCU schweigt",
        "The CCU is silent",
        "CCU und Broker prüfen; Aufträge werden jetzt nicht angenommen.",
        "Check CCU and broker; orders are not accepted now.",
    ),
    "sensor-silent": Text(
        "communication",
        "Sensor {device} schweigt",
        "Sensor {device} is silent",
        "Sensor, Controller und Netz prüfen; der gezeigte Wert ist alt.",
        "Check sensor, controller and network; the value shown is old.",
    ),
    "camera-silent": Text(
        "communication",
        "Die Kamera sendet kein Bild",
        "The camera sends no picture",
        "Kamera einschalten oder den DPS-Controller prüfen.",
        "Switch the camera on or check the DPS controller.",
    ),
    "plc-lost": Text(
        "communication",
        "{device}: Node-RED erreicht die SPS nicht ({state})",
        "{device}: Node-RED does not reach the PLC ({state})",
        "SPS und Netz des Moduls prüfen.",
        "Check PLC and network of the module.",
    ),
    "device-blocked": Text(
        "advisory",
        "{device} ist blockiert",
        "{device} is blocked",
        "Kalibrierung beenden, Werkstück entfernen oder das Gerät zurücksetzen.",
        "End the calibration, remove the workpiece or reset the device.",
    ),
    "position-unknown": Text(
        "advisory",
        "FTS {device} kennt seine Position nicht",
        "Vehicle {device} does not know its position",
        "FTS vor die DPS stellen und andocken lassen.",
        "Put the vehicle before the DPS and let it dock.",
    ),
    "battery-low": Text(
        "advisory",
        "FTS {device}: Batterie {percent} %, Schwelle {limit} %",
        "Vehicle {device}: battery {percent} %, threshold {limit} %",
        "FTS laden.",
        "Charge the vehicle.",
    ),
    "version-mismatch": Text(
        "advisory",
        "Version passt nicht zur CCU {version}: {modules}",
        "Version does not match the CCU {version}: {modules}",
        "Versionen von CCU und Modulen angleichen.",
        "Bring CCU and modules to matching versions.",
    ),
    "layout-unusable": Text(
        "advisory",
        "Der Anlagenplan der CCU ist nicht brauchbar: {fault}",
        "The layout of the CCU cannot be used: {fault}",
        "Plan berichtigen; Fahrten können bis dahin nicht berechnet werden.",
        "Correct the layout; routes cannot be computed until then.",
    ),
    "messages-rejected": Text(
        "advisory",
        "Unlesbare Nachrichten, zuletzt {topic}",
        "Unreadable messages, last {topic}",
        "Nachricht ansehen: Absender oder Katalog ist falsch.",
        "Look at the message: its sender or the catalogue is wrong.",
    ),
    "message-partly-read": Text(
        "advisory",
        "{topic}: {fault}; der Rest der Nachricht gilt",
        "{topic}: {fault}; the rest of the message is used",
        "Nachricht ansehen und den Absender berichtigen; die genannte Angabe gilt als unbekannt.",
        "Look at the message and correct its sender; what is named counts as unknown.",
    ),
    "topics-overflow": Text(
        "advisory",
        "Mehr als {limit} Topics: die am längsten stillen verlassen den Baum",
        "More than {limit} topics: those silent longest leave the tree",
        "Nachsehen, wer den Broker mit erfundenen Topics füllt.",
        "Find who fills the broker with invented topics.",
    ),
    "topic-unlisted": Text(
        "advisory",
        "Topic mit mehr als {limit} Zeichen wird nicht aufgelistet: {topic}…",
        "Topic of more than {limit} characters is not listed: {topic}…",
        "Absender suchen, Topic kürzen. Seine Nachrichten stehen in der Nachrichten-Zentrale.",
        "Find the sender and shorten the topic. Its messages are in the message centre.",
    ),
}
