"""Interlocks about orders and about the CCU."""

from omf.commands.facts import factory
from omf.commands.interlocks.rule import rule

RULES = (
    rule(
        "typed-word",
        ("Bestätigt: {word}", "Confirmed: {word}"),
        ("Zum Bestätigen {word} eintippen", "Type {word} to confirm"),
        lambda p, _: not p.word_needed or p.confirm == p.word,
    ),
    rule(
        "retain-allowed",
        ("Aufbewahren ist hier erlaubt", "Retaining is allowed here"),
        (
            "Ein aufbewahrter Befehl liefe bei jedem Neustart wieder",
            "A retained command would run again at every reconnect",
        ),
        lambda p, _: not p.retain or factory.retainable(p.topic),
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
        ("Ein Modul für {colour} ist nicht verbunden", "A module for {colour} is not connected"),
        lambda p, s: factory.flow_connected(s, p.colour),
        unknown_passes=True,
    ),
    rule(
        "stock-room",
        ("Freies Fach für {colour}", "There is a free bay for {colour}"),
        ("Kein freies Fach für {colour}", "There is no free bay for {colour}"),
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
        "ccu-idle",
        ("Die CCU bearbeitet keinen Auftrag", "The CCU works on no order"),
        (
            "Die CCU bearbeitet Aufträge; von Hand geht es nur ohne sie",
            "The CCU works on orders; manual operation needs it idle",
        ),
        lambda _, s: factory.ccu_idle(s),
        # A factory without a CCU never says so; one with it repeats its list all the time.
        unknown_passes=True,
    ),
)
