"""The rules in force: why each is there, what to do, how fast, and what the site changed."""

from omf.alarms.alarm_texts import rule_action, rule_title
from omf.alarms.limits import in_every_language
from omf.alarms.rule_data import AlarmRule, Suppression
from omf.state.device_names import device_name
from services.ui import formats
from services.ui.features.alarms.history_list import level_words
from services.ui.live.screen import Screen
from services.ui.types import Row
from services.ui.widgets.elements import div, set_classes, text
from services.ui.widgets.table import WRAPPED, Table, column


class RuleTable:
    """The rationalisation table; it changes only when the service `alarms` begins anew."""

    def __init__(self, screen: Screen) -> None:
        self._screen = screen
        self._shown = ""
        self._lines: list[str] = []
        say = screen.say
        self._version = text("", "hint")
        self._fault = text("", "hint wrong hidden").mark("rules-fault")
        columns = [
            column("level", say("column.priority"), 136, sort="asc"),
            column("what", say("alarms.column.alarm"), 0, minWidth=150, **WRAPPED),
            *(
                column(name, say(f"alarms.column.{name}"), 0, minWidth=150, **WRAPPED)
                for name in ("cause", "consequence", "action")
            ),
            column("respond", say("alarms.column.respond"), 92),
            column("numbers", say("alarms.column.numbers"), 110, **WRAPPED),
            column("site", say("alarms.column.site"), 110, **WRAPPED),
        ]
        self._suppressions = div("lines")
        self._table = Table(columns, self._rows(), empty="")
        screen.live(self._draw)

    def _draw(self) -> None:
        factory, say = self._screen.model.factory, self._screen.say
        rules, fault = factory.alarm_rules, factory.rules_fault
        self._version.say(say("alarms.rules_version", version=rules.version))
        self._fault.say(say("alarms.rules_fault", fault=say.either(fault)) if fault else "")
        set_classes(self._fault, hidden=fault is None)
        if rules.version != self._shown:
            self._shown = rules.version
            self._table.show(self._rows())
        self._list_suppressions()

    def _list_suppressions(self) -> None:
        """Which alarms the design suppresses, and while what holds."""
        rows = self._screen.model.factory.alarm_rules.suppressions.values()
        lines = [self._suppression(row) for row in rows if row.enabled]
        # A device has a name only once the factory has told what it is.
        if lines == self._lines:
            return
        self._lines = lines
        self._suppressions.clear()
        with self._suppressions:
            for line in lines:
                text(line, "hint")

    def _suppression(self, row: Suppression) -> str:
        say, reason = self._screen.say, in_every_language(row.reason)
        why = say.either(reason) if reason else say(f"alarm_suppressed.{row.when}")
        return say("alarms.suppressed_while", rules=self._meant(row), why=why)

    def _meant(self, row: Suppression) -> str:
        """The alarms of a suppression by their titles, and the devices by their names."""
        factory, say = self._screen.model.factory, self._screen.say
        titles = [say.either(rule_title(factory.alarm_rules, name)) for name in row.rules]
        names = [say.either(device_name(factory, one)) for one in row.devices]
        meant = "; ".join(titles)
        return say("alarms.only_of", rules=meant, devices=", ".join(names)) if names else meant

    def _rows(self) -> list[Row]:
        rules = self._screen.model.factory.alarm_rules
        return [self._row(name, rule, rules.changed) for name, rule in rules.rules.items()]

    def _row(self, name: str, rule: AlarmRule, changed: frozenset[str]) -> Row:
        screen, say = self._screen, self._screen.say
        rules = screen.model.factory.alarm_rules
        key = rules.texts(name)
        return {
            "id": name,
            "level": level_words(screen, rule.severity) if rule.enabled else say("alarms.rule_off"),
            "what": say.either(rule_title(rules, name)),
            "cause": say(f"{key}.cause"),
            "consequence": say(f"{key}.consequence"),
            "action": say.either(rule_action(rules, name)),
            "respond": formats.age(rule.respond_s, say.language),
            "numbers": self._numbers(rule),
            "site": say("alarms.site_changed") if name in changed else "",
        }

    def _numbers(self, rule: AlarmRule) -> str:
        delays = {"on_delay_s": rule.on_delay_s, "off_delay_s": rule.off_delay_s}
        told = {**{name: value for name, value in delays.items() if value}, **rule.parameters}
        say = self._screen.say
        return ", ".join(say(f"alarms.number.{k}", value=f"{v:g}") for k, v in told.items())
