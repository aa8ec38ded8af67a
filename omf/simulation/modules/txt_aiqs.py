"""The TXT of the AIQS: camera and classifier."""

from typing import Any

from omf.simulation import pictures
from omf.simulation.modules.txt import Controller
from omf.simulation.payloads import get_object
from omf.simulation.simulated_factory import AIQS, Span

QUALITY_CLASSES: dict[str, tuple[str, str, int]] = {
    "WHITE": ("BOHO", "Round hole", 1),
    "RED": ("MIPO2", "2x milled pocket", 2),
    "BLUE": ("BOHOMIPO2", "Hole and 2x milled pocket", 3),
}
"""What a good piece of each colour is recognised as: (class, words, number)."""
STATION_ADDS_S = 5.7
"""The piece is moved under the camera before, and sorted out or taken back behind."""
CRACK = ("CRACK", "Cracks in Workpiece", 4)
GOOD_LIGHT, BAD_LIGHT = "#008000", "#FF0000"


class QualityController(Controller):
    """CHECK_QUALITY: a picture, a verdict, a light (PROTOCOL B.9, D.2)."""

    client = "txt-aiqs"
    built_in = AIQS
    version = "1.3.0+git40c45a0"
    waiting = "WAITING"

    def __init__(self, *, failing: float = 0.0, **options: Any) -> None:
        """`failing` is the share of pieces that fail, 0 to 1."""
        super().__init__(**options)
        self.failing = failing
        self.fail_next = False

    def takes_s(self, action: dict[str, Any]) -> Span:
        """The wait for a still picture differs."""
        del action
        return (2.2, 3.9, 5.6)

    def lasts(self, action: dict[str, Any]) -> float:
        """Where this factory's own times are known, less what goes before and behind."""
        colour = str(get_object(action, "metadata").get("type"))
        told = self.told("AIQS.CHECK_QUALITY", self.facts.serial, colour)
        return super().lasts(action) if told is None else max(0.0, told - STATION_ADDS_S)

    def on_fault(self, kind: str, target: str) -> bool:
        """`nok`: the next piece fails."""
        del target
        self.fail_next = self.fail_next or kind == "nok"
        return kind == "nok"

    def done(self) -> None:
        """Publish the picture, then the verdict."""
        colour = str(get_object(self.order["action"], "metadata").get("type"))
        passed = not self.fail_next and self.random.random() >= self.failing
        self.fail_next = False
        result = "PASSED" if passed else "FAILED"
        found = QUALITY_CLASSES.get(colour, CRACK) if passed else CRACK
        self._show(colour, found, result)
        light = GOOD_LIGHT if passed else BAD_LIGHT
        self.send("dsp_aiqs_action", {"command": "changeLight", "color": light})
        self.step("FINISHED", result=result)

    def _show(self, colour: str, found: tuple[str, str, int], result: str) -> None:
        """Publish the picture; a drawn one takes longer than all else of a check."""
        if "txt_quality_check" in self.unheard:
            return
        self.send(
            "txt_quality_check",
            {
                "data": pictures.data_uri(pictures.workpiece(colour, found[0])),
                "ts": self.fine_stamp,
                "classification": found[0],
                "classificationDesc": found[1],
                "result": result,
                "num": found[2],
            },
        )
