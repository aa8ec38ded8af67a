-- A token begins or ends, in one step with the note that is sealed of it.
-- Invariants:
--   No token opens anything, and none ends, without a note.
--   What has begun or ended already does so no second time: whoever was faster has noted it.
-- KEYS: tokens, last uses, what is remembered of an ended one, notes
-- ARGV: field of the token, its value or '' to end it, most notes, seconds to remember, notes
if ARGV[2] ~= '' then
  if redis.call('HGET', KEYS[1], ARGV[1]) == ARGV[2] then return 0 end
  redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
else
  if redis.call('HDEL', KEYS[1], ARGV[1]) == 0 then return 0 end
  redis.call('HDEL', KEYS[2], ARGV[1])
  redis.call('SET', KEYS[3], ARGV[5], 'EX', ARGV[4])
end
for i = 5, #ARGV do
  redis.call('XADD', KEYS[4], 'MAXLEN', '~', ARGV[3], '*', '__data__', ARGV[i])
end
return 1
