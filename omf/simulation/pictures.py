"""Pictures drawn by the simulation itself: no photo, no image library."""

import base64
import struct
import zlib
from collections.abc import Callable
from functools import cache

Colour = tuple[int, int, int]
PIECES: dict[str, Colour] = {
    "RED": (200, 40, 40),
    "WHITE": (235, 235, 230),
    "BLUE": (40, 80, 200),
}
_NAVY, _STEEL, _BLACK, _GREY = (18, 26, 44), (120, 130, 145), (10, 10, 10), (70, 78, 92)
_AMBER: Colour = (240, 180, 40)


def png(width: int, height: int, pixel: Callable[[int, int], Colour]) -> bytes:
    """Encode a picture whose every point `pixel(x, y)` tells, as an 8-bit RGB PNG."""
    rows = bytearray()
    for y in range(height):
        rows.append(0)
        for x in range(width):
            rows.extend(pixel(x, y))
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = (b"IHDR", head), (b"IDAT", zlib.compress(bytes(rows), 6)), (b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in parts)


def data_uri(picture: bytes) -> str:
    """The picture as the factory embeds it in JSON."""
    return "data:image/png;base64," + base64.b64encode(picture).decode()


def workpiece(colour: str, found: str, size: int = 96) -> bytes:
    """A piece from above, with the hole, pockets or crack its classification names."""
    body = PIECES.get(colour, _GREY)
    middle, radius = size / 2, size * 0.42

    def pixel(x: int, y: int) -> Colour:
        dx, dy = x - middle, y - middle
        if dx * dx + dy * dy > radius * radius:
            return _NAVY
        if found == "CRACK" and abs(dy - dx * 0.4 - (x % 7)) < 2:  # noqa: PLR2004 - a ragged line
            return _BLACK
        if "BOHO" in found and dx * dx + dy * dy < (size * 0.1) ** 2:
            return _BLACK
        if "MIPO" in found and abs(abs(dx) - size * 0.22) < size * 0.05 and abs(dy) < size * 0.2:
            return _STEEL
        return body

    return png(size, size, pixel)


def hall(step: int, width: int = 80, height: int = 60, scale: int = 2) -> bytes:
    """The hall through the station's camera: a road, machines, and a vehicle that moves on.

    Drawn in `width` by `height` squares of `scale` points each.
    """
    return _hall(step % (width + 12) - 12, width, height, scale)


@cache
def _hall(at: int, width: int, height: int, scale: int) -> bytes:
    """The vehicle comes by again: each picture is drawn once, which takes 4 ms."""
    lane, top = height * 2 // 3, height // 4

    def pixel(x: int, y: int) -> Colour:
        if at <= x < at + 12 and lane - 6 <= y < lane + 3:
            return _AMBER
        if y == lane and x % 6 < 3:  # noqa: PLR2004 - dashes
            return _STEEL
        if top <= y < lane - 10 and x % 27 < 15:  # noqa: PLR2004 - three machines
            return _GREY
        return _NAVY

    return png(width * scale, height * scale, lambda x, y: pixel(x // scale, y // scale))


def _chunk(kind: bytes, data: bytes) -> bytes:
    check = zlib.crc32(kind + data)
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", check)
