-- Commands that are turned away together, all of them or none: records, events, audit, acknowledged.
-- Invariants:
--   A command is decided once: where one has a record already, nothing is written but the
--   acknowledgement of that entry, and the answer names it.
--   Nothing is written unless the audit chain ends at `before`; then each goes on the one before it.
--   An entry is acknowledged in the step that writes its record, and in no other.
-- KEYS: commands, events, audit, audit:head, records...
-- ARGV: group, seconds to keep, seal before, then of each command: entry id, command, audit record,
--       seal before it, seal, the two events.
local known = {}
for i = 5, #KEYS do
  if redis.call('EXISTS', KEYS[i]) == 1 then
    known[#known + 1] = i - 5
    redis.call('XACK', KEYS[1], ARGV[1], ARGV[4 + (i - 5) * 7])
  end
end
if #known > 0 then return {'known', known} end
local head = redis.call('GET', KEYS[4]) or ''
if head ~= ARGV[3] then return {'behind', head} end
for i = 5, #KEYS do
  local at = 4 + (i - 5) * 7
  redis.call('RPUSH', KEYS[i], ARGV[at + 1], ARGV[at + 5], ARGV[at + 6])
  redis.call('EXPIRE', KEYS[i], ARGV[2])
  redis.call('XADD', KEYS[2], '*', '__data__', ARGV[at + 5])
  redis.call('XADD', KEYS[2], '*', '__data__', ARGV[at + 6])
  redis.call('XADD', KEYS[3], '*', '__data__', ARGV[at + 2],
    'before', ARGV[at + 3], 'seal', ARGV[at + 4])
  redis.call('XACK', KEYS[1], ARGV[1], ARGV[at])
  head = ARGV[at + 4]
end
redis.call('SET', KEYS[4], head)
return {'written'}
