-- A sign-in begins or ends, in one step with the note that is sealed of it.
-- Invariants:
--   Nobody is signed in, and no sign-in is ended, without a note.
--   What has ended by itself, or by somebody faster, is noted no second time.
-- KEYS: the sign-in, ids of all by their end, notes
-- ARGV: its id, its value or '' to end it, seconds it lasts, when it ends, note, most notes
if ARGV[2] ~= '' then
  redis.call('ZADD', KEYS[2], ARGV[4], ARGV[1])
  redis.call('SET', KEYS[1], ARGV[2], 'EX', ARGV[3])
else
  redis.call('ZREM', KEYS[2], ARGV[1])
  if redis.call('DEL', KEYS[1]) == 0 then return 0 end
end
redis.call('XADD', KEYS[3], 'MAXLEN', '~', ARGV[6], '*', '__data__', ARGV[5])
return 1
