"""Each number and list of the factory once: everybody who judges by it imports it from here."""

COLOURS = ("RED", "WHITE", "BLUE")
"""Of workpieces, as the wire writes them (PROTOCOL A.3)."""

JOURNAL = "#"
"""The topic filter whose buffer holds every message."""

MINUTE_S, HOUR_S, DAY_S = 60, 3_600, 86_400

HEARTBEAT_S = 15.0
"""The bridge repeats the connection of every module so often (PROTOCOL B.2)."""

MODULE_SILENCE_S = 40.0
"""Two missed heartbeats and some delay. The longest healthy gap recorded was 27 s: a factory reset
that starts Node-RED anew (PROTOCOL D.5)."""
VEHICLE_SILENCE_S = 200.0
"""An idle vehicle speaks after 180 s, which it looks for every 10 s (PROTOCOL B.7, F.31)."""
CCU_SILENCE_S = 60.0
"""The CCU repeats its pairing after each heartbeat. The longest healthy gap recorded was 22.6 s (a
reset); its own restart takes longer and is no silence."""
SENSOR_SILENCE_S = 300.0
"""The slowest sensor reports once a minute (PROTOCOL B.1): five missed ones."""
CAMERA_SILENCE_S = 60.0
"""A running camera sends one or two pictures a second; the longest gap recorded was 1.9 s."""
SERVICE_SILENCE_S = 5.0
"""Our own services say every two seconds that they are there: after five they are not."""

CCU_ANSWER_S = 5.0
"""The CCU answers a request in 0.2 s, or never: its silence is a refusal (PROTOCOL C, G.4)."""

SINGLE_RESET_TYPES = ("HBW", "DPS", "AIQS")
"""Module types that obey a reset of their own; the others only the one of all (PROTOCOL C.9)."""

MOCK_SPEED = 10.0
"""How many seconds of the simulated factory pass in one of life, unless `OMF_MOCK_SPEED` says."""

MAX_PAYLOAD_BYTES = 65_536
"""Of a free message; the gateway sends no more of anything."""

AT_MOST_ONCE, EXACTLY_ONCE = 0, 2
"""Levels of QoS; what is sent at most once can be lost (PROTOCOL F.21)."""
VEHICLE_BAYS = ("1", "2", "3")
"""A vehicle of this kind has three (PROTOCOL A.2) unless its factsheet tells another number."""
