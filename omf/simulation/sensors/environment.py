"""What the DPS's TXT measures and sees: climate, brightness, camera (PROTOCOL B.9, C.26)."""

from typing import Any

from omf.simulation import pictures
from omf.simulation.machine import Machine
from omf.topics import catalogue

PERIOD_S = 60
"""In life, as set in the factory; sensors do not measure faster because production does."""
START_FPS = 0.5
"""Slower than the real one frame a second: enough to see it move, little to store."""
SENSOR_TOPICS = ("txt_set_bme680", "txt_set_ldr", "txt_set_cam")


class EnvironmentSensors(Machine):
    """bme680, ldr and cam with periods an operator can set."""

    client = "txt-sensors"

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.fps, self.frame = START_FPS, 0
        self.periods: dict[str, float] = {"txt_bme680": PERIOD_S, "txt_ldr": PERIOD_S}
        self.celsius, self.humidity, self.pressure = 25.2, 29.7, 998.4

    def filters(self) -> tuple[str, ...]:
        """The settings of sensors and camera."""
        return tuple(catalogue.find(name).pattern for name in SENSOR_TOPICS)

    def on_connect(self) -> None:
        """Greet, and measure at once."""
        self.send(
            "txt_broadcast",
            {
                "ts": self.stamp,
                "hardwareId": "txt40-mock",
                "hardwareModel": "TXT 4.0",
                "softwareName": "APS",
                "softwareVersion": "1.6.0",
                "message": "init",
            },
        )
        for name in self.periods:
            self._restart(name)
        self._restart("txt_cam")

    def on_message(self, name: str, levels: dict[str, str], body: Any) -> None:
        """A new period, or the camera on and off; nonsense is ignored."""
        del levels
        if not isinstance(body, dict):
            return
        if name == "txt_set_cam":
            fps = body.get("fps")
            good = isinstance(fps, int | float) and fps > 0
            self.fps = float(fps or 0) if body.get("on") and good else 0.0
            self._restart("txt_cam")
        elif isinstance(period := body.get("period"), int | float) and period >= 1:
            sensor = name.replace("txt_set_", "txt_")
            self.periods[sensor] = float(period)
            self._restart(sensor)

    def _restart(self, sensor: str) -> None:
        self.cancel_timers(sensor)
        measures = {"txt_bme680": self._climate, "txt_ldr": self._light, "txt_cam": self._see}
        measures[sensor]()

    def _climate(self) -> None:
        self.celsius += self.random.uniform(-0.1, 0.1) + (25.0 - self.celsius) * 0.05
        self.humidity += self.random.uniform(-0.2, 0.2) + (30.0 - self.humidity) * 0.05
        self.pressure += self.random.uniform(-0.1, 0.1) + (998.0 - self.pressure) * 0.02
        body = {
            "ts": self.stamp,
            "t": round(self.celsius, 1),
            "rt": 0.0,
            "h": round(self.humidity, 1),
            "rh": 0.0,
            "p": round(self.pressure, 1),
            "iaq": self.random.randint(28, 40),
            "aq": 3,
            "gr": 0,
        }
        self.send("txt_bme680", body)
        self.after_real(self.periods["txt_bme680"], self._climate, group="txt_bme680")

    def _light(self) -> None:
        bright = self.random.uniform(68.0, 71.0)
        ohm = round(19900 - (bright - 69.4) * 600)
        self.send("txt_ldr", {"ts": self.stamp, "br": round(bright, 1), "ldr": ohm})
        self.after_real(self.periods["txt_ldr"], self._light, group="txt_ldr")

    def _see(self) -> None:
        if not self.fps:
            return
        self.frame += 1
        picture = pictures.data_uri(pictures.hall(self.frame))
        self.send("txt_cam", {"ts": self.stamp, "data": picture})
        self.after_real(1.0 / self.fps, self._see, group="txt_cam")
