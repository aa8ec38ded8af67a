"""One session being played in a thread of its own, and controls with an answer."""

import logging
import threading
from collections.abc import Callable, Sequence

from services.common.sessions.files import Recorded
from services.replay.player import ControlError, Player
from services.replay.publisher import BrokerAwayError, ReplayPublisher
from services.replay.timeline import NoTimeline, Timeline

PLAYER_ANSWERS_S = 3.0
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
        timeline: Timeline = NoTimeline(),  # noqa: B008 - it has no state
    ) -> None:
        """`items` is the session; `url` the broker; `timeline` is told the recorded time."""
        self._publisher = ReplayPublisher(url, patient=True)
        self.player = Player(items, self._publisher, speed=speed, timeline=timeline)
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
        if not done.wait(PLAYER_ANSWERS_S):
            raise ControlError("the player does not answer; is its broker there?")
        if refused:
            raise refused[0]

    def end(self) -> None:
        """Stop, and leave the broker."""
        self.player.tell(Player.stop)
        self._publisher.stop()
        self._thread.join(END_S)

    def _run(self) -> None:
        try:
            self._publisher.connect()
            self.player.run(stay=True)
        except BrokerAwayError as error:
            _log.info("the playback ended: %s", error)
        finally:
            self._publisher.close()
