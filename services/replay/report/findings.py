"""What stands out in a session, gravest first: the sentences at the top of the report."""

from collections.abc import Iterator

from omf.analysis import Analysis, OrderRow
from omf.texts import Text
from services.replay.report.gantt import title
from services.replay.report.words import minutes, said

FAILED, SLOW, NOTE = "failed", "slow", "note"
GRAVITIES = (FAILED, SLOW, NOTE)
MAX_FINDINGS = 40

Finding = tuple[str, Text]
"""Gravity, which is also the CSS class, and the sentence."""


def findings(analysis: Analysis) -> list[Finding]:
    """Everything unusual, each as one sentence in every language."""
    every = [*_orders(analysis), *_alarms(analysis), *_losses(analysis), *_traffic(analysis)]
    return sorted(every, key=lambda one: GRAVITIES.index(one[0]))[:MAX_FINDINGS]


def _orders(analysis: Analysis) -> Iterator[Finding]:
    for order in analysis.orders:
        yield from _steps(order)
        if order.vanished:
            yield FAILED, said("out.vanished", order=title(order))
        elif order.ended_at is None:
            yield NOTE, said("out.open", order=title(order))


def _steps(order: OrderRow) -> Iterator[Finding]:
    for step in order.steps:
        if step.verdict == "failed":
            yield FAILED, said("out.failed", order=title(order), step=step.name)
        if step.verdict == "slow" and step.usual:
            took, usual = minutes(step.duration_s), minutes(step.usual.usual)
            yield (
                SLOW,
                said("out.slow", order=title(order), step=step.name, took=took, usual=usual),
            )


def _alarms(analysis: Analysis) -> Iterator[Finding]:
    for alarm in analysis.alarms:
        at = minutes(alarm.first_at - analysis.began_at)
        words = said("out.alarm", at=at, text=alarm.text)
        yield FAILED if alarm.severity == "critical" else SLOW, words


def _losses(analysis: Analysis) -> Iterator[Finding]:
    for row in analysis.sequences:
        if row.gaps:
            missing = sum(gap.missing for gap in row.gaps)
            yield SLOW, said("out.gaps", source=row.source, missing=missing)
        for at in row.reboots:
            when = minutes(at - analysis.began_at)
            yield NOTE, said("out.reboot", source=row.source, at=when)


def _traffic(analysis: Analysis) -> Iterator[Finding]:
    for row in analysis.silences:
        source = said("anybody") if row.source == "*" else row.source
        length = round(row.ended_at - row.began_at)
        at = minutes(row.began_at - analysis.began_at)
        yield SLOW, said("out.silence", source=source, length=length, at=at)
    if analysis.rejects:
        yield SLOW, said("out.rejects", count=len(analysis.rejects))
