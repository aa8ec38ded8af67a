"""Which process of each role works here, and which stand by for it."""

from services.common.store.leader_contracts import ROLES
from services.common.store.leader_lease import RoleLeader
from services.ui import formats
from services.ui.live.screen import Screen
from services.ui.widgets.elements import div, set_classes, text


def leader_lines(screen: Screen) -> None:
    """One line a role."""
    for role in ROLES:
        _line(screen, role)


def _line(screen: Screen, role: str) -> None:
    say = screen.say
    with div("link-line") as line:
        div("chip-shape")
        text(role, "line-name")
        state, since, facts = text("", "line-state"), text("", "dim"), text("", "hint grow")

    def draw() -> None:
        one = next((one for one in screen.model.links.leaders if one.role == role), None)
        silent = one is not None and one.silent
        name = "unknown" if one is None else "silent" if silent else "led"
        state.say(say(f"leader.{name}", node=one.node if one else ""))
        since.say(say("since", time=screen.when(one.since)) if one and not silent else "")
        facts.say(_facts(screen, one) if one else "")
        set_classes(line, chip=True, broken=silent, unknown=one is None)

    screen.live(draw)


def _facts(screen: Screen, one: RoleLeader) -> str:
    language = screen.say.language
    renewed = screen.say("leader.renewed", age=formats.age(one.renewed_s, language))
    standbys = screen.say("leader.standbys", nodes=", ".join(one.standbys))
    alone = screen.say("leader.alone")
    return f"{renewed} · {standbys if one.standbys else alone}"
