"""What a recorded session tells: orders, steps, losses, silences, alarms; and two of them compared.

`analyse(messages)` reads a whole session and returns an `Analysis`; `compare(a, b)` holds two
against each other. Pure: messages in, models out; time is the arrival of the messages.
"""

from omf.analysis.compare import Comparison, compare
from omf.analysis.report import Analysis, OrderRow, StepRow
from omf.analysis.run import EmptySessionError, analyse

__all__ = [
    "Analysis",
    "Comparison",
    "EmptySessionError",
    "OrderRow",
    "StepRow",
    "analyse",
    "compare",
]
