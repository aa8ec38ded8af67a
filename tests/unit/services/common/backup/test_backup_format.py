"""A damaged copy of an environment is refused by its line, never with a traceback."""

import gzip
from pathlib import Path

import pytest

from services.common.backup.backup_format import CopyError, lines

HEAD = b'{"format":"omf-backup"}\n'


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (b"[" * 200_000, "nested too deeply"),
        (b'{"a":', "not readable"),
        (b"7", "not readable"),
        (b"\xff\xfe", "not readable"),
        (b"9" * 5000, "not readable"),
    ],
)
def test_the_damaged_line_is_named(tmp_path: Path, line: bytes, why: str) -> None:
    path = tmp_path / "copy.jsonl"
    path.write_bytes(HEAD + line + b"\n")
    with pytest.raises(CopyError, match=f"line 2: .*{why}"):
        list(lines(path))


@pytest.mark.parametrize("damage", ["cut", "broken"])
def test_a_packed_copy_that_ends_early_or_is_broken_says_so(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "copy.jsonl.gz"
    packed = bytearray(gzip.compress(HEAD * 20_000, 1))
    if damage == "broken":
        packed[len(packed) // 2 :] = b"\xff" * (len(packed) // 2)
    path.write_bytes(packed[:-9] if damage == "cut" else packed)
    with pytest.raises(CopyError, match=r"after line \d+: not readable"):
        list(lines(path))
