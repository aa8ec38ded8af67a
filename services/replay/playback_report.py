"""What became of a replay, counted while it is played and told when it ends."""

from dataclasses import dataclass, field

from services.common.sessions.files import Damaged


@dataclass
class PlaybackReport:
    """What became of a replay; times in seconds."""

    sent: int = 0
    damaged: list[Damaged] = field(default_factory=list)
    restored: int = 0
    """Retained values published or cleared because of a seek."""
    rounds: int = 0
    """How often the end was reached."""
    resent: int = 0
    duration_s: float = 0.0
    errors_s: list[float] = field(default_factory=list)
    """How far each publish was from its due time; empty at maximum speed."""

    @property
    def p99_ms(self) -> float | None:
        """99th percentile of the timing error; None when nothing had a due time."""
        if not self.errors_s:
            return None
        ordered = sorted(self.errors_s)
        return 1000 * ordered[min(len(ordered) - 1, int(0.99 * len(ordered)))]
