-- The store was emptied, or lost a part of what ingest keeps: what the broker retains is to be
-- appended once more. Of several shards that notice it, the first one makes room for that.
--
-- Invariants:
--   The epoch stays: this is the same ingest, and nobody else's batch becomes valid.
--   What the broker retains is made room for once, by whoever notices the loss first.
--
-- KEYS 1 state of this shard, 2 state of all shards, 3 latest, 4 retained;
-- ARGV 1 epoch, 2 `born` as this shard knows it, 3 now in Unix ms, 4 name of this installation,
--      5 1 if its session at the broker is one of before there were names.
-- Answer: since when the store keeps messages, Unix ms.

redis.call('HSETNX', KEYS[1], 'epoch', ARGV[1])
redis.call('HSET', KEYS[2], 'installation', ARGV[4], 'nameless', ARGV[5])
local born = redis.call('HGET', KEYS[2], 'born')
if born and born ~= ARGV[2] then return born end
-- Else the script that appends would take what comes for what it knows already.
redis.call('DEL', KEYS[3], KEYS[4])
redis.call('HSET', KEYS[2], 'born', ARGV[3], 'emptied', ARGV[3])
return ARGV[3]
