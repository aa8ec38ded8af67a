-- A run of a sequence, or a plan of orders, goes on, whole or not at all: the run, the command it gives, and the decision
-- of the person who started or steered it. Stands behind decide.lua, wrapped as a function.
-- Invariants:
--   A run is only written over the revision that was decided on: else `stale`; 0 is a new one.
--   The command lies in `commands` in the step that notes it in the run, so none is given twice.
--   A decision that decide.lua does not write leaves the run as it was.
-- KEYS: open runs, ended runs, commands, those of decide.
-- ARGV: run id, revision decided on, run, 'ended', 'versioned' (each revision goes into the list
--       as well) or '', entries of the list kept, command or '',
--       those of decide.
local deciding = #ARGV > 6
local decide_keys, decide_args = {unpack(KEYS, 4)}, {unpack(ARGV, 7)}
if deciding and redis.call('EXISTS', decide_keys[2]) == 1 then
  return decide(decide_keys, decide_args)
end
local found = redis.call('HGET', KEYS[1], ARGV[1])
local revision = found and cjson.decode(found).revision or 0
if revision ~= tonumber(ARGV[2]) then return {'stale'} end
if deciding then
  local decided = decide(decide_keys, decide_args)
  if decided[1] ~= 'written' then return decided end
end
if ARGV[4] == 'ended' then
  redis.call('HDEL', KEYS[1], ARGV[1])
else
  redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
end
if ARGV[4] ~= '' then
  redis.call('LPUSH', KEYS[2], ARGV[3])
  redis.call('LTRIM', KEYS[2], 0, tonumber(ARGV[5]) - 1)
end
if ARGV[6] ~= '' then redis.call('XADD', KEYS[3], '*', '__data__', ARGV[6]) end
return {'written'}
