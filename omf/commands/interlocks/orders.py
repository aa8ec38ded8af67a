"""Interlocks about orders and about the CCU."""

from omf.commands.facts import factory
from omf.commands.facts.messages import listed
from omf.commands.interlocks.rule import rule

RULES = (
    rule(
        "typed-word",
        ("Bestätigt: {word}", "Confirmed: {word}"),
        ("Zum Bestätigen {word} eintippen", "Type {word} to confirm"),
        lambda p, _: p.confirmed,
        basis="confirmation",
        applies=lambda p: p.word_needed,
        words=lambda p, _: {"word": p.word},
    ),
    rule(
        "stock-free",
        ("Freies Stück {colour} im Lager", "An unreserved {colour} piece is in the store"),
        ("Kein unreserviertes Stück {colour} im Lager", "No unreserved {colour} piece in store"),
        lambda p, s: factory.stock_free(s, p.colour),
    ),
    rule(
        "flow-known",
        ("Ablauf für {colour} bekannt", "There is a flow for {colour}"),
        ("Kein Ablauf für {colour} hinterlegt", "There is no flow for {colour}"),
        lambda p, s: factory.flow_known(s, p.colour),
        # The CCU has a flow built in even when its message is not here yet.
        unknown_passes=True,
    ),
    rule(
        "flow-connected",
        ("Alle Module für {colour} verbunden", "All modules needed for {colour} are connected"),
        (
            "Für {colour} nicht verbunden: {names}",
            "Not connected, but needed for {colour}: {names}",
        ),
        lambda p, s: factory.flow_connected(s, p.colour),
        unknown_passes=True,
        basis="prudence",
        words=lambda p, s: listed(factory.unconnected(s, p.colour)),
    ),
    rule(
        "flow-paired",
        ("Alle Module für {colour} gekoppelt", "All modules needed for {colour} are paired"),
        (
            "Von der CCU nicht gekoppelt: {names}; ein Auftrag für {colour} wartete dort für immer",
            "Not paired by the CCU: {names}; an order of {colour} would wait there for ever",
        ),
        lambda p, s: None if (left := factory.unpaired(s, p.colour)) is None else not left,
        unknown_passes=True,
        basis="prudence",
        words=lambda p, s: listed(factory.unpaired(s, p.colour)),
    ),
    rule(
        "stock-room",
        ("Freies Fach für {colour}", "There is a free bay for {colour}"),
        (
            "Kein freies Fach für {colour}, reservierte mitgezählt",
            "There is no free bay for {colour}, reserved ones counted",
        ),
        lambda p, s: factory.stock_room(s, p.colour),
    ),
    rule(
        "orders-queued",
        ("Die Aufträge warten noch", "The orders are still queued"),
        (
            "Ein Auftrag läuft schon oder ist beendet; ihn hält nur das Zurücksetzen auf",
            "An order is running or ended; only a reset stops it",
        ),
        lambda p, s: factory.orders_in_state(s, p.order_ids, "ENQUEUED"),
    ),
    rule(
        "ccu-speaks",
        ("Die CCU ist zu hören", "The CCU is heard"),
        (
            "Die CCU schweigt; sie würde nicht antworten",
            "The CCU is silent; it would not answer",
        ),
        lambda _, s: factory.ccu_speaks(s),
        unknown_passes=True,
        basis="prudence",
    ),
    rule(
        "ccu-idle",
        ("Die CCU bearbeitet keinen Auftrag", "The CCU works on no order"),
        (
            "Die CCU bearbeitet Aufträge; von Hand geht es nur ohne sie",
            "The CCU works on orders; manual operation needs it idle",
        ),
        lambda _, s: factory.ccu_idle(s),
        # A factory without a CCU never says so; one with it repeats its list all the time.
        unknown_passes=True,
        basis="prudence",
    ),
)
