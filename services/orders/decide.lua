-- One decision, whole or not at all: record, events, audit, outbox, locks and acknowledgement.
-- Invariants:
--   A command is decided once: where its record exists, nothing but the acknowledgement happens.
--   Nothing is written unless the lease is the one decided on and the audit chain ends at `before`.
--   No lock of another command that runs, or of another person just now, is ever overwritten.
--   The entry is acknowledged in the step that writes the record, and in no other.
-- KEYS: commands, record, events, outbox, audit, open, audit:head, brackets, lease, locks...
-- ARGV: group, entry id, command id, seconds to keep, command, audit record, execution or '',
--       outgoing or '', lock or '', ms a lock lasts at most, bracket as listed or '',
--       lease decided on, lease from now on, seal before, seal, events...
if redis.call('EXISTS', KEYS[2]) == 1 then
  redis.call('XACK', KEYS[1], ARGV[1], ARGV[2])
  return {'known'}
end
local lease = redis.call('GET', KEYS[9]) or ''
if lease ~= ARGV[12] then return {'lease', lease} end
local head = redis.call('GET', KEYS[7]) or ''
if head ~= ARGV[14] then return {'behind', head} end
local mine = ARGV[9] ~= '' and cjson.decode(ARGV[9])
for i = 10, #KEYS do
  local found = redis.call('GET', KEYS[i])
  local other = found and cjson.decode(found)
  if other and (other.held or other.operator ~= mine.operator) then
    return {'occupied', i - 10, found}
  end
end
for i = 10, #KEYS do redis.call('SET', KEYS[i], ARGV[9], 'PX', ARGV[10]) end
redis.call('RPUSH', KEYS[2], ARGV[5])
for i = 16, #ARGV do
  redis.call('RPUSH', KEYS[2], ARGV[i])
  redis.call('XADD', KEYS[3], '*', '__data__', ARGV[i])
end
redis.call('EXPIRE', KEYS[2], ARGV[4])
redis.call('XADD', KEYS[5], '*', '__data__', ARGV[6], 'before', ARGV[14], 'seal', ARGV[15])
redis.call('SET', KEYS[7], ARGV[15])
if ARGV[7] ~= '' then redis.call('HSET', KEYS[6], ARGV[3], ARGV[7]) end
if ARGV[8] ~= '' then redis.call('XADD', KEYS[4], '*', '__data__', ARGV[8]) end
if ARGV[11] ~= '' then redis.call('HSET', KEYS[8], ARGV[3], ARGV[11]) end
if ARGV[13] ~= lease then redis.call('SET', KEYS[9], ARGV[13]) end
redis.call('XACK', KEYS[1], ARGV[1], ARGV[2])
return {'written'}
