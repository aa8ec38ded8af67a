-- May this outbox entry be published now? Answers `go` (first attempt), `again` (an attempt of
-- unknown outcome went before, and twice is harmless), `expired`, or the stage it already has.
-- KEYS: sent, receipts, unsent. ARGV: expires_at, once (1|0), receipt, seconds to remember, longest life.
-- Invariants:
--   Only one asker ever gets `go`, and its `attempted` is remembered before anything is published.
--   Nothing goes out after its expiry by the store's clock, or that would live longer than it may.
--   What orders ended as unsent stays unsent: a clock set back would make it young again.
--   What may happen once only never goes out a second time, whatever became of the first attempt.
local time = redis.call('TIME')
local now = tonumber(time[1]) + tonumber(time[2]) / 1000000
local before = redis.call('GET', KEYS[1])
if before and (before ~= 'attempted' or ARGV[2] == '1') then return before end
local left = tonumber(ARGV[1]) - now
if left <= 0 or left > tonumber(ARGV[5]) then return before and 'attempted' or 'expired' end
if redis.call('EXISTS', KEYS[3]) == 1 then return before and 'attempted' or 'expired' end
if before then return 'again' end
redis.call('SET', KEYS[1], 'attempted', 'EX', ARGV[4])
redis.call('XADD', KEYS[2], '*', '__data__', ARGV[3])
return 'go'
