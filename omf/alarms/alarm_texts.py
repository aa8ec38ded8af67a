"""What each alarm says and advises, in German and English."""

from collections.abc import Mapping
from typing import Literal, NamedTuple, TypeAlias

Severity: TypeAlias = Literal["critical", "warning", "communication", "advisory"]


class AlarmText(NamedTuple):
    """Severity and words of one rule; braces are filled with what was found."""

    severity: Severity
    de: str
    en: str
    action_de: str
    action_en: str


TEXTS: Mapping[str, AlarmText] = {
    "device-fatal": AlarmText(
        "critical",
        "{device}: schwerer Fehler {error}",
        "{device}: fatal error {error}",
        "Ursache am Gerät beheben, dann {mend}.",
        "Remove the cause at the device, then {mend}.",
    ),
    "danger": AlarmText(
        "critical",
        "Sensor {device} meldet {what}",
        "Sensor {device} reports {what}",
        "Anlage ansehen; bei Gefahr Strom abschalten. Ein Not-Halt per Software gibt es nicht.",
        "Look at the factory; cut the power if in danger. There is no emergency stop by software.",
    ),
    "collision": AlarmText(
        "warning",
        "{device} steht vor einem Hindernis",
        "{device} is stopped by an obstacle",
        "Weg frei machen; das FTS fährt von selbst weiter.",
        "Clear the way; the vehicle goes on by itself.",
    ),
    "action-failed": AlarmText(
        "warning",
        "Aktion gescheitert: {device} {act}",
        "Action failed: {device} {act}",
        "Die CCU wartet weiter auf das Ende. Werkstück prüfen, dann {mend}.",
        "The CCU keeps waiting for the end. Check the workpiece, then {mend}.",
    ),
    "order-stuck": AlarmText(
        "warning",
        "Die CCU hält die {device} für niemanden fest; es hängt: {orders}",
        "The CCU keeps the {device} for nobody; stuck: {orders}",
        "Bekannter Fehler der CCU; nur ein Zurücksetzen der Anlage hilft.",
        "Known fault of the CCU; only a factory reset helps.",
    ),
    "order-standstill": AlarmText(
        "warning",
        "Auftrag {order} steht seit mehr als {minutes} Minuten: {wait}",
        "Order {order} has not moved for more than {minutes} minutes: {wait}",
        "{action}",
        "{action}",
    ),
    "order-held-up": AlarmText(
        "warning",
        "Auftrag {order} {wait}",
        "Order {order} {wait}",
        "{action}",
        "{action}",
    ),
    "module-unpaired": AlarmText(
        "warning",
        "{device} fehlt: die CCU hat kein solches Modul gepaart, es wartet: {orders}",
        "{device} is missing: the CCU has paired no such module, waiting: {orders}",
        "Modul einschalten und ans Netz bringen; fehlt es im Anlagenplan, dort eintragen.",
        "Switch the module on and connect it; if the layout does not name it, add it there.",
    ),
    "request-unanswered": AlarmText(
        "advisory",
        "Auftragswunsch {request} blieb ohne Antwort: abgelehnt",
        "Order request {request} was not answered: refused",
        "Bestand der Farbe, freie Lagerplätze und den Ablauf prüfen; die CCU nennt keinen Grund.",
        "Check stock of the colour, free bays and flow; the CCU gives no reason.",
    ),
    "stock-conflict": AlarmText(
        "warning",
        "Lagerplatz {bay}: laut CCU {ccu}, laut {teller} {told}",
        "Bay {bay}: by the CCU {ccu}, by {teller} {told}",
        "Lagerplatz ansehen und den Bestand berichtigen.",
        "Look into the bay and correct the stock.",
    ),
    "retained-command": AlarmText(
        "warning",
        "Der Broker bewahrt einen Befehl auf: {topic}",
        "The broker retains a command: {topic}",
        "Der Empfänger führt ihn bei jeder Verbindung erneut aus. {clearing}",
        "The receiver carries it out again at each reconnect. {clearing}",
    ),
    "connection-lost": AlarmText(
        "communication",
        "{device} nicht erreichbar: {state}",
        "{device} cannot be reached: {state}",
        "Strom und Netz des Geräts prüfen.",
        "Check power and network of the device.",
    ),
    "device-silent": AlarmText(
        "communication",
        "{device} schweigt seit mehr als {limit} s",
        "{device} has been silent for more than {limit} s",
        "Gerät, Node-RED und Netz prüfen; der letzte Zustand kann falsch sein.",
        "Check device, Node-RED and network; the last state may be wrong.",
    ),
    "vehicle-unlisted": AlarmText(
        "communication",
        "Die CCU kennt {device} nicht: sie schickt es nirgends hin",
        "The CCU does not know {device}: it sends it nowhere",
        "{device} aus- und wieder einschalten oder zurücksetzen, dann andocken lassen.",
        "Switch {device} off and on or reset it, then let it dock.",
    ),
    "bridge-down": AlarmText(
        "communication",
        "Node-RED ist nicht da: kein Modul ist erreichbar",
        "Node-RED is away: no module can be reached",
        "Nach einem Zurücksetzen 10 s warten, sonst Node-RED neu starten.",
        "Wait 10 s after a reset, else restart Node-RED.",
    ),
    "ccu-silent": AlarmText(
        "communication",
        "Die CCU schweigt",
        "The CCU is silent",
        "CCU und Broker prüfen; Aufträge werden jetzt nicht angenommen.",
        "Check CCU and broker; orders are not accepted now.",
    ),
    "subscription-refused": AlarmText(
        "communication",
        "Der Broker verweigert {filters}: was dort gesagt wird, fehlt hier",
        "The broker refuses {filters}: what is told there is missing here",
        "In der Zugriffsliste des Brokers dem Konto von ingest erlauben, das zu lesen.",
        "Let the account of ingest read it in the access list of the broker.",
    ),
    "sensor-silent": AlarmText(
        "communication",
        "Sensor {device} schweigt",
        "Sensor {device} is silent",
        "Sensor, Controller und Netz prüfen; der gezeigte Wert ist alt.",
        "Check sensor, controller and network; the value shown is old.",
    ),
    "camera-silent": AlarmText(
        "communication",
        "Die Kamera sendet kein Bild",
        "The camera sends no picture",
        "Kamera einschalten oder den DPS-Controller prüfen.",
        "Switch the camera on or check the DPS controller.",
    ),
    "plc-lost": AlarmText(
        "communication",
        "{device}: Node-RED erreicht die SPS nicht",
        "{device}: Node-RED does not reach the PLC",
        "SPS und Netz des Moduls prüfen.",
        "Check PLC and network of the module.",
    ),
    "device-blocked": AlarmText(
        "advisory",
        "{device} ist blockiert",
        "{device} is blocked",
        "Kalibrierung beenden, Werkstück entfernen oder {mend}.",
        "End the calibration, remove the workpiece or {mend}.",
    ),
    "position-unknown": AlarmText(
        "advisory",
        "{device} kennt seine Position nicht",
        "{device} does not know its position",
        "FTS vor die DPS stellen und andocken lassen.",
        "Put the vehicle before the DPS and let it dock.",
    ),
    "battery-low": AlarmText(
        "advisory",
        "{device}: Batterie {percent} %, Schwelle {limit} %",
        "{device}: battery {percent} %, threshold {limit} %",
        "FTS laden.",
        "Charge the vehicle.",
    ),
    "quality-failed": AlarmText(
        "advisory",
        "Auftrag {order}: Qualitätsprüfung nicht bestanden",
        "Order {order}: quality check not passed",
        "Schlechtes Werkstück wegräumen; bei Bedarf neu bestellen.",
        "Take the bad workpiece away; order again if needed.",
    ),
    "ccu-restarted": AlarmText(
        "advisory",
        "Die CCU hat neu begonnen; verloren: {orders}",
        "The CCU has begun anew; lost: {orders}",
        "Werkstücke von Modulen und FTS nehmen, nach ihrem Zurücksetzen neu bestellen.",
        "Take the workpieces off modules and vehicles; order again after it has reset the factory.",
    ),
    "orders-lost": AlarmText(
        "advisory",
        "Beim Zurücksetzen verloren: {orders}",
        "Lost in the reset: {orders}",
        "Werkstücke von Modulen und FTS nehmen und neu bestellen.",
        "Take the workpieces off modules and vehicles and order again.",
    ),
    "version-mismatch": AlarmText(
        "advisory",
        "Version passt nicht zur CCU {version}: {modules}",
        "Version does not match the CCU {version}: {modules}",
        "Versionen von CCU und Modulen angleichen.",
        "Bring CCU and modules to matching versions.",
    ),
    "layout-unusable": AlarmText(
        "advisory",
        "Der Anlagenplan der CCU ist nicht ganz brauchbar: {fault}",
        "The layout of the CCU cannot be used as a whole: {fault}",
        "Plan berichtigen; was genannt ist, wird bis dahin nicht gezeichnet und nicht befahren.",
        "Correct the layout; what is named is neither drawn nor driven until then.",
    ),
    "messages-rejected": AlarmText(
        "advisory",
        "Unlesbare Nachrichten, zuletzt {topic}",
        "Unreadable messages, last {topic}",
        "Nachricht ansehen: Absender oder Katalog ist falsch.",
        "Look at the message: its sender or the catalogue is wrong.",
    ),
    "message-partly-read": AlarmText(
        "advisory",
        "{topic}: {fault}; der Rest der Nachricht gilt",
        "{topic}: {fault}; the rest of the message is used",
        "Nachricht ansehen und den Absender berichtigen; die genannte Angabe gilt als unbekannt.",
        "Look at the message and correct its sender; what is named counts as unknown.",
    ),
    "topics-overflow": AlarmText(
        "advisory",
        "Mehr als {limit} Topics: die am längsten stillen verlassen den Baum",
        "More than {limit} topics: those silent longest leave the tree",
        "Nachsehen, wer den Broker mit erfundenen Topics füllt.",
        "Find who fills the broker with invented topics.",
    ),
    "topic-unlisted": AlarmText(
        "advisory",
        "Topic mit mehr als {limit} Zeichen wird nicht aufgelistet: {topic}…",
        "Topic of more than {limit} characters is not listed: {topic}…",
        "Absender suchen, Topic kürzen. Seine Nachrichten stehen in der Nachrichten-Zentrale.",
        "Find the sender and shorten the topic. Its messages are in the message centre.",
    ),
    "crowded-out": AlarmText(
        "advisory",
        "Zu viele {kinds}: {count} am längsten stille wichen neueren",
        "Too many {kinds}: {count} silent longest left for newer ones",
        "Nachsehen, wer erfundene Seriennummern oder Namen sendet.",
        "Find who sends invented serial numbers or names.",
    ),
}
