"""Interlocks about what is sent as somebody typed it: a free message, a cleared one, a layout."""

from typing import Any

from omf.commands import hazards
from omf.commands.facts import factory, messages
from omf.commands.interlocks.rule import rule


def _payload(parameters: Any) -> str:
    """What goes out: clearing a retained message sends an empty one."""
    return str(getattr(parameters, "payload", ""))


RULES = (
    rule(
        "retain-allowed",
        ("Aufbewahren ist hier erlaubt", "Retaining is allowed here"),
        (
            "Ein aufbewahrter Befehl liefe bei jedem Neustart wieder",
            "A retained command would run again at every reconnect",
        ),
        lambda p, _: factory.retainable(p.topic),
        applies=lambda p: p.retain,
    ),
    rule(
        "message-fits",
        ("Die Nachricht ist, was {topic} erwartet", "The message is what {topic} expects"),
        ("Für {topic} falsch: {why}", "Wrong for {topic}: {why}"),
        lambda p, _: messages.misfit(p.topic, p.payload) is None,
        basis="prudence",
        applies=lambda p: messages.modelled(p.topic),
        words=lambda p, _: messages.named(messages.misfit(p.topic, p.payload)),
    ),
    rule(
        "json-readable",
        ("Der Inhalt ist lesbares JSON", "The payload is readable JSON"),
        ("Der Inhalt ist {why}", "The payload is {why}"),
        lambda p, _: messages.syntax_error(p.payload) is None,
        applies=lambda p: not messages.modelled(p.topic) and messages.meant_as_json(p.payload),
        words=lambda p, _: messages.named(messages.syntax_error(p.payload)),
        advisory=True,
    ),
    rule(
        "ccu-survives",
        ("Die CCU übersteht die Nachricht", "The CCU survives the message"),
        (
            (
                "Eine laufende CCU beendet sich daran ({why}), bis jemand sie startet; 30 s danach "
                "setzt sie die Fabrik zurück. Erst die CCU anhalten, senden, dann die CCU starten"
            ),
            (
                "A running CCU ends at it ({why}) until somebody starts it; 30 s later it resets "
                "the factory. Stop the CCU first, send, then start the CCU"
            ),
        ),
        lambda p, _: hazards.hazard(p.topic, _payload(p)) is None,
        basis="prudence",
        applies=lambda p: hazards.listened(p.topic),
        words=lambda p, _: messages.named(hazards.hazard(p.topic, _payload(p))),
    ),
    rule(
        "layout-whole",
        ("Module, Kreuzungen und Straßen sind da", "Modules, intersections and roads are there"),
        ("Im Layout fehlt als Liste: {names}", "Missing in the layout as a list: {names}"),
        lambda p, _: not messages.missing_parts(p.layout),
        words=lambda p, _: messages.listed(messages.missing_parts(p.layout)),
    ),
    rule(
        "layout-names",
        ("Alle Namen im Layout sind Texte", "All names in the layout are texts"),
        ("Kein Text, daran endet die CCU: {names}", "No text, the CCU ends at it: {names}"),
        lambda p, _: not hazards.misnamed(p.layout),
        words=lambda p, _: messages.listed(hazards.misnamed(p.layout)),
    ),
    rule(
        "layout-once",
        ("Kein Ort und keine Straße doppelt", "No node and no road is there twice"),
        ("Steht zweimal im Layout: {names}", "Twice in the layout: {names}"),
        lambda p, _: not hazards.repeated(p.layout),
        words=lambda p, _: messages.listed(hazards.repeated(p.layout)),
    ),
    rule(
        "layout-loops",
        ("Jede Straße führt woanders hin", "Each road leads somewhere else"),
        (
            "Straße von einem Ort zu sich selbst, daran endet die CCU: {names}",
            "Road from a node to itself, the CCU ends at it: {names}",
        ),
        lambda p, _: not hazards.loops(p.layout),
        words=lambda p, _: messages.listed(hazards.loops(p.layout)),
    ),
    rule(
        "layout-roads",
        ("Jede Straße hat Richtung und Länge", "Each road has a direction and a length"),
        (
            "Straße ohne Himmelsrichtung oder Länge: {names}",
            "Road without direction or length: {names}",
        ),
        lambda p, _: not messages.undrivable(p.layout),
        basis="prudence",
        words=lambda p, _: messages.listed(messages.undrivable(p.layout)),
    ),
    rule(
        "layout-keeps",
        (
            "Kein Modul fällt weg, solange die CCU Aufträge hat",
            "No module goes while the CCU has orders",
        ),
        (
            "Die CCU hat Aufträge, und es fielen Module weg: {names}",
            "The CCU has orders, and modules would go: {names}",
        ),
        lambda p, s: factory.ccu_idle(s) is not False or messages.lost_modules(s, p.layout) == (),
        basis="prudence",
        words=lambda p, s: messages.listed(messages.lost_modules(s, p.layout)),
    ),
)
