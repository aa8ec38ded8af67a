"""What the report says, in both languages."""

from typing import NamedTuple

from services.replay.settings import REPORT_LANGUAGES


class Wording(NamedTuple):
    """One text in both languages."""

    de: str
    en: str


REPORT_WORDS: dict[str, tuple[str, str]] = {
    "title": ("Sitzungsbericht", "Session report"),
    "orders": ("Aufträge", "Orders"),
    "orders_hint": (
        "Grau: Arbeit, hell: Fahrt, Linie: Warten. Farbe nur, wo etwas nicht üblich ist.",
        "Grey: work, light: drive, line: waiting. Colour only where something is unusual.",
    ),
    "devices": ("Geräte", "Devices"),
    "devices_hint": (
        "Wann welches Gerät für einen Auftrag tätig war, und wie viel der Zeit.",
        "When each device worked for an order, and how much of the time.",
    ),
    "steps": ("Schritte je Auftrag", "Steps of each order"),
    "steps_hint": (
        "Balken: Befehl bis Fertigmeldung. Strich darunter: übliche Spanne. Punkte: Warten.",
        "Bar: from the order to its reported end. Line below: usual range. Dots: waiting.",
    ),
    "rate": ("Nachrichten", "Messages"),
    "rate_hint": (
        "Nachrichten je {bucket} s nach Prioritätsklasse; Stille ist rot unterlegt.",
        "Messages per {bucket} s by priority class; silence is marked red.",
    ),
    "silences": ("Stille", "Silences"),
    "alarms": ("Alarme", "Alarms"),
    "losses": ("Lücken und Neustarts", "Gaps and reboots"),
    "losses_hint": (
        "Nach headerId. Die Brücke eines Moduls zählt über alle seine Topics gemeinsam.",
        "By headerId. The bridge of a module counts over all its topics together.",
    ),
    "rejects": ("Unlesbare Nachrichten", "Unreadable messages"),
    "drift": ("Nicht Beschriebenes", "Not described"),
    "topics": ("Topics", "Topics"),
    "end": ("Zustand am Ende", "State at the end"),
    "compare": ("Vergleich", "Comparison"),
    "compare_hint": ("A ist {a}, B ist {b}.", "A is {a}, B is {b}."),
    "none": ("Keine.", "None."),
    "all_usual": ("Alles im üblichen Rahmen.", "Everything within the usual."),
    "stands_out": ("Was auffällt", "What stands out"),
    "span": ("{date}, {begin} bis {end} UTC", "{date}, {begin} to {end} UTC"),
    "facts": (
        "{duration} · {messages} Nachrichten · {topics} Topics · {orders} Aufträge",
        "{duration} · {messages} messages · {topics} topics · {orders} orders",
    ),
    "carried": ("{count} ältere Aufträge", "{count} older orders"),
    "order": ("Auftrag", "Order"),
    "state": ("Zustand", "State"),
    "duration": ("Dauer", "Duration"),
    "alone": ("allein üblich", "usual alone"),
    "waited": ("davon Warten", "of it waiting"),
    "begin": ("Beginn", "Begin"),
    "topic": ("Topic", "Topic"),
    "class": ("Klasse", "Class"),
    "count": ("Anzahl", "Count"),
    "bytes": ("kB", "kB"),
    "retained": ("retained", "retained"),
    "per_minute": ("je Minute", "per minute"),
    "usual": ("üblich", "usual"),
    "source": ("Absender", "Sender"),
    "missing": ("fehlend", "missing"),
    "reboots": ("Neustarts", "Reboots"),
    "received": ("empfangen", "received"),
    "uncountable": ("nicht zählbar (F.23)", "not countable (F.23)"),
    "at": ("bei", "at"),
    "last": ("bis", "until"),
    "reason": ("Grund", "Reason"),
    "what": ("Was", "What"),
    "times": ("Mal", "Times"),
    "step": ("Schritt", "Step"),
    "device": ("Gerät", "Device"),
    "connection": ("Verbindung", "Connection"),
    "available": ("Verfügbar", "Available"),
    "node": ("Ort", "Position"),
    "battery": ("Batterie %", "Battery %"),
    "stock": ("Lager", "Stock"),
    "active": ("Offene Aufträge", "Active orders"),
    "anybody": ("alle", "everybody"),
    "to_the_end": ("bis zum Ende", "to the end"),
    "verdict.usual": ("üblich", "usual"),
    "verdict.slow": ("langsam", "slow"),
    "verdict.fast": ("schnell", "fast"),
    "verdict.failed": ("fehlgeschlagen", "failed"),
    "verdict.cancelled": ("abgebrochen", "cancelled"),
    "verdict.skipped": ("nicht nötig", "not needed"),
    "verdict.open": ("läuft am Ende noch", "still running at the end"),
    "verdict.waiting": ("nicht begonnen", "not begun"),
    "verdict.unknown": ("ohne Vergleichswert", "nothing to compare with"),
    "out.failed": ("{order}: {step} fehlgeschlagen", "{order}: {step} failed"),
    "out.slow": (
        "{order}: {step} dauerte {took}, üblich {usual}",
        "{order}: {step} took {took}, usually {usual}",
    ),
    "out.open": ("{order}: am Ende noch offen", "{order}: still open at the end"),
    "out.vanished": (
        "{order}: ohne Ende verschwunden (Zurücksetzen)",
        "{order}: gone without an end (reset)",
    ),
    "out.alarm": ("Alarm ({at}): {text}", "Alarm ({at}): {text}"),
    "out.gaps": (
        "{source}: {missing} Nachrichten fehlen in der Sitzung",
        "{source}: {missing} messages are missing from the session",
    ),
    "out.reboot": ("{source}: neu gestartet ({at})", "{source}: rebooted ({at})"),
    "out.silence": (
        "{source}: {length} s Stille ({at})",
        "{source}: {length} s of silence ({at})",
    ),
    "out.rejects": (
        "{count} Nachrichten waren nicht lesbar",
        "{count} messages could not be read",
    ),
    "count_a": ("Anzahl A", "Count A"),
    "count_b": ("Anzahl B", "Count B"),
    "duration_a": ("Dauer A", "Duration A"),
    "duration_b": ("Dauer B", "Duration B"),
    "per_minute_a": ("je Minute A", "per minute A"),
    "per_minute_b": ("je Minute B", "per minute B"),
    "only_a": ("Alarme nur in A", "Alarms only in A"),
    "only_b": ("Alarme nur in B", "Alarms only in B"),
    "states_a": ("Ausgang A", "Outcome A"),
    "states_b": ("Ausgang B", "Outcome B"),
    "traffic.identical": (
        "Beide Sitzungen sind gleich: dieselben Nachrichten in derselben Reihenfolge.",
        "Both sessions are identical: the same messages in the same order.",
    ),
    "traffic.interleaved": (
        "Auf jedem Topic dasselbe in derselben Reihenfolge; zwischen den Topics in anderer.",
        "On each topic the same in the same order; between the topics in another.",
    ),
    "traffic.counts": (
        "Auf jedem Topic gleich viele Nachrichten; auf diesen mit anderem Inhalt:",
        "The same number of messages on every topic; on these with other content:",
    ),
    "traffic.different": (
        "Topics mit anderer Anzahl oder anderem Inhalt:",
        "Topics with another count or other content:",
    ),
}
"""German, English; `{name}` is filled in."""


def say(language: str, key: str, **values: object) -> str:
    """The words in one language, as plain text."""
    return REPORT_WORDS[key][REPORT_LANGUAGES.index(language)].format(**values)


def both(key: str, **values: object) -> Wording:
    """The words in both languages; the page shows one of them."""
    return Wording(*(say(language, key, **values) for language in REPORT_LANGUAGES))


def decimal(value: float | None) -> Wording | None:
    """One digit behind the comma of the reader's language."""
    if value is None:
        return None
    text = f"{value:.1f}"
    return Wording(text.replace(".", ","), text)


def minutes(seconds: float | None) -> str:
    """`0:46`, `1:02:03`; a dash where it is not known."""
    if seconds is None:
        return "–"
    whole = round(seconds)
    hours, rest = divmod(whole, 3600)
    return f"{hours}:{rest // 60:02}:{rest % 60:02}" if hours else f"{rest // 60}:{rest % 60:02}"
