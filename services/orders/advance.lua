-- A command goes one stage on, whole or not at all.
-- Invariants:
--   The record only grows, and only from the length this was decided on: else `stale`.
--   A step of which a publish may have been attempted is never ended as unsent: else `sent`. One
--   that ended so is never published either: a clock set back would make it young again.
--   An outcome joins the audit chain where it ends: else `behind`, and nothing is written.
--   Only locks of this command are let go, and others still wait a moment after `at`.
--   Awaited and listed is what is given as execution and bracket; '' takes it away.
-- KEYS: record, events, outbox, open, receipts, sent, brackets, audit, audit:head,
--       unsent, locks to release...
-- ARGV: command id, length the record must have, seconds to keep, execution or '', outgoing or '',
--       group, receipt entry id or '', 1 if nothing may have been sent, seconds others wait,
--       bracket as listed or '', closing audit record or '', seal before, seal, events...
local told = redis.call('LLEN', KEYS[1])
if told == 0 then              -- somebody deleted the record: no end of this command can be told
  redis.call('HDEL', KEYS[4], ARGV[1])
  redis.call('HDEL', KEYS[7], ARGV[1])
  for i = 11, #KEYS do
    local found = redis.call('GET', KEYS[i])
    if found and cjson.decode(found).command_id == ARGV[1] then redis.call('DEL', KEYS[i]) end
  end
end
if told ~= tonumber(ARGV[2]) then return {'stale'} end
if ARGV[8] == '1' and redis.call('EXISTS', KEYS[6]) == 1 then return {'sent'} end
if ARGV[11] ~= '' then
  local head = redis.call('GET', KEYS[9]) or ''
  if head ~= ARGV[12] then return {'behind', head} end
  redis.call('XADD', KEYS[8], '*', '__data__', ARGV[11], 'before', ARGV[12], 'seal', ARGV[13])
  redis.call('SET', KEYS[9], ARGV[13])
end
for i = 14, #ARGV do
  redis.call('RPUSH', KEYS[1], ARGV[i])
  redis.call('XADD', KEYS[2], '*', '__data__', ARGV[i])
end
redis.call('EXPIRE', KEYS[1], ARGV[3])
if ARGV[8] == '1' then redis.call('SET', KEYS[10], '1', 'EX', ARGV[3]) end
if ARGV[4] ~= '' then
  redis.call('HSET', KEYS[4], ARGV[1], ARGV[4])
else
  redis.call('HDEL', KEYS[4], ARGV[1])
end
if ARGV[10] ~= '' then
  redis.call('HSET', KEYS[7], ARGV[1], ARGV[10])
else
  redis.call('HDEL', KEYS[7], ARGV[1])
end
if ARGV[5] ~= '' then redis.call('XADD', KEYS[3], '*', '__data__', ARGV[5]) end
local time = redis.call('TIME')
local now = tonumber(time[1]) + tonumber(time[2]) / 1000000
for i = 11, #KEYS do
  local found = redis.call('GET', KEYS[i])
  local claim = found and cjson.decode(found)
  if claim and claim.command_id == ARGV[1] then
    local left_s = math.min(claim.at + tonumber(ARGV[9]) - now, tonumber(ARGV[9]))
    local left_ms = math.floor(left_s * 1000)
    claim.held = false
    if left_ms > 0 then
      redis.call('SET', KEYS[i], cjson.encode(claim), 'PX', left_ms)
    else
      redis.call('DEL', KEYS[i])
    end
  end
end
if ARGV[7] ~= '' then redis.call('XACK', KEYS[5], ARGV[6], ARGV[7]) end
return {'written'}
