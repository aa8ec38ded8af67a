"""Raw material that a person ordered, and how much of it the warehouses still need."""
