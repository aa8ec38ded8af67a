"""MQTT to buffers: every message once, under one id, and acknowledged only when it lies there.

Reading order is the order of the flow: queue (network thread) -> routes -> writer -> store,
then the PUBACKs. `process` drives it; `redelivery` knows what a broker sends twice.
"""
