"""The menu entries of what the CCU keeps."""

from typing import Any

from omf.commands.command_types import ccu_settings as ccu
from omf.commands.forms import Text
from omf.commands.schemas import Kind

SETTING_EXPIRY_S = 30.0
"""Nothing moves; half a minute bridges a short loss of the link."""


def _kind(name: str, title: Text, summary: Text, **parts: Any) -> Kind:
    traits = {
        "interlocks": (),
        "risk": "guarded",
        "role": "admin",
        "expiry_s": SETTING_EXPIRY_S,
        "once": False,
        "moves": False,
    }
    return Kind(name=name, title=title, summary=summary, **(traits | parts))


KINDS = (
    _kind(
        "flows",
        Text(de="Abläufe ändern", en="Change flows"),
        Text(
            de="Welche Module eine Farbe durchläuft; gilt für neue Aufträge.",
            en="Which modules a colour passes; holds for new orders.",
        ),
        parameters=ccu.FlowsForm,
        build=ccu.set_flows,
        source="C.12",
    ),
    _kind(
        "config",
        Text(de="CCU-Einstellungen", en="CCU settings"),
        Text(
            de="Geplante Dauern, gleichzeitige Aufträge, Ladeschwelle; immer alle zusammen.",
            en="Planned durations, parallel orders, charge threshold; always all together.",
        ),
        parameters=ccu.Config,
        build=ccu.set_config,
        source="C.13",
    ),
    _kind(
        "layout",
        Text(de="Layout ersetzen", en="Replace layout"),
        Text(
            de="Ersetzt Module, Kreuzungen und Straßen; nicht genannte Module werden entkoppelt.",
            en="Replaces modules, crossings and roads; modules not named are unpaired.",
        ),
        parameters=ccu.SetLayout,
        build=ccu.set_layout,
        interlocks=(
            "typed-word",
            "layout-whole",
            "layout-names",
            "layout-once",
            "layout-loops",
            "layout-roads",
            "layout-keeps",
        ),
        risk="dangerous",
        typed_word=ccu.SetLayout.word,
        source="C.10",
    ),
    _kind(
        "default-layout",
        Text(de="Werkslayout", en="Default layout"),
        Text(
            de="Lädt das Layout des Herstellers; eigene Änderungen sind dann weg.",
            en="Loads the vendor's layout; your own changes are gone then.",
        ),
        parameters=ccu.DefaultLayout,
        build=ccu.default_layout,
        interlocks=("typed-word", "ccu-idle"),
        risk="dangerous",
        typed_word=ccu.DefaultLayout.word,
        source="C.11",
    ),
    _kind(
        "module-duration",
        Text(de="Bearbeitungsdauer", en="Processing time"),
        Text(
            de="Wie lange MILL, DRILL oder OVEN arbeitet; ein Neustart der CCU vergisst es.",
            en="How long MILL, DRILL or OVEN works; a restart of the CCU forgets it.",
        ),
        parameters=ccu.ModuleDuration,
        build=ccu.module_duration,
        interlocks=("duration-settable", "duration-differs"),
        role="supervisor",
        source="C.14",
    ),
    _kind(
        "delete-module",
        Text(de="Modul vergessen", en="Forget module"),
        Text(
            de="Löscht ein Modul, das nicht mehr da ist, aus der CCU.",
            en="Removes a module that is gone from the CCU.",
        ),
        parameters=ccu.DeleteModule,
        build=ccu.delete_module,
        interlocks=("module-listed", "module-gone"),
        source="C.15",
    ),
)
