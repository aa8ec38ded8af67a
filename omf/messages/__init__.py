"""Every payload of the factory as a frozen model (PROTOCOL B), and the one way to read them.

`reading.parse(topic, payload)` returns a `Reading` (entry of the catalogue, named levels, payload
model, and what of it could not be read), `Deleted` (empty payload), `Rejected` (nothing of it fits,
with the reason) or `Unmodelled` (nobody described it); it never raises. `parse_strictly` also
rejects what is read in part only. `writing.dump(payload)` writes what a model holds, or raises
`WriteError`; `writing.check_command` holds foreign bytes to the same standard.

Reading is tolerant: every field may be missing, null or damaged and is None then, never a made-up
value; what was there and could not be read is named in `Reading.misfits` and in the `unread` of
its record.
Where the wire is ambiguous the model has the raw field as `reported_...` and a property with the
meaning: `order_id` (None for "", "0", 0), `errors` (without `[{}]`), `Load.empty`, `Load.colour`.

Nothing is imported here: who needs a message, or text that is printable, need not load the models.
"""
