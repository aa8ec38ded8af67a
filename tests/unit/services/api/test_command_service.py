"""What the HTTP door answers where orders refuses at its entrance."""

from typing import Any

import pytest

from services.api import command_service
from services.api.problems import RefusalError
from services.common.store.bus import StoreError
from services.common.store.keys import CommandEvent, CommandRecord, Reason, Stage
from services.common.store.submission import TooBusyError
from services.orders import reasons
from tests.support.command_examples import command_of


def record(stage: Stage, *why: Reason) -> CommandRecord:
    event = CommandEvent(command_id="c", kind="park", stage=stage, at=0.0, reasons=why)
    return CommandRecord(command=command_of("park", command_id="c"), events=(event,))


class Told:
    """A store that answers one after the other."""

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)

    async def record(self, _: str) -> Any:
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


async def asked(*answers: Any) -> None:
    store: Any = Told(*answers)
    await command_service._taken_on(store, "c")


async def test_too_busy_is_429_with_the_time_to_come_back() -> None:
    with pytest.raises(RefusalError) as error:
        await asked(None, record(Stage.REFUSED, reasons.too_busy(4)))
    answer = error.value.answer("en")
    assert answer.status_code == 429
    assert answer.headers["retry-after"] == "4"
    assert b"nothing was sent" in answer.body


@pytest.mark.parametrize(
    "answers",
    [
        (record(Stage.ACCEPTED),),
        (record(Stage.REFUSED, reasons.TOO_FAST),),
        (None,) * len(command_service.LOOKS_S),
        (StoreError("away"),),
    ],
)
async def test_whatever_else_became_of_it_its_life_tells(answers: tuple[Any, ...]) -> None:
    await asked(*answers)


async def test_what_was_turned_away_at_the_submission_is_429_as_well() -> None:
    class Busy:
        async def submit(self, _: Any) -> None:
            raise TooBusyError(3)

    store: Any = Busy()
    with pytest.raises(RefusalError) as error:
        await command_service._handed_over(store, command_of("park", command_id="c"))
    answer = error.value.answer("en")
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "3")
    assert b"nothing was sent" in answer.body
