"""The Arduino station beside the factory: gas, flame, climate, vibration (PROTOCOL B.1)."""

from typing import Any

from omf.simulation.machine import Machine

STATION_ADDRESS = "192.168.0.95"
SENSORS: dict[str, tuple[str, float]] = {
    "mpu6050-1": ("vibration", 1.02),
    "mq2-1": ("gas", 2.05),
    "flame-1": ("flame", 2.07),
    "dht11-1": ("temperature", 5.0),
    "sw420-1": ("vibration", 5.0),
}
"""Sensor to its kind and its period in seconds of life."""


class SensorStation(Machine):
    """Five sensors, told whether they are online and what they measure."""

    client = "arduino"

    def on_connect(self) -> None:
        """Every sensor ONLINE, and measuring."""
        self.cancel_timers("measure")
        for sensor, (kind, _) in SENSORS.items():
            link = {"connectionState": "ONLINE", "ip": STATION_ADDRESS, "serialNumber": sensor}
            self.send("arduino_connection", link, kind=kind, sensor=sensor)
            self._measure(sensor)

    def _measure(self, sensor: str) -> None:
        kind, period_s = SENSORS[sensor]
        body = self._reading(sensor) | {"timestamp": self.stamp}
        self.send("arduino_state", body, kind=kind, sensor=sensor)
        self.after_real(period_s, self._measure, sensor, group="measure")

    def _reading(self, sensor: str) -> dict[str, Any]:
        number = self.random
        readings: dict[str, dict[str, Any]] = {
            "mpu6050-1": {
                "vibrationLevel": "green",
                "vibrationDetected": False,
                "impulseCount": 1,
                "magnitude": number.randint(16700, 16800),
            },
            "mq2-1": {"gasDetected": False, "gasLevel": 0, "rawValue": number.randint(145, 158)},
            "flame-1": {"flameDetected": False, "rawValue": number.randint(785, 800)},
            "dht11-1": {
                "temperature": round(number.uniform(23.5, 24.0), 1),
                "humidity": round(number.uniform(38.0, 39.5), 1),
                "temperatureUnit": "C",
                "humidityUnit": "%",
            },
            "sw420-1": {"vibrationDetected": False, "impulseCount": 0},
        }
        return readings[sensor]
