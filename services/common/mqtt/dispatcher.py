"""What a link tells its owner: its state and its messages, however the owner's code behaves."""

import logging
from dataclasses import replace

from services.common.mqtt.link import LinkCallbacks, LinkState, Received
from services.common.mqtt.publish_parser import ReceivedMessage
from services.common.mqtt.subscriptions import Subscriptions
from services.common.process import clock

_log = logging.getLogger(__name__)


class LinkDispatcher:
    """State and hand-over of one link; only its network thread changes it.

    What the owner raises is logged: it would end the network thread, while the driver still said
    "connected".
    """

    def __init__(self, owner: LinkCallbacks) -> None:
        self.state = LinkState(since=clock.now(), detail="not connected yet")
        self._owner = owner

    def hand_over(self, messages: list[ReceivedMessage]) -> None:
        """Give the messages to the owner, in order: as they are, or one by one."""
        now = self.state.connection
        if self._owner.on_block is None:
            self._one_by_one(messages, now)
        elif messages:
            self._owner.on_block(messages, now)

    def _one_by_one(self, messages: list[ReceivedMessage], now: int) -> None:
        deliver = self._owner.on_message
        if deliver is None:
            return
        for topic, payload, qos, retain, dup, mid, properties in messages:
            try:
                # A topic that is not UTF-8 is shown escaped.
                name = topic.decode(errors="backslashreplace")
                deliver(Received(name, payload, qos, retain, dup, mid, now, properties))
            except Exception:  # noqa: BLE001 - see the class
                _log.exception("a received message was not handed over")

    def opened(self, *, session_present: bool, protocol: str) -> int:
        """The broker accepted us; the number of the connection."""
        at = clock.now()
        self._set(self.state.opened(at, session_present=session_present, protocol=protocol))
        return self.state.connection

    def closed(self, why: str) -> None:
        """The connection is gone, or none could be made."""
        self._set(self.state.closed(clock.now(), why))

    def taken_over(self, client_id: str, wait_s: float) -> None:
        """Another client of our name is at the broker, and we give way for so long."""
        why = (
            f"another client named {client_id} took the connection over: a second installation with"
            " the same data, or the same OMF_INSTANCE, is at this broker;"
            f" tried again in {wait_s:.0f} s"
        )
        _log.warning("%s", why)
        self._set(replace(self.state, detail=why, taken_over_by=client_id))

    def subscribed(self, now: Subscriptions) -> None:
        """SUBACKs came, or new ones are awaited."""
        refused = now.refused
        detail = f"the broker refused {', '.join(refused)}" if refused else ""
        done = now.complete
        self._set(replace(self.state, subscribed=done, refused_filters=refused, detail=detail))

    def _set(self, state: LinkState) -> None:
        before, self.state = self.state, state
        if self._owner.on_change is None or state == before:
            return
        try:
            self._owner.on_change(state)
        except Exception:  # noqa: BLE001 - see the class
            _log.exception("a change of the link was not handed over")
