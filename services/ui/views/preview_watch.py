"""A preview as it was read: what changes meanwhile has to be looked at again. Pure."""

from omf.commands import Plan, PlanPart, differing_parts

SECOND_LOOK_S = 2.0
"""Nobody reads what changed faster than this."""


class PreviewWatch:
    """Follows one preview; both plans must bear the same ids and times."""

    def __init__(self, *, ignoring: frozenset[PlanPart] = frozenset()) -> None:
        """`ignoring`: parts that are expected to change, such as the checks of a later command."""
        self._ignoring = ignoring
        self._locked_until = 0.0
        self.plan: Plan | None = None
        """As it is shown now; None before the first."""
        self.before: Plan | None = None
        """As it was when it was last read, where `parts` differ from now."""
        self.parts: tuple[PlanPart, ...] = ()

    def show(self, plan: Plan, now: float, *, own: bool = False) -> None:
        """The preview is this one now. `own`: the reader changed it, so it is what is meant."""
        if own or self.plan is None:
            self.read(plan)
            return
        if plan == self.plan:
            return
        seen = self.before if self.locked(now) and self.before else self.plan
        self.plan = plan
        found = tuple(p for p in differing_parts(seen, plan) if p not in self._ignoring)
        if not found or _only_met_now(seen, plan, found):
            self.read(plan)
            return
        self.before, self.parts = seen, found
        self.lock(now)

    def read(self, plan: Plan) -> None:
        """Whoever looks has this one before their eyes and means it."""
        self.plan, self.before, self.parts = plan, None, ()
        self._locked_until = 0.0

    def lock(self, now: float) -> None:
        """Nothing goes out before there was time to look again."""
        self._locked_until = now + SECOND_LOOK_S

    def locked(self, now: float) -> bool:
        """True while there was no time yet to look at what changed."""
        return now < self._locked_until


def _only_met_now(before: Plan, now: Plan, parts: tuple[PlanPart, ...]) -> bool:
    """Nothing changed but that checks are met which were not: that was waited for."""
    if parts != ("checks",):
        return False
    known = {check.id: check.met for check in before.checks}
    changed = [c for c in now.checks if c.id not in known or known[c.id] != c.met]
    return len(known) == len(now.checks) and all(check.met for check in changed)
