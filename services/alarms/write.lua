-- What became of the alarms since the last time, whole or not at all.
-- Invariants:
--   Nothing is written unless the owner's word is the one that was last read or written: of two
--   owners one writes, and the other learns who does.
--   An entry, the alarm as it is after it, and how far the events of commands were heard are written
--   in one step: a kill loses no act and doubles none.
-- KEYS: alarms, alarms:now, alarms:owner, handovers
-- ARGV: owner's word as it was, as it is from now on, number of alarms that changed,
--       id and alarm of each, number of those that are normal again, id of each,
--       number of entries about hand-overs, each of them, entries about alarms...
local word = redis.call('GET', KEYS[3]) or ''
if word ~= ARGV[1] then return {'behind', word} end
local at = 4
for _ = 1, tonumber(ARGV[3]) do
  redis.call('HSET', KEYS[2], ARGV[at], ARGV[at + 1])
  at = at + 2
end
local last = at + tonumber(ARGV[at])
for i = at + 1, last do redis.call('HDEL', KEYS[2], ARGV[i]) end
at = last + 1
last = at + tonumber(ARGV[at])
for i = at + 1, last do redis.call('XADD', KEYS[4], '*', '__data__', ARGV[i]) end
for i = last + 1, #ARGV do redis.call('XADD', KEYS[1], '*', '__data__', ARGV[i]) end
redis.call('SET', KEYS[3], ARGV[2])
return {'written'}
