"""What the factory and this installation are set to: flows, layout, settings, modules."""
