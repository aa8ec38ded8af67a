"""The HTTP door for other systems: commands in, state, messages and what became of commands out."""
