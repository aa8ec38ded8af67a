"""Alarms: what stands, what is hidden, what there was, and what people do to them."""
