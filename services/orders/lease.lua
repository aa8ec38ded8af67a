-- The lease is taken up as it stands, with what orders says of whether it counts.
-- Invariants:
--   Where it is another than was known, nothing is written: a command may have moved it just now.
-- KEYS: lease
-- ARGV: the lease as it was known, the lease from now on
local lease = redis.call('GET', KEYS[1]) or ''
if lease ~= ARGV[1] then return {'lease', lease} end
redis.call('SET', KEYS[1], ARGV[2])
return {'written'}
