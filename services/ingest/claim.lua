-- Takes the buffers over: from now on whatever a former ingest still has under way is refused.
--
-- Invariants:
--   The epoch only rises, so of two that claim the later one alone may write.
--   `born` and the name are given once for the life of a store, and all shards share them.
--
-- KEYS 1 state of this shard, 2 state of all shards, 3.. every buffer; ARGV 1 number of shards,
--      2 now in Unix ms, 3 a name this installation may have.
-- Answer: epoch, the highest id any of the buffers ever had, since when the store keeps messages,
--         1 if it kept none before, the name of this installation, and 1 if its session at the broker
--         is one of before there were names.

local function later(a, b)
  local a_ms, a_seq = string.match(a, '^(%d+)-(%d+)$')
  local b_ms, b_seq = string.match(b, '^(%d+)-(%d+)$')
  if tonumber(a_ms) ~= tonumber(b_ms) then return tonumber(a_ms) > tonumber(b_ms) end
  return tonumber(a_seq) > tonumber(b_seq)
end

if redis.call('HEXISTS', KEYS[2], 'installation') == 0 then
  redis.call('HSET', KEYS[2], 'nameless', redis.call('EXISTS', KEYS[2]), 'installation', ARGV[3])
end
local last = redis.call('HGET', KEYS[2], 'last') or '0-0'
for i = 3, #KEYS do
  if redis.call('EXISTS', KEYS[i]) == 1 then
    local info = redis.call('XINFO', 'STREAM', KEYS[i])
    for field = 1, #info, 2 do
      if info[field] == 'last-generated-id' and later(info[field + 1], last) then last = info[field + 1] end
    end
  end
end
redis.call('HSET', KEYS[1], 'sequence', 0)
redis.call('HSET', KEYS[2], 'last', last, 'shards', ARGV[1])
local fresh = redis.call('HSETNX', KEYS[2], 'born', ARGV[2])
return {redis.call('HINCRBY', KEYS[1], 'epoch', 1), last, redis.call('HGET', KEYS[2], 'born'), fresh,
  redis.call('HGET', KEYS[2], 'installation'), redis.call('HGET', KEYS[2], 'nameless')}
