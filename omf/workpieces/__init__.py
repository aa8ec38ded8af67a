"""The life of every workpiece: a fold of the factory's messages, beside what the state knows.

`follow` takes messages into `Workpieces`, which is part of `FactoryState`; `record` makes of a life
what people and programs read; `collect` gives all lives of a range of messages.
"""
