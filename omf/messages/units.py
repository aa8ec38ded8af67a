"""What a sensor's field means and in which unit it is, by the sender's own word if it has one."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from omf.messages.base import has_surrogates

MAX_UNIT_CHARS = 16


class Quantity(NamedTuple):
    """What a field means and its unit where the sender names none."""

    name: str
    unit: str | None


QUANTITIES: Mapping[str, Quantity] = {
    "t": Quantity("temperature", "°C"),
    "h": Quantity("humidity", "%"),
    "p": Quantity("pressure", "hPa"),
    "iaq": Quantity("air_quality", None),
    "aq": Quantity("air_quality_accuracy", None),
    "br": Quantity("brightness", "%"),
    "ldr": Quantity("resistance", "Ω"),
    "temperature": Quantity("temperature", "°C"),
    "humidity": Quantity("humidity", "%"),
    "gasLevel": Quantity("gas_level", None),
    "rawValue": Quantity("raw_value", None),
    "magnitude": Quantity("vibration_magnitude", None),
    "impulseCount": Quantity("impulses", None),
}
"""By field name on the wire (PROTOCOL B.9); what is not here is shown by its own name."""

_SPELLINGS: Mapping[str, tuple[str, ...]] = {
    "°C": ("c", "°c", "℃", "celsius", "degc", "deg c", "degree celsius", "degrees celsius"),
    "°F": ("f", "°f", "℉", "fahrenheit", "degf", "deg f", "degree fahrenheit",
           "degrees fahrenheit"),
    "K": ("k", "°k", "kelvin"),
    "%": ("%", "percent", "prozent", "%rh", "% rh", "rh", "%rf"),
    "Pa": ("pa", "pascal"),
    "hPa": ("hpa", "hectopascal", "hektopascal", "mbar", "millibar"),
    "kPa": ("kpa", "kilopascal"),
    "bar": ("bar",),
    "Ω": ("ω", "ohm", "ohms"),
}  # fmt: skip
"""Ways to write a unit, in small letters; a mbar is a hPa."""
_CANONICAL = {spelling: unit for unit, ways in _SPELLINGS.items() for spelling in ways}
_MEASURES: Mapping[str, tuple[str, ...]] = {
    "temperature": ("°C", "°F", "K"),
    "humidity": ("%",),
    "pressure": ("Pa", "hPa", "kPa", "bar"),
    "brightness": ("%",),
    "resistance": ("Ω",),
}
_SCALES: Mapping[str, tuple[str, float, float]] = {
    "°C": ("°C", 1.0, 0.0),
    "°F": ("°C", 5 / 9, -160 / 9),
    "K": ("°C", 1.0, -273.15),
    "Pa": ("hPa", 0.01, 0.0),
    "hPa": ("hPa", 1.0, 0.0),
    "kPa": ("hPa", 10.0, 0.0),
    "bar": ("hPa", 1000.0, 0.0),
}
"""What a unit is measured against: that one is so many times the value, and so much more."""
_WHOLE = ("unit", "units")
_NAMES_UNIT = re.compile(
    r"(?P<behind>.*[a-z0-9])Units?|(?P<parted>.+)[_-]units?"
    r"|units?[_-](?P<before>.+)|units?(?P<camel>[A-Z].*)"
)
_PARTED = re.compile(r".+[_-]units?|units?[_-].+", re.IGNORECASE)
MIN_PREFIX_CHARS = 3
"""`temp` is the temperature, `t` alone is a field of its own."""


def spelled(told: Any) -> str | None:
    """Return a unit as people write it; one nobody knows as it was told, None for none."""
    if not isinstance(told, str) or has_surrogates(told) or not (word := told.strip()):
        return None
    return _CANONICAL.get(word.casefold(), word[:MAX_UNIT_CHARS])


def in_unit(value: float, told: str | None, wanted: str) -> float | None:
    """Return a value told in one unit in another; as it is where either is not named.

    None where nobody knows how the two compare: 20 °C are no 20 °Re.
    """
    wanted = spelled(wanted) or ""
    if told is None or not wanted or told == wanted:
        return value
    one, other = _SCALES.get(told), _SCALES.get(wanted)
    if one is None or other is None or one[0] != other[0]:
        return None
    return (value * one[1] + one[2] - other[2]) / other[1]


def names_unit(field: str) -> bool:
    """Whether a field tells the unit of another, or of all."""
    return field.lower() in _WHOLE or _base(field) is not None


def _base(field: str) -> str | None:
    """What a field tells the unit of, in small letters: of `tempUnit`, `UNIT_TEMP` it is `temp`."""
    wanted = field.lower() if _PARTED.fullmatch(field) else field
    found = _NAMES_UNIT.fullmatch(wanted)
    told = next((one for one in found.groups() if one), "") if found else ""
    return _plain(told) or None


def _plain(name: str) -> str:
    return name.lower().replace("_", "").replace("-", "")


def told_units(given: Mapping[str, Any], values: Iterable[str]) -> dict[str, str]:
    """Return the unit of each of the values whose unit is told.

    `temperatureUnit` is that of `temperature`, or of the field that measures it, also as `tempUnit`
    or `unit_temperature`; a bare `unit` is that of the values it can belong to, or of the only one;
    as an object it names each value's.
    """
    measured = tuple(values)
    found: dict[str, str] = {}
    for field, told in _told(given):
        unit = spelled(told) if names_unit(field) else None
        if unit is not None:
            found.update(dict.fromkeys(_meant(field, unit, measured), unit))
    return found


def _told(given: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for field, told in given.items():
        if field.lower() in _WHOLE and isinstance(told, Mapping):
            yield from ((f"{name}Unit", unit) for name, unit in told.items())
        else:
            yield field, told


def _meant(field: str, unit: str, values: tuple[str, ...]) -> tuple[str, ...]:
    if (base := _base(field)) is not None:
        return _named(base, values)
    fitting = tuple(name for name in values if unit in _MEASURES.get(_quantity(name), ()))
    return fitting or (values if len(values) == 1 else ())


def _named(base: str, values: tuple[str, ...]) -> tuple[str, ...]:
    """The values of that name, else those that measure what is called so, or begins so."""
    if own := tuple(name for name in values if _plain(name) == base):
        return own
    short = len(base) >= MIN_PREFIX_CHARS
    means = {name: _plain(_quantity(name)) for name in values}
    return tuple(n for n, one in means.items() if one == base or (short and one.startswith(base)))


def _quantity(name: str) -> str:
    return QUANTITIES.get(name, Quantity(name, None)).name
