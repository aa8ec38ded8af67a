"""Every reason orders can give, in both languages."""

from datetime import UTC, datetime

from omf.commands import (
    PART_WORDS,
    RELEASE,
    Cause,
    Check,
    CommandError,
    Effect,
    Plan,
    PlanPart,
    Verdict,
)
from services.common.store.keys import Reason, Role

EXPIRED = Reason(
    id="expired",
    de="Die Frist lief ab, bevor gesendet werden konnte; es wurde nichts gesendet.",
    en="It expired before it could be sent; nothing was sent.",
)
FROM_THE_FUTURE = Reason(
    id="clock",
    de="created_at: Der Befehl trägt eine Zeit aus der Zukunft.",
    en="created_at: The command bears a time in the future.",
)
STALE_PREVIEW = Reason(
    id="stale-preview",
    de="created_at: Die Vorschau ist älter als zehn Minuten; bitte neu öffnen.",
    en="created_at: The preview is older than ten minutes; open it again.",
)
NO_LINK = Reason(
    id="no-link",
    de="Die Verbindung zur Fabrik ist unterbrochen; auf altem Stand wird nichts bewegt.",
    en="The link to the factory is down; nothing is moved on an old view.",
)
NEVER_SEEN = Reason(
    id="no-link",
    de="Zur Fabrik bestand noch keine Verbindung; ihr Zustand ist unbekannt.",
    en="There was no link to the factory yet; its state is unknown.",
)
STEP_WAITS = Reason(
    id="step-waits",
    de="Der nächste Schritt wartet auf seine Freigabe.",
    en="The next step waits for its release.",
)
STEP_UNDER_WAY = Reason(
    id="step-under-way",
    de="Der Schritt davor läuft noch; freigegeben wird erst nach seinem FINISHED.",
    en="The step before still runs; the next one is released only after its FINISHED.",
)
LAST_STEP = Reason(
    id="last-step",
    de="Der letzte Schritt läuft schon; er lässt sich nicht aufhalten.",
    en="The last step is under way already; it cannot be stopped.",
)
ABANDONED = Reason(
    id="abandoned",
    de="Der nächste Schritt wurde nicht freigegeben; Werkstück entnehmen, dann neu beginnen.",
    en="Nobody released the next step; take the piece out, then begin anew.",
)
PIECE_LEFT = Reason(
    id="piece-left",
    de="Das Werkstück kann noch im Gerät liegen: nachsehen, entnehmen, dann neu beginnen.",
    en="The piece may still be in the device: look, take it out, then begin anew.",
)
ADVISED = frozenset({"interrupted", "cancelled", "abandoned"})
"""Ids of the reasons for a bracket's end that say themselves what can be done."""
LINK_JUST_BACK = Reason(
    id="link-just-back",
    de="Die Verbindung zur Fabrik ist eben erst zurück; was inzwischen geschah, kommt noch an.",
    en="The link to the factory is only just back; what happened meanwhile is still coming in.",
)
NOTHING_TO_SEND = Reason(
    id="nothing-to-send",
    de="Aus diesem Befehl ergibt sich jetzt keine Nachricht.",
    en="Nothing would be sent for this command now.",
)
BLIND = Reason(
    id="blind",
    de="Die Verbindung zur Fabrik war unterbrochen; ob der Befehl wirkte, war nicht zu sehen.",
    en="The link to the factory was down; whether the command worked could not be seen.",
)
GATEWAY_SILENT = Reason(
    id="gateway-silent",
    de="Das Gateway meldete den Versuch, aber keinen Ausgang; die Fabrik zeigte keine Wirkung.",
    en="The gateway reported the attempt but no outcome; the factory showed no effect.",
)
AT_HAND = "local"
"""Who uses the pages at the machine itself without signing in."""
TOO_FAST = Reason(
    id="too-fast",
    de="Mehr als zehn Befehle in der Sekunde von einer Person; es wurde nichts gesendet.",
    en="More than ten commands a second from one person; nothing was sent.",
)

NOT_PASSED_ON = Reason(
    id="not-passed-on",
    de="Der Broker hat die Nachricht angenommen und an niemanden weitergegeben. Darf das Konto des "
    "Gateways auf dieses Topic schreiben (Zugriffsliste des Brokers)?",
    en="The broker took the message and passed it on to nobody. May the account of the gateway "
    "write this topic (access list of the broker)?",
)
GIVEN_UP = Reason(
    id="given-up",
    de="Fünfmal begonnen und nie entschieden; es wurde nichts gesendet. Das Protokoll von orders "
    "nennt den Fehler.",
    en="Begun five times and never decided; nothing was sent. The log of orders names the error.",
)


def old_view(age_s: float) -> Reason:
    """The factory may have changed since it was last seen."""
    return Reason(
        id="old-view",
        de=f"Der Stand der Fabrik ist {age_s:.0f} s alt; bewegt wird nur bis 5 s.",
        en=f"The view of the factory is {age_s:.0f} s old; beyond 5 s nothing is moved.",
    )


def old_proof(age_s: float) -> Reason:
    """The step before ended long ago: what the next one meant may not hold any more."""
    return Reason(
        id="old-proof",
        de=f"Der Schritt davor endete schon vor {age_s:.0f} s; nach 5 s geht nichts mehr von "
        "selbst weiter.",
        en=f"The step before ended {age_s:.0f} s ago; after 5 s nothing goes on by itself.",
    )


def environment(asked: str, own: str) -> Reason:
    """A command never crosses to another factory."""
    return Reason(
        id="environment",
        de=f"environment: Der Befehl gilt für {asked}, hier ist {own}.",
        en=f"environment: The command is meant for {asked}, this is {own}.",
    )


