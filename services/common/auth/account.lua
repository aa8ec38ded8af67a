-- An account was changed: noted once, from the state that was noted before.
-- Invariants:
--   What is noted of an account changes only with the notes that are sealed of it.
--   A change that was taken over counts no second time, whoever comes later.
-- KEYS: accounts:noted, access-notes
-- ARGV: name, state noted before or '', state now or '', number of the change or '', most notes, notes
local noted = KEYS[1]
if (redis.call('HGET', noted, ARGV[1]) or '') ~= ARGV[2] then return 0 end
if ARGV[4] ~= '' then
  if tonumber(redis.call('HGET', noted, '#') or '0') >= tonumber(ARGV[4]) then return 0 end
  redis.call('HSET', noted, '#', ARGV[4])
end
if ARGV[3] == '' then
  redis.call('HDEL', noted, ARGV[1])
else
  redis.call('HSET', noted, ARGV[1], ARGV[3])
end
for i = 6, #ARGV do
  redis.call('XADD', KEYS[2], 'MAXLEN', '~', ARGV[5], '*', '__data__', ARGV[i])
end
return 1
