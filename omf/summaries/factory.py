"""What the CCU says of the factory, and what it is told: orders, devices, stock, reset."""

from omf import texts
from omf.messages import ccu
from omf.messages.commands import SetReset
from omf.messages.orders import OrderCancel, OrderList, OrderRecord, OrderRequest
from omf.summaries.words import Context, few, joined, says
from omf.terms import term
from omf.texts import Text, text


def _order(kind: str | None, colour: str | None) -> Text:
    return texts.joined(" ", [term("order.type", kind), term("colour", colour)])


@says.register
def _request(payload: OrderRequest, _: Context) -> Text:
    return _order(payload.order_type, payload.type)


@says.register
def _record(payload: OrderRecord, _: Context) -> Text:
    return joined([_order(payload.order_type, payload.type), term("order.state", payload.state)])


@says.register
def _orders(payload: OrderList, context: Context) -> Text:
    if not payload.orders:
        return text("meaning.no_orders")
    told = [_record(one, context) for one in payload.orders]
    count = len(told)
    several = joined(told)
    return _led_count(count, several) if count > 1 else several


def _led_count(count: int, words: Text) -> Text:
    return text("meaning.orders", count=count, words=words)


@says.register
def _cancel(payload: OrderCancel, _: Context) -> Text:
    count = len(payload.order_ids)
    return text("meaning.cancel_orders", count=count)


@says.register
def _pairing(payload: ccu.PairingState, context: Context) -> Text:
    devices: list[ccu.PairedModule | ccu.PairedVehicle]
    devices = [*payload.modules, *payload.transports]
    missing = [context.place(one.serial_number) for one in devices if not one.connected]
    blocked = [context.place(one.serial_number) for one in devices if one.available == "BLOCKED"]
    told = [text("meaning.devices", count=len(devices))]
    if missing:
        told.append(text("meaning.not_connected", names=few(missing)))
    if blocked:
        told.append(text("meaning.blocked", names=few(blocked)))
    return joined(told)


@says.register
def _stock(payload: ccu.StockReport, _: Context) -> Text | None:
    if payload.stock_items is None:
        return None
    colours = [
        item.workpiece.type
        for item in payload.stock_items
        if item.workpiece and item.workpiece.type
    ]
    if not colours:
        return text("meaning.store_empty")
    counts = {colour: colours.count(colour) for colour in sorted(set(colours))}
    return joined(
        texts.joined(" ", [texts.verbatim(str(count)), term("colour", colour)])
        for colour, count in counts.items()
    )


@says.register
def _reset(payload: SetReset, _: Context) -> Text:
    if payload.with_storage:
        return text("meaning.reset_with_storage")
    return text("meaning.reset_factory")
