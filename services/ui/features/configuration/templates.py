"""Templates: parameters of commands that were kept, and an example of what each topic carries."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from nicegui import background_tasks

from omf.commands import CommandError, Kind, kind_of
from services.common.store import presets
from services.common.store.errors import StoreError
from services.common.store.keys import Role
from services.common.store.presets import EVERYBODY, Preset
from services.ui.live.screen import Screen
from services.ui.views import command_view
from services.ui.widgets.command_card.topic_examples import topic_examples
from services.ui.widgets.elements import attribute, copy_button, div, set_classes, text

OpenCard = Callable[[Kind, Mapping[str, Any]], None]


class TopicExamples:
    """The valid example of each topic of the catalogue, to be read and copied."""

    def __init__(self, screen: Screen) -> None:
        say = screen.say
        topic_examples(screen, self._show)
        with div("copy-scope hidden") as self._shown:
            with div("row wraps"):
                self._topic = text("", "mono")
                for part in ("topic", "payload"):
                    copy_button(
                        say(f"messages.copy_{part}"), say("messages.copied"), f"copy-{part}"
                    )
            self._payload = text("", "payload", "pre").mark("example-payload")
        attribute(self._topic, "data-copied", "copy-topic")
        attribute(self._payload, "data-copied", "copy-payload")

    def _show(self, found: Mapping[str, str]) -> None:
        self._topic.say(found["topic"])
        self._payload.say(found["payload"])
        set_classes(self._shown, hidden=False)


class TemplateList:
    """Those for everybody and those of who looks; each opens its card, and can be forgotten."""

    def __init__(self, screen: Screen, open_card: OpenCard) -> None:
        self._screen, self._open = screen, open_card
        say = screen.say
        text(say("configuration.templates_hint"), "hint")
        self._told = text(say("versions.asking"), "hint").props("role=status")
        self._list = div("config-lines")
        self._read()

    def _read(self) -> None:
        background_tasks.create(self._load(), name="templates")

    async def _load(self) -> None:
        screen, found = self._screen, list[tuple[str, Preset]]()
        key = "configuration.no_templates"
        try:
            for person in dict.fromkeys((EVERYBODY, screen.user.name)):
                if screen.bus is not None:
                    found += [(person, one) for one in await presets.every(screen.bus, person)]
        except StoreError:
            key = "preset.away"
        if self._list.is_deleted:
            return
        self._told.say("" if found else screen.say(key))
        self._list.clear()
        with self._list:
            for person, one in found:
                self._template(person, one)

    def _template(self, person: str, one: Preset) -> None:
        screen, say = self._screen, self._screen.say
        name = say("preset.of_all", name=one.name) if person == EVERYBODY else one.name
        kind = _kind(one)
        with div("config-line wide"):
            text(name)
            text(say.either(kind.title) if kind else say.known("template", one.kind))
            words = command_view.values_words(one.kind, one.parameters, say) if kind else ""
            text(words, "hint template-values")
            with div("row wraps"):
                if kind is not None:
                    use = text(say("configuration.template_use"), "act small", "button")
                    use.on("click", partial(self._open, kind, one.parameters))
                    attribute(use, "aria-label", f"{say('configuration.template_use')}: {name}")
                if screen.bus and (person != EVERYBODY or screen.user.may(Role.OPERATOR)):
                    gone = text(say("preset.forget"), "act small", "button")
                    gone.on("click", partial(self._forget, person, one))
                    attribute(gone, "aria-label", f"{say('preset.forget')}: {name}")

    async def _forget(self, person: str, one: Preset) -> None:
        if self._screen.bus is None:
            return
        try:
            await presets.forget(self._screen.bus, person, one.kind, one.name)
        except StoreError:
            self._told.say(self._screen.say("preset.away"))
            return
        await self._load()


def _kind(one: Preset) -> Kind | None:
    """The command it is for; None for a question, a kept view, or a kind of another release."""
    try:
        return kind_of(one.kind)
    except CommandError:
        return None
