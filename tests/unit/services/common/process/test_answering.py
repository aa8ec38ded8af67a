"""A program that answers questions ends with whoever asked."""

import os
import subprocess
import sys
from subprocess import PIPE

from tests.support.processes import ROOT

PROGRAM = """\
import sys
from services.common.process.answering import write_answer
sys.stdin.readline()
write_answer(("answer", 1))
"""


def test_where_nobody_waits_for_the_answer_any_more_it_ends_without_a_complaint() -> None:
    read, write = os.pipe()
    asked = subprocess.Popen(
        [sys.executable, "-c", PROGRAM], cwd=ROOT, stdin=PIPE, stdout=write, stderr=PIPE
    )
    os.close(write)
    os.close(read)
    _, complaint = asked.communicate(b"\n", timeout=60)
    assert (asked.returncode, complaint) == (0, b"")
