-- Hands a command to orders, or turns it away while more is asked for than orders can do.
-- Invariants:
--   One step: of what is turned away nothing is written but a count, so nothing of it is ever sent.
--   What is taken in any case passes, and what orders knows already: that is no new command.
--   While `throttle` stands, each person has a bucket of tokens, to which one comes in so many
--   milliseconds: who asks more seldom than that, or for the first time, is never turned away.
-- KEYS: commands, record of the command, throttle, throttle:people, throttle:counts
-- ARGV: entry, who asks, 1: taken in any case, tokens of a full bucket, most seconds to wait
local every = tonumber(redis.call('GET', KEYS[3]) or '')
if every and ARGV[3] ~= '1' and redis.call('EXISTS', KEYS[2]) == 0 then
  local time = redis.call('TIME')
  local now = time[1] * 1000 + math.floor(time[2] / 1000)
  local held, at = string.match(redis.call('HGET', KEYS[4], ARGV[2]) or '', '(%S+) (%S+)')
  local tokens = 1
  if held then tokens = math.min(tonumber(ARGV[4]), held + math.max(0, now - at) / every) end
  if tokens < 1 then
    redis.call('HINCRBY', KEYS[5], 'refused', 1)
    return {'busy', math.min(tonumber(ARGV[5]), math.ceil((1 - tokens) * every / 1000))}
  end
  redis.call('HSET', KEYS[4], ARGV[2], string.format('%.3f %d', tokens - 1, now))
  redis.call('EXPIRE', KEYS[4], 60)
  redis.call('HINCRBY', KEYS[5], 'passed', 1)
end
return {'taken', redis.call('XADD', KEYS[1], '*', '__data__', ARGV[1])}
