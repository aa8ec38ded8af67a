"""Golden sessions on the page: what is kept, a check of one or all, and what would be different."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial

from nicegui import background_tasks

from omf.analysis.golden import GOLDEN_KINDS
from omf.texts import Text
from services.common.sessions.golden_files import GoldenError, GoldenHead
from services.common.sessions.golden_folder import GOLDEN_ROLE, UNGOLDEN_ROLE, GoldenCheck
from services.common.store.keys import Role
from services.history.golden_process import GoldenWord
from services.ui import formats
from services.ui.live.golden_runs import GoldenRuns
from services.ui.live.screen import Screen
from services.ui.widgets.elements import div, panel, set_classes, text
from services.ui.widgets.keyed_list import Draw, KeyedList

MAX_SHOWN_DIFFERENCES = 200
WATCHED_EVERY_S = 0.5


class GoldenSessions:
    """The golden sessions; one piece of work of this page at a time, which can be stopped."""

    def __init__(self, screen: Screen, runs: GoldenRuns) -> None:
        self._screen, self._runs = screen, runs
        self._heads: dict[str, GoldenHead | Text] = {}
        self._work: asyncio.Task[None] | None = None
        say = screen.say
        with panel(say("golden.title"), "golden"):
            text(say("golden.hint"), "hint")
            with div("row"):
                self._all = text(say("golden.check_all"), "act small", "button").mark("golden-all")
                self._all.on("click", lambda: self._check(list(self._heads)))
                self._stop = text(say("golden.stop"), "act small hidden", "button")
                self._stop.on("click", self._end).mark("golden-stop")
                self._told = text("", "hint grow").props("role=status").mark("golden-told")
            empty = text(say("empty.golden"), "empty")
            self._list = KeyedList(div("lines"), self._entry, empty)
            self._found = div("lines golden-found").mark("golden-found")
        background_tasks.create(self._reread(), name="golden sessions")

    def _entry(self, name: str) -> Draw:
        say = self._screen.say
        with div("row library-entry"):
            text(name, "mono cut")
            facts = text("", "dim grow cut")
            check = text(say("golden.check"), "act small", "button")
            check.on("click", partial(self._check, [name])).mark(f"golden-check-{name}")
            gone = text(say("golden.remove"), "act small", "button")
            gone.on("click", partial(self._remove, name)).mark(f"golden-remove-{name}")

        def draw() -> None:
            head = self._heads.get(name)
            facts.say(self._facts(head) if head is not None else "")
            set_classes(facts, wrong=isinstance(head, Text))
            set_classes(check, off=not self._screen.user.may(GOLDEN_ROLE))
            set_classes(gone, off=not self._may_remove(name))

        return draw

    def _facts(self, head: GoldenHead | Text) -> str:
        user, say = self._screen.user, self._screen.say
        if isinstance(head, Text):
            return say.either(head)
        begin = formats.date_and_time(head.from_at, user.clock, user.language)
        told = {
            kind: formats.number(head.rows.get(kind, 0), user.language) for kind in GOLDEN_KINDS
        }
        return say("golden.facts", begin=begin, **told)

    async def keep(self, session: str) -> None:
        """Keep the named session under its name."""
        if not self._may(GOLDEN_ROLE):
            return

        async def work() -> None:
            screen = self._screen
            word = await self._runs.keep(
                screen.environment, session, screen.user.name, self._folded(session)
            )
            self._say(word, "golden.kept", session)
            await self._reread()

        self._begin(work)

    def _check(self, names: list[str]) -> None:
        if not self._may(GOLDEN_ROLE):
            return
        self._found.clear()

        async def work() -> None:
            for name in names:
                told = self._folded(name)
                word = await self._runs.check(self._screen.environment, name, told)
                self._say(word, "golden.checked", name)
                if word.checked is not None and not self._told.is_deleted:
                    with self._found:
                        self._result(word.checked)
                elif len(names) > 1 and not self._told.is_deleted:
                    with self._found:
                        text(f"{name}: {self._told.text}", "wrong")

        self._begin(work)

    def _result(self, done: GoldenCheck) -> None:
        say, count = self._screen.say, len(done.differences)
        key = "golden.different" if count else "golden.same"
        with div("golden-result"):
            text(say(key, name=done.name, count=count), "wrong" if count else "", "h3")
            if done.rules_then != done.rules_now:
                text(say("golden.rules", then=done.rules_then, now=done.rules_now), "dim")
            for one in done.differences[:MAX_SHOWN_DIFFERENCES]:
                text(say.either(one.sentence), "golden-difference", "p")
            if count > MAX_SHOWN_DIFFERENCES:
                more = count - MAX_SHOWN_DIFFERENCES
                text(say("golden.more", count=more, name=done.name), "dim", "p")

    async def _remove(self, name: str) -> None:
        if not self._may_remove(name):
            self._refuse(UNGOLDEN_ROLE)
            return
        try:
            await asyncio.to_thread(self._runs.folder.remove, name)
        except GoldenError as error:
            self._tell(self._screen.say.either(error.told), wrong=True)
        except OSError as error:
            self._tell(self._screen.say("sessions.failed", why=str(error)), wrong=True)
        await self._reread()

    def _begin(self, work: Callable[[], Awaitable[None]]) -> None:
        if self._work is not None and not self._work.done():
            self._tell(self._screen.say("golden.busy"), wrong=True)
            return
        self._tell(self._screen.say("golden.begun"))
        set_classes(self._stop, hidden=False)
        self._work = background_tasks.create(self._watched(work), name="golden session")
        self._work.add_done_callback(self._ended)

    async def _watched(self, work: Callable[[], Awaitable[None]]) -> None:
        """Do it, and leave off when nobody has the page open any more."""
        task = asyncio.ensure_future(work())
        try:
            while not task.done():
                await asyncio.wait([task], timeout=WATCHED_EVERY_S)
                if self._told.is_deleted:
                    task.cancel()
            task.result()
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    def _ended(self, work: asyncio.Task[None]) -> None:
        if not self._stop.is_deleted:
            set_classes(self._stop, hidden=True)
        if work.cancelled():
            self._tell(self._screen.say("golden.stopped"))

    def _end(self) -> None:
        if self._work is not None:
            self._work.cancel()

    def _folded(self, name: str) -> Callable[[int], None]:
        head = self._heads.get(name)
        whole = head.messages if isinstance(head, GoldenHead) else None
        say, language = self._screen.say, self._screen.user.language

        def tell(count: int) -> None:
            done = formats.number(count, language)
            if whole is None:
                self._tell(say("golden.folded", name=name, done=done))
            else:
                share = f"{100 * count / max(1, whole):.0f}"
                self._tell(say("golden.progress", name=name, share=share))

        return tell

    def _say(self, word: GoldenWord, done: str, name: str) -> None:
        say = self._screen.say
        if word.failed is not None:
            self._tell(say.either(word.failed), wrong=True)
        else:
            self._tell(say(done, name=name))

    def _tell(self, words: str, *, wrong: bool = False) -> None:
        if not self._told.is_deleted:
            self._told.say(words)
            set_classes(self._told, wrong=wrong)

    def _may(self, role: Role) -> bool:
        allowed = self._screen.user.may(role)
        if not allowed:
            self._refuse(role)
        return allowed

    def _may_remove(self, name: str) -> bool:
        """They lie in one folder: one of another factory, or of none, takes the right of all."""
        screen, head = self._screen, self._heads.get(name)
        own = isinstance(head, GoldenHead) and head.origin.environment == screen.environment
        user = screen.user
        return user.may(UNGOLDEN_ROLE) if own else user.may_everywhere(UNGOLDEN_ROLE)

    def _refuse(self, role: Role) -> None:
        say = self._screen.say
        self._tell(say("sessions.no_right", role=say(f"role.{role}")), wrong=True)

    async def _reread(self) -> None:
        """Read the folder anew; what is damaged stands there with what is wrong."""
        self._heads = await asyncio.to_thread(_heads, self._runs)
        if not self._told.is_deleted:
            self._list.show(list(self._heads))


def _heads(runs: GoldenRuns) -> dict[str, GoldenHead | Text]:
    found: dict[str, GoldenHead | Text] = {}
    for name in runs.folder.names():
        try:
            found[name] = runs.folder.head(name)
        except GoldenError as error:
            found[name] = error.told
    return found
