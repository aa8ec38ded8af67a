-- One note of access goes from the stream it waits in into the sealed audit.
-- Invariants:
--   Nothing is written unless the audit chain ends at `before`.
--   A note leaves its stream in the step that seals it, and in no other.
-- KEYS: access-notes, audit, audit:head
-- ARGV: entry id, seal before, audit record, seal
local head = redis.call('GET', KEYS[3]) or ''
if head ~= ARGV[2] then return {'behind', head} end
if redis.call('XDEL', KEYS[1], ARGV[1]) == 0 then return {'known'} end
redis.call('XADD', KEYS[2], '*', '__data__', ARGV[3], 'before', ARGV[2], 'seal', ARGV[4])
redis.call('SET', KEYS[3], ARGV[4])
return {'written'}
