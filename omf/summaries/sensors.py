"""What sensors measured and detected, and what the readers of tags are told."""

from omf import texts
from omf.messages.base import Record
from omf.messages.extensions import ArduinoState
from omf.messages.sensors import Bme680, Ldr, NfcRequest, QualityCheck
from omf.messages.units import QUANTITIES, told_units
from omf.summaries.words import Context, joined, says
from omf.terms import term
from omf.texts import Text, text


@says.register
def _climate(payload: Bme680, _: Context) -> Text:
    return _measured(payload, "t", "h", "p")


@says.register
def _brightness(payload: Ldr, _: Context) -> Text:
    return _measured(payload, "br")


def _measured(payload: Record, *fields: str) -> Text:
    """The figures of a reading, each with the unit it was told in."""
    given = payload.on_the_wire
    units = told_units(given, fields)
    lost = told_units(dict.fromkeys(payload.unread, "?"), fields)
    told = [
        (texts.figure(value), units.get(name) or ("?" if name in lost else QUANTITIES[name].unit))
        for name in fields
        if isinstance(value := given[name], int | float)
    ]
    return texts.joined(
        ", ", [texts.joined(" ", [figure, texts.verbatim(str(unit))]) for figure, unit in told]
    )


@says.register
def _quality(payload: QualityCheck, _: Context) -> Text:
    return term("result", payload.result)


@says.register
def _tag(payload: NfcRequest, _: Context) -> Text | None:
    return _TAG.get(payload.cmd or "")


_TAG = {
    "read": text("meaning.read_tag"),
    "delete": text("meaning.delete_tag"),
}


@says.register
def _arduino(payload: ArduinoState, _: Context) -> Text | None:
    told = {name: getattr(payload, field) for name, field in _SENSED.items()}
    seen = [term("sensed", name) for name, one in told.items() if one]
    figures = _measured(payload, "temperature", "humidity")
    if seen or figures.en:
        return joined([*seen, figures])
    return _CALM if False in told.values() else None


_SENSED = {
    "flameDetected": "flame_detected",
    "gasDetected": "gas_detected",
    "vibrationDetected": "vibration_detected",
}
_CALM = text("meaning.nothing_detected")
