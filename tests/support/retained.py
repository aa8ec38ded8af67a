"""Makes a shared broker forget: a test must not meet the retained messages of another."""

import threading
from urllib.parse import urlsplit

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

QUIET_S = 0.2
"""Retained messages follow the SUBACK at once; this long without one and all have come."""


def sweep(mqtt_url: str) -> str:
    """Delete every retained message; returns the address."""
    address = urlsplit(mqtt_url)
    found: set[str] = set()
    came, subscribed = threading.Event(), threading.Event()

    def note(_client: mqtt.Client, _data: object, message: mqtt.MQTTMessage) -> None:
        if message.retain:
            found.add(message.topic)
            came.set()

    client = mqtt.Client(CallbackAPIVersion.VERSION2)
    client.on_message = note
    client.on_subscribe = lambda *_: subscribed.set()
    client.connect(address.hostname or "", address.port or 1883)
    client.loop_start()
    client.subscribe("#", qos=0)
    assert subscribed.wait(5), f"{mqtt_url} does not confirm a subscription"
    while came.wait(QUIET_S):
        came.clear()
    for topic in found:
        client.publish(topic, b"", qos=1, retain=True).wait_for_publish(5)
    client.disconnect()
    client.loop_stop()
    return mqtt_url
