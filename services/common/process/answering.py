"""A program that answers questions one by one, held beside whoever asks and ended when idle.

Each line of its input is a question; each answer is its length in eight bytes and a pickled pair
`(kind, value)`. Its input is its caller alone.
"""

import asyncio
import os
import pickle
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Any

LENGTH_BYTES = 8
IDLE_S = 600.0
"""Then the process ends, with all it had in memory."""


class NoAnswerError(Exception):
    """The process died or took too long; the next question starts another one."""


class AnsweringProcess:
    """`python -m module`, started with the first question; called from one event loop."""

    def __init__(
        self, module: str, answer_s: float, environment: Callable[[], dict[str, str]]
    ) -> None:
        """`environment` gives what of ours the program is told."""
        self._module, self._answer_s, self._environment = module, answer_s, environment
        self._process: asyncio.subprocess.Process | None = None
        self._idle: asyncio.TimerHandle | None = None

    async def ask(self, question: str) -> tuple[str, Any]:
        """The answer to one line; one question at a time. NoAnswerError."""
        try:
            async with asyncio.timeout(self._answer_s):
                found = await self._answer(question)
        except (TimeoutError, OSError, EOFError) as error:
            self._end()
            raise NoAnswerError(f"no answer: {type(error).__name__}") from error
        except asyncio.CancelledError:
            # The answer would be taken for that of the next question.
            self._end()
            raise
        self._end_when_idle()
        return found

    async def start(self) -> None:
        """Have the program ready before the first question; what keeps it from that, that says."""
        if self._process is None or self._process.returncode is not None:
            with suppress(OSError):
                self._process = await self._start()
            self._end_when_idle()

    async def close(self) -> None:
        """End the process, and see it gone."""
        process = self._process
        self._end()
        if process is not None:
            await process.wait()

    def _end_when_idle(self) -> None:
        if self._idle is not None:
            self._idle.cancel()
        self._idle = asyncio.get_running_loop().call_later(IDLE_S, self._end)

    def _end(self) -> None:
        if self._idle is not None:
            self._idle.cancel()
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
        self._process = None

    async def _answer(self, question: str) -> tuple[str, Any]:
        process = self._process
        if process is None or process.returncode is not None:
            process = self._process = await self._start()
        if process.stdin is None or process.stdout is None:
            raise EOFError
        process.stdin.write(question.encode() + b"\n")
        await process.stdin.drain()
        length = int.from_bytes(await process.stdout.readexactly(LENGTH_BYTES), "big")
        told = await process.stdout.readexactly(length)
        answer: tuple[str, Any] = pickle.loads(told)  # noqa: S301 - of our own process
        return answer

    async def _start(self) -> asyncio.subprocess.Process:
        pipe, env = asyncio.subprocess.PIPE, self._environment()
        return await asyncio.create_subprocess_exec(
            sys.executable, "-m", self._module, stdin=pipe, stdout=pipe, env=env
        )


def write_answer(answer: tuple[str, object]) -> None:
    """Write one answer; for the program itself, which ends where nobody is left who asked."""
    told = pickle.dumps(answer, pickle.HIGHEST_PROTOCOL)
    out = sys.stdout.buffer
    try:
        out.write(len(told).to_bytes(LENGTH_BYTES, "big") + told)
        out.flush()
    except BrokenPipeError:
        # Python would try again at its end, and complain.
        os.dup2(os.open(os.devnull, os.O_WRONLY), out.fileno())
        sys.exit()
