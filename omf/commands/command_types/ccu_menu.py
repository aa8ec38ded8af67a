"""The menu entries of what the CCU keeps."""

from typing import Any

from omf.commands.command_types import ccu_settings as ccu
from omf.commands.schemas import Kind
from omf.commands.setting_changes import layout_losses

SETTING_EXPIRY_S = 30.0
"""Nothing moves; half a minute bridges a short loss of the link."""


def _kind(name: str, **parts: Any) -> Kind:
    traits = {
        "interlocks": (),
        "risk": "guarded",
        "role": "admin",
        "expiry_s": SETTING_EXPIRY_S,
        "once": False,
        "moves": False,
    }
    return Kind(name=name, **(traits | parts))


KINDS = (
    _kind(
        "flows",
        parameters=ccu.FlowsForm,
        build=ccu.set_flows,
        interlocks=("flow-placed", "flow-modules"),
        source="C.12",
    ),
    _kind(
        "config",
        parameters=ccu.Config,
        build=ccu.set_config,
        source="C.13",
    ),
    _kind(
        "layout",
        parameters=ccu.SetLayout,
        build=ccu.set_layout,
        losses=layout_losses,
        interlocks=(
            "typed-word",
            "layout-whole",
            "layout-names",
            "layout-once",
            "layout-loops",
            "layout-roads",
            "layout-reached",
            "layout-cells",
            "layout-keeps",
        ),
        risk="dangerous",
        typed_word=ccu.SetLayout.word,
        source="C.10",
    ),
    _kind(
        "default-layout",
        parameters=ccu.DefaultLayout,
        build=ccu.default_layout,
        losses=layout_losses,
        interlocks=("typed-word", "ccu-idle"),
        risk="dangerous",
        typed_word=ccu.DefaultLayout.word,
        source="C.11",
    ),
    _kind(
        "module-duration",
        parameters=ccu.ModuleDuration,
        build=ccu.module_duration,
        interlocks=("duration-settable", "module-known", "duration-differs"),
        role="supervisor",
        source="C.14",
    ),
    _kind(
        "delete-module",
        parameters=ccu.DeleteModule,
        build=ccu.delete_module,
        interlocks=("module-listed", "module-gone"),
        source="C.15",
    ),
)
