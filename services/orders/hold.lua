-- A dangerous command begins to wait for a second person, whole or not at all.
-- Invariants:
--   A command that was decided on, or waits already, is only acknowledged.
--   Nothing of it can go out: no record, no outbox. It comes again with the answer, as an entry of `commands`.
-- KEYS: commands, command record, approvals, events.
-- ARGV: group, entry id, command id, what waits, event.
local known = redis.call('EXISTS', KEYS[2]) == 1 or redis.call('HGET', KEYS[3], ARGV[3])
if not known then
  redis.call('HSET', KEYS[3], ARGV[3], ARGV[4])
  redis.call('XADD', KEYS[4], '*', '__data__', ARGV[5])
end
redis.call('XACK', KEYS[1], ARGV[1], ARGV[2])
return {known and 'known' or 'written'}
