-- What became of the notifications since the last time, whole or not at all.
-- Invariants:
--   Nothing is written unless the owner's word is the one that was last read or written: of two
--   processes one writes and sends, and the other learns who does.
--   That a receiver was told, the entry that is sent because of it, and how its address does are
--   written in one step: a kill loses no notice and doubles none.
-- KEYS: notifications:owner, notifications:told, notifications:outbox, notifications:addresses
-- ARGV: owner's word as it was, as it is from now on, then of each change: number of the hash (2 told,
--       3 outbox, 4 addresses), field, value; "" takes the field out
local word = redis.call('GET', KEYS[1]) or ''
if word ~= ARGV[1] then return {'behind', word} end
for i = 3, #ARGV, 3 do
  local hash = KEYS[tonumber(ARGV[i])]
  if ARGV[i + 2] == '' then
    redis.call('HDEL', hash, ARGV[i + 1])
  else
    redis.call('HSET', hash, ARGV[i + 1], ARGV[i + 2])
  end
end
redis.call('SET', KEYS[1], ARGV[2])
return {'written'}
