"""A drift in words."""

from omf.payload_shapes.shape import DriftKind, ShapeDrift
from omf.texts import Text, joined, text, verbatim


def drift_what(drift: ShapeDrift) -> Text:
    """The field and what became of it: `batteryState.charge: field is gone`."""
    field = verbatim(drift.path) if drift.path else text("drift.payload")
    return joined(": ", [field, text(f"drift.kind.{drift.kind}")])


def drift_before(drift: ShapeDrift) -> Text:
    """What was learned of it."""
    if drift.kind is DriftKind.APPEARED:
        return text("change.none")
    if drift.kind in (DriftKind.RANGE, DriftKind.WORD):
        return verbatim(drift.before)
    return _types(drift.before)


def drift_after(drift: ShapeDrift) -> Text:
    """What was heard."""
    if drift.kind is DriftKind.VANISHED:
        return text("change.none")
    if drift.kind is DriftKind.APPEARED:
        return text("change.there")
    return _types(drift.after) if drift.kind is DriftKind.TYPE else verbatim(drift.after)


def drift_words(drift: ShapeDrift) -> Text:
    """All of it: `speed: another type, number → text`."""
    change = joined(" → ", [drift_before(drift), drift_after(drift)])
    return joined(", ", [drift_what(drift), change])


def _types(names: str) -> Text:
    return joined(", ", [text(f"json_type.{one}") for one in names.split()])
