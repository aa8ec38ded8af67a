-- Stands before every script of a process that has a role. Takes the last key and the last argument:
-- the lease of the role, and the token of the process that asks.
-- Invariants:
--   Nothing is written unless the token is the one of the leader: of a process that lost the lead,
--   however long ago and whatever its clock says, nothing is written any more.
--   Token and write are one step: nobody can take over between them.
local lease = redis.call('HMGET', table.remove(KEYS), 'token', 'node')
if lease[1] ~= table.remove(ARGV) then
  return redis.error_reply('FENCED ' .. (lease[1] or '0') .. ' ' .. (lease[2] or 'nobody') .. ' leads')
end
