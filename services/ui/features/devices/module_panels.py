"""What only one type of module has: rack, tag reader, quality results, durations, the charger."""

from collections.abc import Callable

from omf import terms
from omf.commands.facts.module import COMMANDS_BY_TYPE
from omf.state.modules import Module
from omf.state.piece_positions import on_module
from omf.state.values import Action
from services.ui import formats
from services.ui.features.devices.quality_results import quality_panel
from services.ui.live.screen import Screen
from services.ui.views import step_times, urls
from services.ui.views.device_status import act_words
from services.ui.views.piece_positions import load_words
from services.ui.widgets.elements import (
    attribute,
    div,
    link,
    linked_panel,
    panel,
    set_classes,
    text,
)
from services.ui.widgets.keyed_list import Draw
from services.ui.widgets.rack import disc, paint

ReadModule = Callable[[], Module | None]
LAMPS = ("red", "yellow", "green")


def type_panels(screen: Screen, read: ReadModule) -> None:
    """The panels of the module's type; built anew once the type is known."""
    holder = div("detail-column")
    built: list[str | None] = []
    parts: list[Draw] = []

    def draw() -> None:
        module = read()
        kind = module.type if module else None
        if built != [kind]:
            built[:] = [kind]
            holder.clear()
            with holder:
                parts[:] = [make(screen, read) for make in _of(kind)]
        for part in parts:
            part()

    screen.live(draw)


def _of(kind: str | None) -> list[Callable[[Screen, ReadModule], Draw]]:
    found = list(_SPECIAL.get(kind or "", (_loads,)))
    return [*found, _times] if kind in COMMANDS_BY_TYPE else found


def _rack(screen: Screen, read: ReadModule) -> Draw:
    """The bays of a warehouse by its own word."""
    with linked_panel(screen.say("special.rack"), screen.path("stock")):
        untold = text(screen.say("special.rack_untold"), "empty")
        holder = div("rack wide-rack")
        loose = text("", "hint wrong")
    cells: dict[str, Draw] = {}

    def draw() -> None:
        module = read()
        bays = module.bays if module else {}
        set_classes(untold, hidden=bool(bays))
        unplaced = [load_words(one, screen.say) for one in (module.unplaced if module else ())]
        set_classes(loose, hidden=not unplaced)
        loose.say(f"{screen.say('special.unplaced')}: {', '.join(unplaced)}" if unplaced else "")
        for name in sorted(bays):
            if name not in cells:
                with holder:
                    cells[name] = _bay(screen, read, name)
            cells[name]()

    return draw


def _bay(screen: Screen, read: ReadModule, name: str) -> Draw:
    with div("bay"):
        text(name, "bay-name")
        piece = disc(None)
        word = text("", "bay-word mono")

    def draw() -> None:
        module = read()
        load = module.bays.get(name) if module else None
        paint(piece, load.colour if load else None)
        word.say(
            (load.workpiece_id or screen.say("unknown")) if load else screen.say("stock.empty")
        )

    return draw


def _loads(screen: Screen, read: ReadModule) -> Draw:
    """What lies on the module."""
    with panel(screen.say("special.loads")):
        with div("row") as line:
            piece, words = disc(None), text("", "")
        empty = text("", "empty")

    def draw() -> None:
        module, say = read(), screen.say
        load = on_module(module, screen.model.factory) if module else None
        set_classes(line, hidden=load is None)
        set_classes(empty, hidden=load is not None)
        empty.say(say("special.empty" if module and module.loads_known else "special.untold"))
        if load:
            paint(piece, load.colour)
            tag = load.workpiece_id or say("special.no_tag")
            words.say(f"{say.known('colour', load.colour)} · {tag}")

    return draw


def _reader(screen: Screen, read: ReadModule) -> Draw:
    """The delivery station: the colour and tag it read last, and its lamp."""
    say = screen.say
    with panel(say("special.reader")):
        inner, tag = text("", ""), text("", "mono")
        with div("row"):
            text(say("special.lamp"), "dim")
            lamp = text("")

    def draw() -> None:
        module = read()
        if module is None:
            return
        txt = module.nodered
        action = txt.last_action if txt else None
        inner.say(_txt_words(screen, action))
        tags = [past for past in (txt.history if txt else []) if past.command == "RGB_NFC"]
        tag.say(say("special.tag", tag=tags[-1].result or "?") if tags else say("special.tag_none"))
        lit = [name for name in LAMPS if (module.lamp or {}).get(name)]
        words = ", ".join(say(f"lamp.{name}") for name in lit) or say("lamp.off")
        lamp.say(words if module.lamp is not None else say("unknown"))

    return draw


def _txt_words(screen: Screen, action: Action | None) -> str:
    say = screen.say
    if action is None:
        return say("special.txt_untold")
    return say("special.txt", words=act_words(action, None, say))


def _charger(screen: Screen, read: ReadModule) -> Draw:
    """Which vehicle stands at the charger, and how full it is."""
    say = screen.say
    with panel(say("special.charger")):
        empty = text(say("special.charger_free"), "empty")
        with div("row") as line:
            name, words = link("", "", "way-in mono"), text("", "grow")

    def draw() -> None:
        charger, vehicles = read(), screen.model.factory.vehicles.values()
        there = next((v for v in vehicles if charger and v.last_node == charger.serial), None)
        set_classes(empty, hidden=there is not None)
        set_classes(line, hidden=there is None)
        if there is None:
            return
        name.say(there.serial)
        attribute(name, "href", urls.to_device(screen, there.serial))
        volt = formats.number(there.battery_voltage, say.language, 2)
        words.say(say("special.charging" if there.charging else "special.parked", volt=volt))

    return draw


def _times(screen: Screen, read: ReadModule) -> Draw:
    """What each command usually takes, and by what that is known."""
    say = screen.say
    with panel(say("device.times")):
        setting = text("", "dim")
        with div("times") as holder:
            pass
    lines: dict[str, Draw] = {}

    def draw() -> None:
        module = read()
        if module is None:
            return
        seconds = module.production_duration
        setting.say(
            ""
            if seconds is None
            else say("special.duration", seconds=formats.took(seconds, say.language))
        )
        set_classes(setting, hidden=seconds is None)
        for command in COMMANDS_BY_TYPE.get(module.type or "", ()):
            if command not in lines:
                with holder:
                    lines[command] = _time(screen, read, command, module.type)
            lines[command]()

    return draw


def _time(screen: Screen, read: ReadModule, command: str, kind: str | None) -> Draw:
    text(screen.say.either(terms.spoken(command, kind, "does")))
    usual, source = text("", "line-age"), text("", "hint")

    def draw() -> None:
        module, say = read(), screen.say
        found = step_times.of_action(module, command, screen.model) if module else None
        if found is None:
            usual.say(formats.NONE)
            return
        low, mid, high = (formats.took(part, say.language) for part in found.span)
        usual.say(mid)
        count = found.measured
        words = say("special.measured", count=count) if count else say(f"duration.{found.source}")
        source.say(say("special.span", least=low, most=high, source=words))

    return draw


_SPECIAL: dict[str, tuple[Callable[[Screen, ReadModule], Draw], ...]] = {
    "HBW": (_rack,),
    "DPS": (_loads, _reader),
    "AIQS": (_loads, quality_panel),
    "CHRG": (_charger,),
}
