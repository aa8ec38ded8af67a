"""Workpieces: those in the house now and where each is, and the last ones that left it."""

from collections import Counter
from urllib.parse import urlencode

from nicegui import ui

from omf.workpieces import wording
from services.ui.live.screen import Screen
from services.ui.types import Address, Page, Row
from services.ui.views import urls, workpiece_view
from services.ui.views.workpiece_view import PIECE_COLOURS, PIECE_LISTS
from services.ui.widgets.elements import Label, attribute, div, link, panel, set_classes, text
from services.ui.widgets.stale_overlay import stale_overlay
from services.ui.widgets.table import WRAPPED, Table, column

ALL_PIECES = "all"


def build(screen: Screen, address: Address) -> None:
    """Fill the page; `list`, `colour` and `find` in the address narrow it."""
    with div("detail-page"), panel(screen.say("page.workpieces"), "fill") as shown:
        _Lives(screen, address)
    stale_overlay(screen, shown)


class _Lives:
    """The table of all pieces, seen through a list, a colour and a text."""

    def __init__(self, screen: Screen, address: Address) -> None:
        self._screen = screen
        self._list = _one_of(address.get("list", ""), PIECE_LISTS)
        self._colour = _one_of(address.get("colour", "").upper(), PIECE_COLOURS)
        self._wanted = address.get("find", "")
        say = screen.say
        with div("lists"):
            self._lists = {name: self._entry("list", name) for name in (ALL_PIECES, *PIECE_LISTS)}
        with div("lists"):
            names = (ALL_PIECES, *PIECE_COLOURS)
            self._colours = {name: self._entry("colour", name) for name in names}
            field = ui.input(placeholder=say("workpieces.find"), value=self._wanted)
            field.classes("field grow").props("dense outlined square clearable debounce=300")
            attribute(field, "aria-label", say("workpieces.find"))
            field.on_value_change(lambda event: self._find(event.value or ""))
        self._archived = link("", "", "way-in hidden").mark("find-archived")
        self._table = Table(_columns(screen), self._rows(), empty="", on_pick=self._open)
        screen.live(self._draw)

    def _entry(self, kind: str, name: str) -> Label:
        entry = text("", "list-entry", "button").mark(f"{kind}-{name}")
        entry.on("click", lambda: self._choose(kind, name))
        return entry

    def _choose(self, kind: str, name: str) -> None:
        if kind == "list":
            self._list = name
        else:
            self._colour = name
        self._narrowed()

    def _find(self, wanted: str) -> None:
        self._wanted = wanted.strip()
        self._narrowed()

    def _narrowed(self) -> None:
        chosen = {"list": self._list, "colour": self._colour, "find": self._wanted}
        query = urlencode({k: v for k, v in chosen.items() if v not in ("", ALL_PIECES)})
        ui.navigate.history.replace(
            self._screen.path(f"workpieces?{query}" if query else "workpieces")
        )
        self._screen.refresh()

    def _all(self) -> list[Row]:
        model, user = self._screen.model, self._screen.user
        key = ("workpiece-rows", user.language, user.clock)
        return model.shared(key, lambda: _rows(self._screen))

    def _rows(self) -> list[Row]:
        wanted = self._wanted.lower()
        return [
            row
            for row in self._all()
            if self._list in (ALL_PIECES, row["list"])
            and self._colour in (ALL_PIECES, row["colour"])
            and (not wanted or wanted in str(row["searched"]))
        ]

    def _draw(self) -> None:
        say, rows = self._screen.say, self._all()
        by_list = Counter(str(row["list"]) for row in rows)
        by_colour = Counter(str(row["colour"]) for row in rows)
        for name, entry in self._lists.items():
            count = by_list[name] if name != ALL_PIECES else len(rows)
            entry.say(say(f"workpieces.list.{name}", count=count))
            _mark(entry, chosen=name == self._list)
        for name, entry in self._colours.items():
            every = name == ALL_PIECES
            words = say("workpieces.colours") if every else say.known("colour", name)
            entry.say(words if every else f"{words} {by_colour[name]}")
            _mark(entry, chosen=name == self._colour)
        shown, wanted = self._rows(), self._wanted
        elsewhere = bool(wanted) and not shown
        set_classes(self._archived, hidden=not elsewhere)
        self._archived.say(say("workpieces.in_archive", wanted=wanted[:64]) if elsewhere else "")
        attribute(self._archived, "href", urls.to_workpiece(self._screen, wanted))
        self._table.show(shown)
        self._table.empty.say(say("workpieces.none_found" if rows else "workpieces.none"))

    def _open(self, picked: str) -> None:
        ui.navigate.to(urls.to_workpiece(self._screen, picked))


def _one_of(given: str, known: tuple[str, ...]) -> str:
    return given if given in known else ALL_PIECES


def _mark(entry: Label, *, chosen: bool) -> None:
    set_classes(entry, current=chosen)
    attribute(entry, "aria-pressed", str(chosen).lower())


def _rows(screen: Screen) -> list[Row]:
    say, factory = screen.say, screen.model.factory
    found: list[Row] = []
    for life in wording.all_lives(factory):
        note = wording.tag_words(life.tag, factory, say)
        ids = [life.id, life.tag or "", note, *(one.order_id for one in life.orders)]
        listed = workpiece_view.list_of(life)
        found.append(
            {
                "id": life.id,
                "list": listed,
                "colour": wording.colour_of(life),
                "searched": " ".join(ids).lower(),
                "piece": say.known("colour", wording.colour_of(life)),
                "tag": " · ".join(filter(None, (life.tag or say("workpieces.no_tag"), note))),
                "status": wording.status_word(life, say),
                "place": wording.place_words(life.claims, factory, say),
                "result": wording.result_word(life, say),
                "order": workpiece_view.order_ids(life),
                "began": screen.when(life.begun_at),
                "ended": "" if life.ended_at is None else screen.when(life.ended_at),
                "bad": listed in ("unclear", "lost"),
                "failed": listed == "failed",
                "rank": life.ended_at or life.begun_at,
            }
        )
    return found


def _columns(screen: Screen) -> list[dict[str, object]]:
    say = screen.say
    bad = {"cell-warn": "data.bad", "cell-bad": "data.failed"}
    return [
        column("piece", say("column.piece"), 110),
        column("tag", say("column.tag"), 0, minWidth=130, **WRAPPED),
        column("status", say("column.state"), 0, minWidth=120, cellClassRules=bad, **WRAPPED),
        column("place", say("column.place"), 0, minWidth=120, **WRAPPED),
        column("result", say("column.result"), 110),
        column("order", say("column.order"), 150, cellClass="cell-mono"),
        column("began", say("column.began"), 120),
        column("ended", say("column.ended"), 120),
        column("rank", "", 1, hide=True, sort="desc"),
    ]


PAGE = Page("workpieces", "overview", "t", build, paths=("workpieces", "workpieces/{list}"))
