"""The part `sensors`: environment sensors, camera and the Arduino station."""
