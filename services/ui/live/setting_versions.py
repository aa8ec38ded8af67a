"""Earlier values of a setting, as the control unit told them: from the journal and the archive."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from omf.commands.present import present
from omf.messages.message import Message
from omf.state import FactoryState
from omf.topics.catalogue import address
from services.common.store.bus import StoreError
from services.history.message_search import MessageQuestion, MessageSearch
from services.history.questions import QuestionError
from services.history.rows import ArchivedMessage
from services.ui.live import message_history
from services.ui.live.archive_questions import answer, history_of
from services.ui.live.screen import Screen

SETTING_TOPICS = {
    "flows": "ccu_state_flows",
    "config": "ccu_state_config",
    "layout": "ccu_state_layout",
}
"""Kind of command and the topic that tells what it sets."""
MOST_VERSIONS = 50
VERSIONS_TIMEOUT_S = 20.0
_SETTERS = {"flows": ("flows",), "config": ("config",), "layout": ("layout", "default-layout")}


class SettingVersion(NamedTuple):
    """One value a setting had, as the parameters of the command that sets it."""

    values: dict[str, Any]
    at: float
    """When the control unit told it first."""
    operator: str = ""
    """Who set it here; "" if it was not set by a command this interface knows of."""


class FoundVersions(NamedTuple):
    """What a setting was, newest first, each value once in a row; the newest is what is now."""

    versions: list[SettingVersion]
    whole: bool
    """False: the store or the archive could not be asked, so some may be missing."""


async def versions_of(screen: Screen, kind: str) -> FoundVersions:
    """Every version of a setting that journal and archive have; never raises for either."""
    topic, found, whole = address(SETTING_TOPICS[kind]), dict[str, Message](), True
    for ask in (_archived, _kept):
        try:
            found |= {one.id: one for one in await ask(screen, topic)}
        except (StoreError, QuestionError, OSError):
            whole = False
    until = screen.past
    told = [m for m in found.values() if until is None or m.received_at <= until]
    in_order = sorted(told, key=lambda m: m.received_at)
    return FoundVersions(_changes(kind, in_order, screen), whole)


def _changes(kind: str, told: Iterable[Message], screen: Screen) -> list[SettingVersion]:
    versions: list[SettingVersion] = []
    for message in told:
        values = _values(kind, message)
        if values and (not versions or versions[-1].values != values):
            operator = _operator(screen, kind, message.id)
            versions.append(SettingVersion(values, message.received_at, operator))
    return versions[::-1][:MOST_VERSIONS]


def _values(kind: str, message: Message) -> dict[str, Any]:
    state = FactoryState()
    state.apply(message, message.received_at)
    return present(kind, {}, state)


def _operator(screen: Screen, kind: str, message_id: str) -> str:
    """Whose command this message proves."""
    log = screen.model.commands
    for record in log.newest(len(log)):
        evidence = {one for event in record.events for one in event.evidence}
        if record.command.kind in _SETTERS[kind] and message_id in evidence:
            return record.command.operator
    return ""


async def _kept(screen: Screen, topic: str) -> list[Message]:
    if screen.bus is None:
        return []
    newest = message_history.NEWEST
    return await message_history.history(screen.bus, topic, newest, MOST_VERSIONS)


async def _archived(screen: Screen, topic: str) -> list[Message]:
    asked = MessageQuestion(topic_filter=topic, newest_first=True, limit=4 * MOST_VERSIONS)
    history = history_of(screen)

    def ask() -> list[Message]:
        search = MessageSearch(history, asked, timeout_s=VERSIONS_TIMEOUT_S)
        return [one.message for one in search.lines() if isinstance(one, ArchivedMessage)]

    return await answer(ask)
