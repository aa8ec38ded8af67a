-- A planning run begins, or ends and is a named range from then on.
-- Invariants:
--   A name is a run under way or a named range, never both.
--   A run ends once, and only as it was when its end was decided.
-- KEYS: sessions:open, sessions
-- ARGV: 'start', name, the run, most runs under way, most named ranges
--       'stop', name, the run as it was read, the named range
local act, name = ARGV[1], ARGV[2]
if act == 'start' then
  if redis.call('HEXISTS', KEYS[1], name) == 1 then return {'runs'} end
  if redis.call('HEXISTS', KEYS[2], name) == 1 then return {'taken'} end
  if redis.call('HLEN', KEYS[1]) >= tonumber(ARGV[4]) then return {'full'} end
  if redis.call('HLEN', KEYS[2]) >= tonumber(ARGV[5]) then return {'full'} end
  redis.call('HSET', KEYS[1], name, ARGV[3])
  return {'done'}
end
if redis.call('HGET', KEYS[1], name) ~= ARGV[3] then return {'none'} end
if redis.call('HSETNX', KEYS[2], name, ARGV[4]) == 0 then return {'taken'} end
redis.call('HDEL', KEYS[1], name)
return {'done'}
