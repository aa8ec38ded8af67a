"""How a process lives: its settings, its streams, its bus, its broker link, its health."""