def role(has: Role, needed: Role) -> Reason:
    """The role is too low."""
    return Reason(
        id="role",
        de=f"role: {has.value} darf das nicht; nötig ist {needed.value}.",
        en=f"role: {has.value} may not do this; {needed.value} is needed.",
    )


def unbuildable(error: CommandError) -> Reason:
    """Unknown kind or wrong parameter, by name."""
    what = f"parameter {error.field}" if error.field else "kind"
    return Reason(id=what.replace(" ", ":"), de=error.de, en=f"{what}: {error.en}")


def unreadable(where: str, de: str, en: str) -> Reason:
    """The entry is no Command; `where` is the field, the rest is what is wrong with it."""
    return Reason(
        id=f"field:{where}",
        de=f"{where}: So ist es kein Befehl ({de}).",
        en=f"{where}: This is no command ({en}).",
    )


def interlock(check: Check) -> Reason:
    """An interlock that stands in the way, and what can be done if only prudence asks for it."""
    if not check.overridable:
        return Reason(id=check.id, de=check.de, en=check.en, basis=check.basis)
    return Reason(
        id=check.id,
        de=f"{check.de} (Vorsicht, die Fabrik täte es: mit Grund übersteuerbar)",
        en=f"{check.en} (prudence, the factory would do it: may be overridden with a reason)",
        basis=check.basis,
    )


def overridden(check: Check, why: str) -> Reason:
    """An interlock of prudence that was set aside, and why."""
    return Reason(
        id=check.id,
        de=f"Übersteuert: {check.de} (Grund: {why})",
        en=f"Overridden: {check.en} (reason: {why})",
        basis=check.basis,
    )


def override_role(has: Role) -> Reason:
    """Whoever set prudence aside may not."""
    return Reason(
        id="override-role",
        de=f"override: {has.value} darf nichts übersteuern; nötig ist supervisor.",
        en=f"override: {has.value} may override nothing; supervisor is needed.",
    )


def plan_changed(parts: tuple[PlanPart, ...], plan: Plan) -> Reason:
    """What goes out now is not what was read; `plan` is what would go out."""
    words, titles = [PART_WORDS[part] for part in parts], [step.title for step in plan.steps]
    de, en = (", ".join(getattr(one, which) for one in words) for which in ("de", "en"))
    now_de = "; ".join(f"{number}. {title.de}" for number, title in enumerate(titles, 1))
    now_en = "; ".join(f"{number}. {title.en}" for number, title in enumerate(titles, 1))
    return Reason(
        id="plan-changed",
        de=f"Der Plan hat sich geändert, seit er gelesen wurde ({de}); es wurde nichts gesendet. "
        f"Jetzt: {now_de or 'keine Nachricht'}.",
        en=f"The plan changed since it was read ({en}); nothing was sent. "
        f"Now: {now_en or 'no message'}.",
    )


def no_bracket(order_id: str) -> Reason:
    """Nothing of that order is open."""
    return Reason(
        id="no-bracket",
        de=f"order_id: Eine laufende Sequenz {order_id} gibt es nicht; siehe omf brackets.",
        en=f"order_id: There is no sequence {order_id} under way; see omf brackets.",
    )


def released(by: str) -> Reason:
    """A person let the step go."""
    de, en = person(by)
    return Reason(id="released", de=f"Freigegeben von {de}.", en=f"Released by {en}.")


def cancelled(by: str) -> Reason:
    """A person ended the bracket, and what is left to do."""
    return Reason(
        id="cancelled",
        de=f"Beendet von {person(by)[0]}: kein weiterer Schritt; Werkstück entnehmen.",
        en=f"Ended by {person(by)[1]}: no further step; take the piece out.",
    )


def steered(kind: str, step: int) -> Reason:
    """What was done to a sequence; its own life goes on under its own id."""
    if kind == RELEASE:
        de, en = f"Schritt {step + 1} freigegeben.", f"Step {step + 1} released."
    else:
        de = "Sequenz beendet: nach dem laufenden Schritt geht keiner mehr hinaus."
        en = "Sequence ended: after the step under way none goes out any more."
    return Reason(id="steered", de=de, en=en)


def verdict(found: Verdict, reason_id: str = "proof") -> Reason:
    """What the factory said, in words."""
    return Reason(id=reason_id, de=found.de, en=found.en)


def silence(effect: Effect) -> Reason:
    """The factory did not show what was expected, or it was so before."""
    if effect.already:
        return Reason(
            id="nothing-to-change",
            de=f"Es war schon so, es gab nichts zu ändern; nichts Neues zeigte: {effect.text.de}.",
            en="It was so already, there was nothing to change; nothing new showed: "
            f"{effect.text.en}.",
        )
    return Reason(
        id="silence",
        de=f"Binnen {effect.window_s:.0f} s blieb aus: {effect.text.de}.",
        en=f"Within {effect.window_s:.0f} s there was no sign of: {effect.text.en}.",
    )


def cause(likely: Cause) -> Reason:
    """Why the factory probably stayed silent."""
    return Reason(id=likely.id, de=likely.de, en=likely.en)


def person(operator: str) -> tuple[str, str]:
    """A person by name; who sits at the machine has none."""
    if operator == AT_HAND:
        return "jemand ohne Anmeldung", "somebody not signed in"
    return operator, operator


def clock_time(moment: float) -> str:
    """The time of day of a moment, UTC."""
    return datetime.fromtimestamp(moment, UTC).strftime("%H:%M:%S")
