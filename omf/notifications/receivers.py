"""Who is to be told of alarms: the file of receivers, checked, and what holds at a moment."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, time
from typing import Annotated, NamedTuple, Self
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from omf.constants import MINUTE_S
from omf.factories import FactoryName
from omf.texts import Language, Text, text
from omf.yaml_files import TimeOfDay

MINUTES_OF_A_DAY = 24 * 60
MAX_RECEIVERS = 100
PRIORITIES = 4
Name = Annotated[str, Field(pattern=r"^\w[\w .@-]{0,63}$")]


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class QuietHours(_Entry):
    """When a receiver is left in peace, each day; `from` after `until` passes midnight."""

    begin: TimeOfDay = Field(alias="from")
    end: TimeOfDay = Field(alias="until")
    but_priority: int = Field(default=1, ge=0, le=PRIORITIES)
    """Alarms up to this priority are told all the same; 0 is none."""

    def hold(self, at: time) -> bool:
        """Whether a time of day lies in them."""
        if self.begin <= self.end:
            return self.begin <= at < self.end
        return at >= self.begin or at < self.end


class NotificationAddress(_Entry):
    """Where a receiver is reached: one address of a provider, or the person's browsers."""

    name: Name
    url: str = ""
    """A name in the file of addresses, where its Apprise URL stands: that may hold a password."""
    web_push: str = ""
    """The account whose browsers are told, as they were subscribed on the pages."""

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if bool(self.url) == bool(self.web_push):
            raise _fault("receivers.one_way")
        if "://" in self.url:
            # It is not repeated: it may hold a password, and faults are logged and shown.
            raise _fault("receivers.url_here")
        return self


class Receiver(_Entry):
    """A person or a channel, and what it is told when."""

    name: Name
    language: Language = "en"
    least_priority: int = Field(default=2, ge=1, le=PRIORITIES)
    """Alarms up to this priority; 1 is the most urgent."""
    environments: tuple[FactoryName, ...] = Field(("live",), min_length=1)
    addresses: tuple[NotificationAddress, ...] = Field(min_length=1, max_length=10)
    on_duty: str = ""
    """A calendar: told only while one of its events names this receiver."""
    quiet: QuietHours | None = None
    after_minutes: float = Field(default=0.0, ge=0, le=MINUTES_OF_A_DAY, allow_inf_nan=False)
    """Told only of what nobody has acknowledged for so long."""
    shift_report: bool = False
    """Told how each shift was once it is over, on duty or not; in quiet hours once they end."""

    @model_validator(mode="after")
    def _named_once(self) -> Self:
        if twice := _twice(one.name for one in self.addresses):
            raise _fault("receivers.twice", name=twice)
        return self

    @property
    def after_s(self) -> float:
        """The same in seconds."""
        return self.after_minutes * MINUTE_S

    def key(self, address: NotificationAddress) -> str:
        """One of its addresses among those of everybody."""
        return f"{self.name}/{address.name}"


class ReceiversFile(_Entry):
    """The whole file."""

    timezone: str = "UTC"
    """Of quiet hours, and of the times in messages."""
    calendars: dict[Name, str] = {}
    """Name -> an iCalendar file; the summary of an event names who is on duty."""
    receivers: tuple[Receiver, ...] = Field((), max_length=MAX_RECEIVERS)

    @model_validator(mode="after")
    def _whole(self) -> Self:
        try:
            ZoneInfo(self.timezone)
        except (KeyError, ValueError, OSError):
            raise _fault("receivers.timezone", name=self.timezone) from None
        if twice := _twice(one.name.casefold() for one in self.receivers):
            raise _fault("receivers.twice", name=twice)
        for one in self.receivers:
            if one.on_duty and one.on_duty not in self.calendars:
                raise _fault("receivers.no_calendar", receiver=one.name, name=one.on_duty)
        return self

    def at(self, now: float, environment: str, duty: "Duty") -> list["ReceiverNow"]:
        """How it stands with each receiver of an environment at a moment, Unix s."""
        clock = datetime.fromtimestamp(now, ZoneInfo(self.timezone)).time()
        return [
            ReceiverNow(
                one,
                on_duty=not one.on_duty or one.name.casefold() in duty.get(one.on_duty, ()),
                quiet=one.quiet is not None and one.quiet.hold(clock),
            )
            for one in self.receivers
            if environment in one.environments
        ]


Duty = dict[str, frozenset[str]]
"""Calendar -> who is on duty, in small letters."""


class ReceiverNow(NamedTuple):
    """A receiver at a moment."""

    receiver: Receiver
    on_duty: bool = True
    quiet: bool = False

    def disturbed_by(self, priority: int) -> bool:
        """Whether an alarm of this priority is told at such an hour."""
        quiet = self.receiver.quiet if self.quiet else None
        return quiet is None or priority <= quiet.but_priority

    @property
    def listens(self) -> bool:
        """Whether the gravest alarm would be told at once."""
        return self.on_duty and self.disturbed_by(1) and not self.receiver.after_minutes


def _twice(names: Iterator[str]) -> str:
    return next((one for one, count in Counter(names).items() if count > 1), "")


def _fault(key: str, **words: str) -> PydanticCustomError:
    said: Text = text(key, **words)
    return PydanticCustomError("receivers", "not usable", {"text": said})
