"""What the control unit and this installation are set to, each value with where it is set."""

from collections.abc import Iterator
from typing import NamedTuple

from omf.commands.command_types.ccu_settings import Config
from omf.commands.forms import Labels
from omf.commands.present import present
from omf.topics.catalogue import TOPICS
from services.common.store.environments import broker_variable
from services.common.store.keys import LinkHealth
from services.ui import formats
from services.ui.features.configuration.thresholds import RULES_VARIABLE
from services.ui.live.screen import Screen
from services.ui.widgets.elements import div, set_classes, text
from services.ui.widgets.keyed_list import Draw, KeyedList


def ccu_settings(screen: Screen) -> None:
    """Each setting of the control unit as it was told last."""
    with div("config-lines"):
        for name in Config.model_fields:
            _ccu_setting(screen, name)


def _ccu_setting(screen: Screen, name: str) -> None:
    labels = Config.model_fields[name].json_schema_extra
    with div("config-line"):
        text(screen.say.either(labels.title) if isinstance(labels, Labels) else name)
        value = text("", "mono").mark(f"setting-{name}")

    def draw() -> None:
        told = present("config", {}, screen.model.factory).get(name)
        value.say(screen.say("unknown") if told is None else str(told))
        set_classes(value, dim=told is None)

    screen.live(draw)


class _Setting(NamedTuple):
    name: str
    value: str
    where: str


def installation(screen: Screen) -> None:
    """Broker, folders and rules of this environment, and the variable or file that sets each."""
    empty = text("", "hidden")
    shown: dict[str, _Setting] = {}

    def line(key: str) -> Draw:
        with div("config-line wide"):
            text(screen.say(f"configuration.setting.{key}"))
            value, where = text("", "mono"), text("", "hint")

        def draw() -> None:
            value.say(shown[key].value)
            where.say(shown[key].where)

        return draw

    listing = KeyedList(div("config-lines"), line, empty)

    def draw() -> None:
        shown.clear()
        shown.update((one.name, one) for one in _settings(screen))
        listing.show(list(shown))

    screen.live(draw)


def _settings(screen: Screen) -> Iterator[_Setting]:
    say, settings, links = screen.say, screen.settings, screen.model.links
    broker = broker_variable(screen.environment)
    yield _Setting("environment", screen.environment, "OMF_ENVIRONMENTS")
    yield _Setting("broker_read", _broker(screen, links.ingest), broker)
    yield _Setting("broker_write", _broker(screen, links.gateway), broker)
    yield _Setting("topics", str(len(TOPICS)), "omf/catalogue.yaml")
    sequences = settings.ui_sequences
    yield _Setting("sequences", _path(screen, sequences), "OMF_UI_SEQUENCES")
    yield _Setting("accounts", _path(screen, settings.ui_users_file), "OMF_UI_USERS_FILE")
    yield _Setting("archive", str(settings.archive_of(screen.environment)), "OMF_DATA")
    rules = screen.model.factory.alarm_rules.version
    built_in = say("configuration.built_in")
    yield _Setting("alarm_rules", rules or built_in, RULES_VARIABLE)


def _broker(screen: Screen, told: LinkHealth | None) -> str:
    if told is None:
        return screen.say("unknown")
    since = formats.age(screen.model.wall - told.since, screen.say.language)
    key = "connected" if told.connected else "away"
    return screen.say(f"configuration.broker.{key}", broker=told.broker, since=since)


def _path(screen: Screen, path: object) -> str:
    return screen.say("configuration.not_set") if path is None else str(path)
