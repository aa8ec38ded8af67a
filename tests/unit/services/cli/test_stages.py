"""The exit code of `omf send` by what became of the command."""

from typing import Any

import pytest
import typer

from services.cli.stages import EXIT_TOO_BUSY, StagePrinter, exit_code, hand_over
from services.common.store.keys import CommandEvent, Stage
from services.common.store.submission import TooBusyError
from services.orders import reasons
from tests.support.command_examples import command_of


class TellingBus:
    """A store in which the command already has its end."""

    def __init__(self, event: CommandEvent) -> None:
        self._event = event

    async def newest_models(self, *_: Any) -> list[Any]:
        return []

    async def record(self, _: str) -> Any:
        return type("Found", (), {"events": (self._event,)})


@pytest.mark.parametrize(
    ("why", "code"), [(reasons.too_busy(7), EXIT_TOO_BUSY), (reasons.TOO_FAST, 3)]
)
async def test_too_busy_is_an_exit_code_of_its_own(
    why: Any, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    event = CommandEvent(command_id="c", kind="park", stage=Stage.REFUSED, at=0.0, reasons=(why,))
    bus: Any = TellingBus(event)
    watch = StagePrinter(bus, "c", as_json=False)
    await watch.begin()
    final = await watch.until_final(0)
    assert exit_code(final, watch.retry_s) == code
    assert "nothing was sent" in capsys.readouterr().out


async def test_what_was_turned_away_at_the_submission_ends_with_the_same_code(
    capsys: pytest.CaptureFixture[str],
) -> None:
    class Busy:
        async def submit(self, _: Any) -> None:
            raise TooBusyError(3)

    bus: Any = Busy()
    with pytest.raises(typer.Exit) as ended:
        await hand_over(bus, command_of("park", command_id="c"))
    assert ended.value.exit_code == EXIT_TOO_BUSY
    assert "nothing was sent. Ask again in 3 s" in capsys.readouterr().err
