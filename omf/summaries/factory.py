"""What the CCU says of the factory, and what it is told: orders, devices, stock, reset."""

from omf.messages import ccu
from omf.messages.commands import SetReset
from omf.messages.orders import OrderCancel, OrderList, OrderRecord, OrderRequest
from omf.summaries.words import Context, few, joined, says
from omf.terms import Term, term


def _order(kind: str | None, colour: str | None) -> Term:
    return Term(
        *(f"{a} {b}" for a, b in zip(term("order.type", kind), term("colour", colour), strict=True))
    )


@says.register
def _request(payload: OrderRequest, _: Context) -> Term:
    return _order(payload.order_type, payload.type)


@says.register
def _record(payload: OrderRecord, _: Context) -> Term:
    return joined([_order(payload.order_type, payload.type), term("order.state", payload.state)])


@says.register
def _orders(payload: OrderList, context: Context) -> Term:
    if not payload.orders:
        return Term("keine Aufträge", "no orders")
    told = [_record(one, context) for one in payload.orders]
    count = len(told)
    several = joined(told)
    return _led_count(count, several) if count > 1 else several


def _led_count(count: int, words: Term) -> Term:
    return Term(f"{count} Aufträge: {words.de}", f"{count} orders: {words.en}")


@says.register
def _cancel(payload: OrderCancel, _: Context) -> Term:
    count = len(payload.order_ids)
    return Term(f"{count} Aufträge stornieren", f"cancel {count} orders")


@says.register
def _pairing(payload: ccu.PairingState, context: Context) -> Term:
    devices: list[ccu.PairedModule | ccu.PairedVehicle]
    devices = [*payload.modules, *payload.transports]
    missing = [context.place(one.serial_number) for one in devices if not one.connected]
    blocked = [context.place(one.serial_number) for one in devices if one.available == "BLOCKED"]
    told = [Term(f"{len(devices)} Geräte", f"{len(devices)} devices")]
    if missing:
        told.append(Term(f"nicht verbunden: {few(missing)}", f"not connected: {few(missing)}"))
    if blocked:
        told.append(Term(f"blockiert: {few(blocked)}", f"blocked: {few(blocked)}"))
    return joined(told)


@says.register
def _stock(payload: ccu.StockReport, _: Context) -> Term | None:
    if payload.stock_items is None:
        return None
    colours = [
        item.workpiece.type
        for item in payload.stock_items
        if item.workpiece and item.workpiece.type
    ]
    if not colours:
        return Term("Lager leer", "store empty")
    counts = {colour: colours.count(colour) for colour in sorted(set(colours))}
    return joined(
        Term(*(f"{count} {word}" for word in term("colour", colour)))
        for colour, count in counts.items()
    )


@says.register
def _reset(payload: SetReset, _: Context) -> Term:
    if payload.with_storage:
        return Term("Fabrik zurücksetzen, mit Lager", "reset the factory, with its store")
    return Term("Fabrik zurücksetzen", "reset the factory")
