"""How a process lives: settings, start, loops, health, logs, traces, clock."""
