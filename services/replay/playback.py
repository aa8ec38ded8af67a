"""One session being played in a thread of its own, and controls with an answer."""

import logging
import threading
from collections.abc import Callable, Sequence

from services.common.session_files import Recorded
from services.replay.player import ControlError, Player
from services.replay.sender import BrokerAwayError, Sender
from services.replay.timeline import Timeline, Untold

ANSWER_S = 3.0
END_S = 4.0

_log = logging.getLogger(__name__)
Control = Callable[[Player], None]


class Playback:
    """Plays from the moment it is made until `end`; waits for its broker as long as that takes."""

    def __init__(
        self,
        items: Sequence[Recorded],
        url: str,
        speed: float | None,
        timeline: Timeline = Untold(),  # noqa: B008 - it has no state
    ) -> None:
        """`items` is the session; `url` the broker; `timeline` is told the recorded time."""
        self._sender = Sender(url, patient=True)
        self.player = Player(items, self._sender, speed=speed, timeline=timeline)
        self._thread = threading.Thread(target=self._run, name="playback", daemon=True)
        self._thread.start()

    def do(self, control: Control) -> None:
        """Have the player obey; ControlError when it cannot, or does not answer in time."""
        done, refused = threading.Event(), []

        def obey(player: Player) -> None:
            try:
                control(player)
            except ControlError as error:
                refused.append(error)
            finally:
                done.set()

        self.player.tell(obey)
        if not done.wait(ANSWER_S):
            raise ControlError("the player does not answer; is its broker there?")
        if refused:
            raise refused[0]

    def end(self) -> None:
        """Stop, and leave the broker."""
        self.player.tell(Player.stop)
        self._sender.stop()
        self._thread.join(END_S)

    def _run(self) -> None:
        try:
            self._sender.connect()
            self.player.run(stay=True)
        except BrokerAwayError as error:
            _log.info("the playback ended: %s", error)
        finally:
            self._sender.close()
