"""MQTT topics: the catalogue of what travels where, and topic filters as MQTT defines them."""
