-- The lease of a role: who does its work, and who stands by.
-- Invariants:
--   The token only rises, and each leader has one of its own: whoever has a smaller one lost the lead.
--   A lease is taken only if it is nobody's, was released, is of an earlier life on the same node, or
--   had run out at two looks in a row; a store that stood still lets its leader renew in between.
--   How old a lease is, the clock of the store says; a step of it takes no lease from who renews it.
--   A store that lost its end or was emptied gives no token again: its leader puts its own back.
-- KEYS: lease.
-- ARGV: claim | renew | release | leave, node, name of this life, token of this life or the last one
--       it knows, us a lease lasts, `at` of the lease that had run out at the look before or ''.
-- Answer: leads | waits | lost, token, node that leads, `at` of a lease that ran out or '', us since
--         the last renewal, name of the life before, how it was taken: first | released | restarted |
--         silent.
local LEASE, ACT, NODE, LIFE, LASTS = KEYS[1], ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[5])
local SAID_US = 1000000        -- a stand-by says once a second that it is there

local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000000 + tonumber(time[2])
local function written(us) return string.format('%.0f', us) end

local lease = redis.call('HMGET', LEASE, 'token', 'node', 'life', 'at')
local token, node, life, at = tonumber(lease[1] or '0'), lease[2] or '', lease[3] or '', lease[4] or '0'
local age = now - tonumber(at)
local mine = life == LIFE and token == tonumber(ARGV[4])

if ACT == 'leave' then
  redis.call('HDEL', LEASE, 'waits:' .. NODE)
  return {'waits', written(token), node, '', written(age), '', ''}
end
if ACT == 'release' then
  if mine then redis.call('HSET', LEASE, 'life', '', 'at', written(now)) end
  return {'lost', written(token), node, '', written(age), '', ''}
end
if ACT == 'renew' then
  if not mine and token >= tonumber(ARGV[4]) then
    return {'lost', written(token), node, '', written(age), '', ''}
  end
  redis.call('HSET', LEASE, 'token', ARGV[4], 'node', NODE, 'life', LIFE, 'at', written(now))
  return {'leads', ARGV[4], NODE, '', '0', '', ''}
end

local out = age < 0 or age >= LASTS
local how = not lease[1] and 'first' or life == '' and 'released' or node == NODE and 'restarted'
  or out and ARGV[6] == at and 'silent'
if not how then
  local said = tonumber(redis.call('HGET', LEASE, 'waits:' .. NODE) or '0')
  if math.abs(now - said) >= SAID_US then redis.call('HSET', LEASE, 'waits:' .. NODE, written(now)) end
  return {'waits', written(token), node, out and at or '', written(age), '', ''}
end
token = written(math.max(token, tonumber(ARGV[4])) + 1)
redis.call('HSET', LEASE, 'token', token, 'node', NODE, 'life', LIFE, 'at', written(now),
  'since', written(now), 'how', how)
redis.call('HDEL', LEASE, 'waits:' .. NODE)
return {'leads', token, NODE, '', '0', life, how}
