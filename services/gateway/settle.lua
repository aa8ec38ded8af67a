-- An outbox entry is done: outcome, receipt and acknowledgement in one step.
-- Invariants:
--   An outcome is final: a second one changes nothing, and adds no receipt.
--   The entry leaves the outbox in the step that writes its receipt, or after it.
-- KEYS: sent, receipts, outbox. ARGV: outcome, receipt, group, entry id, seconds to remember.
local before = redis.call('GET', KEYS[1])
if not before or before == 'attempted' then
  redis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[5])
  redis.call('XADD', KEYS[2], '*', '__data__', ARGV[2])
end
redis.call('XACK', KEYS[3], ARGV[3], ARGV[4])
