"""The session station: reads and writes recorded sessions and plays them to a broker."""
