"""Every command of the factory, each through the command card."""
