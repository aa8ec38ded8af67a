-- A command that steers another one: its decision and the other's advance in one step. Stands
-- behind decide.lua and advance.lua, wrapped as functions of (KEYS, ARGV).
-- Invariants:
--   Nothing is written by `advance` unless `decide` will write as well: known, lease and head of the
--   audit are checked before, and a command that steers takes no locks.
--   In the audit chain the other's outcome comes first, then the decision that caused it.
-- KEYS: those of decide, those of advance.
-- ARGV: number of decide's keys, number of decide's arguments, those of decide, those of advance.
local keys, args = tonumber(ARGV[1]), tonumber(ARGV[2])
local decide_keys, advance_keys = {unpack(KEYS, 1, keys)}, {unpack(KEYS, keys + 1)}
local decide_args, advance_args = {unpack(ARGV, 3, args + 2)}, {unpack(ARGV, args + 3)}
if redis.call('EXISTS', decide_keys[2]) == 1 then return decide(decide_keys, decide_args) end
local lease = redis.call('GET', decide_keys[9]) or ''
if lease ~= decide_args[12] then return {'lease', lease} end
local head = redis.call('GET', decide_keys[7]) or ''
if head ~= advance_args[12] then return {'behind', head} end
local moved = advance(advance_keys, advance_args)
if moved[1] ~= 'written' then return moved end
return decide(decide_keys, decide_args)
