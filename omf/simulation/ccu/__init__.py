"""The part `ccu`: the central control unit."""
