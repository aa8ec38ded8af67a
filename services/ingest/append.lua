-- Appends one batch: every message under its one id into every buffer that wants it, or nothing.
--
-- Invariants:
--   A batch of another epoch, or with a sequence number already seen, writes nothing.
--   A message lies under one id in all its buffers or in none; ids in a buffer only rise.
--   The window holds the marks of exactly the messages that will be acknowledged, oldest first.
--   No more than MAX_TOPICS topics have a last value; beyond, only the history has the message.
--   What the historian has not archived is kept, up to HELD times the limits of its buffer.
--
-- KEYS  1 state of this shard, 2 latest, 3 counters, 4 window of this shard, 5 journal marks,
--       6 retained, 7 state of all shards (without shards the same as 1), 8 id up to which the
--       historian has archived everything (none: no historian), 9.. buffers
-- ARGV  1 epoch, 2 sequence of the batch, 3 number of shards, 4 marks of its acknowledged messages,
--       5 1 if its session is new: the window forgets the packet ids of the old one,
--       6 number of counts, then name and amount of each,
--       then per buffer: filter, entries kept ('' = any), oldest id kept, bytes kept ('' = any),
--       1 if it holds pictures, oldest id kept even if it is not archived yet,
--       then how many messages have properties (MQTT 5), and of each its number, from 1, and the JSON,
--       then per message: id, topic, payload, head = q r d t (one digit each), then the positions
--       of its buffers, separated by commas; t = 1: a retained value is newer than what we know;
--       t = 2: it is asked for again, and older than what came meanwhile
-- Answer: 'superseded'; 'repeated' <acknowledged>;
--         'done' <appended> <unchanged> <acknowledged> <1 if the store was new>
--         <topics without a last value for want of room> <filter, entries trimmed, ...>

local WINDOW_BYTES = 196608    -- 32768 acknowledged messages of 6 bytes: half a round of packet ids
local MAX_TOPICS = 20000       -- topics with a last value; a flood of invented ones ends here
local MARK_BYTES = 1048576     -- how finely the journal is cut by its bytes
local ENTRY_BYTES = 64         -- what an entry costs beside topic and payload
local OLDER_SEEN = 64          -- how far back a retained value is looked for
local HELD = 1.5               -- so many times its limits a buffer keeps what is not archived yet
local PICTURES_AT_ONCE = 64    -- a picture is read to be let go; a burst of them must not hold the store

local STATE, LATEST, COUNTERS, WINDOW, MARKS, RETAINED = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6]
local ALL, BEFORE_BUFFERS = KEYS[7], 8
local archived = redis.call('GET', KEYS[8])

local function number(id)
  local ms, seq = string.match(id, '^(%d+)-(%d+)$')
  return tonumber(ms), tonumber(seq)
end

local function behind(one, other)
  local ms, seq = number(one)
  local other_ms, other_seq = number(other)
  return ms > other_ms or (ms == other_ms and seq > other_seq)
end

local state = redis.call('HMGET', STATE, 'epoch', 'sequence', 'counted')
local all = redis.call('HMGET', ALL, 'last', 'bytes', 'marked', 'shards')
if (state[1] and state[1] ~= ARGV[1]) or (all[4] and all[4] ~= ARGV[3]) then return {'superseded'} end
if state[2] and tonumber(state[2]) >= tonumber(ARGV[2]) then return {'repeated', tonumber(state[3] or '0')} end

local at = 6 + 2 * tonumber(ARGV[6])
local buffers, journal = {}, nil
for i = BEFORE_BUFFERS + 1, #KEYS do
  local buffer = {
    key = KEYS[i], filter = ARGV[at + 1], count = ARGV[at + 2], oldest = ARGV[at + 3],
    bytes = ARGV[at + 4], pictures = ARGV[at + 5] == '1', held = ARGV[at + 6],
    added = 0, trimmed = 0, lost = 0,
  }
  buffers[i - BEFORE_BUFFERS] = buffer
  if buffer.filter == '#' then journal = buffer end
  at = at + 6
end

local properties = {}          -- where in ARGV a message begins -> the JSON of its properties
local with_properties = tonumber(ARGV[at + 1])
local before_messages = at + 1 + 2 * with_properties
for i = at + 2, before_messages, 2 do
  properties[before_messages + 4 * tonumber(ARGV[i]) - 3] = ARGV[i + 1]
end
at = before_messages

-- Shards stamp by clocks of their own; a message behind the newest id gets the one after it, so it
-- has one id in all its buffers, and ids rise in each of them.
local newest_ms, newest_seq = number(all[1] or '0-0')
if not all[1] then             -- somebody deleted the state and left the buffers
  for _, buffer in ipairs(buffers) do
    local info = redis.call('EXISTS', buffer.key) == 1 and redis.call('XINFO', 'STREAM', buffer.key) or {}
    for field = 1, #info, 2 do
      if info[field] == 'last-generated-id' then
        local ms, seq = number(info[field + 1])
        if ms > newest_ms or (ms == newest_ms and seq > newest_seq) then newest_ms, newest_seq = ms, seq end
      end
    end
  end
end
-- A store that lost its end gives no id again that the archive has already.
if archived and behind(archived, string.format('%.0f-%.0f', newest_ms, newest_seq)) then
  newest_ms, newest_seq = number(archived)
end
for i = at + 1, #ARGV, 4 do
  local ms, seq = number(ARGV[i])
  if ms > newest_ms or (ms == newest_ms and seq > newest_seq) then break end
  newest_seq = newest_seq + 1
  ARGV[i] = string.format('%.0f-%.0f', newest_ms, newest_seq)
end
local newest = #ARGV > at and ARGV[#ARGV - 3] or all[1]

local last = {}                -- topic -> where in ARGV its last message of this batch begins
local heads = {}

local function parsed(head)
  local found = heads[head]
  if not found then
    found = {q = string.sub(head, 1, 1), r = string.sub(head, 2, 2), d = string.sub(head, 3, 3),
             trusted = string.sub(head, 4, 4) == '1', fills = string.sub(head, 4, 4) == '2', plain = string.sub(head, 2, 3) == '00'}
    for position in string.gmatch(string.sub(head, 5), '%d+') do
      local buffer = buffers[tonumber(position)]
      found[#found + 1] = buffer
      found.picture = found.picture or buffer.pictures
    end
    heads[head] = found
  end
  return found
end

local function last_payload(topic)
  local frame = redis.call('HGET', LATEST, topic)
  return frame and string.sub(frame, string.find(frame, '\n', 1, true) + 1)
end

-- After a subscribe the broker repeats what it retains. That is no news if it is the last value
-- we know, nor if we know it as an older one; unless the session was lost and the publisher always
-- retains: then whatever differs came while nobody listened.
local function known(topic, payload, head)
  local newest
  if last[topic] then newest = ARGV[last[topic] + 2] else newest = last_payload(topic) end
  if not newest then return false end
  if newest == payload or head.fills then return true end
  if head.trusted then return false end
  if redis.call('HGET', RETAINED, topic) == redis.sha1hex(payload) then return true end
  for _, entry in ipairs(redis.call('XREVRANGE', head[1].key, '+', '-', 'COUNT', OLDER_SEEN)) do
    if entry[2][2] == topic and entry[2][4] == payload then return true end
  end
  return false
end

local appended, unchanged, bytes = 0, 0, 0
for i = at + 1, #ARGV, 4 do
  local id, topic, payload, head = ARGV[i], ARGV[i + 1], ARGV[i + 2], parsed(ARGV[i + 3])
  local news = true
  if head.r == '1' then
    news = not known(topic, payload, head)
    redis.call('HSET', RETAINED, topic, redis.sha1hex(payload))
  end
  if news then
    local told = properties[i]
    for _, buffer in ipairs(head) do
      if told then
        redis.call('XADD', buffer.key, id, 't', topic, 'p', payload, 'q', head.q, 'r', head.r, 'd', head.d, 'm', told)
      elseif head.plain then
        redis.call('XADD', buffer.key, id, 't', topic, 'p', payload, 'q', head.q)
      else
        redis.call('XADD', buffer.key, id, 't', topic, 'p', payload, 'q', head.q, 'r', head.r, 'd', head.d)
      end
      buffer.added = buffer.added + 1
    end
    last[topic] = i
    appended = appended + 1
    if not head.picture then bytes = bytes + #topic + #payload + ENTRY_BYTES + (told and #told or 0) end
  else
    unchanged = unchanged + 1
  end
end

local no_latest_slot = 0
local room = redis.call('HLEN', LATEST) < MAX_TOPICS
for topic, i in pairs(last) do
  if room or redis.call('HEXISTS', LATEST, topic) == 1 then
    local head = parsed(ARGV[i + 3])
    local told = properties[i] and (' ' .. properties[i]) or ''
    local flags = ' ' .. head.q .. ' ' .. head.r .. ' ' .. head.d .. told .. '\n'
    redis.call('HSET', LATEST, topic, ARGV[i] .. flags .. ARGV[i + 2])
  else
    no_latest_slot = no_latest_slot + 1
  end
end

-- What the journal lets go before it is archived is counted as lost: ids from `id` on stay.
local function cut(buffer, id)
  if not archived or not behind(id, archived) then
    return redis.call('XTRIM', buffer.key, 'MINID', '~', id)
  end
  local ms, seq = number(archived)
  local safe = redis.call('XTRIM', buffer.key, 'MINID', '=', string.format('%.0f-%.0f', ms, seq + 1))
  local lost = redis.call('XTRIM', buffer.key, 'MINID', '~', id)
  buffer.lost = buffer.lost + lost
  return safe + lost
end

-- The oldest id that is kept for its age: beyond the usual age as long as it is not archived.
local function oldest(buffer)
  local usual = buffer.oldest .. '-0'
  if not archived or not behind(usual, archived) then return usual end
  local held = buffer.held .. '-0'
  return behind(held, archived) and held or archived
end

-- The journal is cut where the marks say that all behind them holds more than its bytes.
local total = tonumber(all[2] or '0') + bytes
local marked = tonumber(all[3] or '0')
local function cut_by_bytes(buffer)
  if total - marked >= MARK_BYTES then
    redis.call('RPUSH', MARKS, newest .. ' ' .. string.format('%.0f', total))
    marked = total
  end
  local trimmed, limit = 0, tonumber(buffer.bytes)
  while true do
    local mark = redis.call('LINDEX', MARKS, 0)
    local id, upto = string.match(mark or '', '^(%S+) (%d+)$')
    if not id then return trimmed end
    local held = archived and behind(id, archived)
    if total - tonumber(upto) < (held and HELD * limit or limit) then return trimmed end
    redis.call('LPOP', MARKS)
    trimmed = trimmed + cut(buffer, id)
  end
end

-- Pictures are a hundred times as large as the rest. Their own buffer limits them, and what it lets
-- go, the journal lets go as well, so they never push anything else out of it.
local function evict(buffer, first, last, count)
  local ids = {}
  for _, entry in ipairs(redis.call('XRANGE', buffer.key, first, last, 'COUNT', count)) do
    ids[#ids + 1] = entry[1]
    if archived and behind(entry[1], archived) then journal.lost = journal.lost + 1 end
  end
  if #ids == 0 then return end
  buffer.trimmed = buffer.trimmed + redis.call('XDEL', buffer.key, unpack(ids))
  journal.trimmed = journal.trimmed + redis.call('XDEL', journal.key, unpack(ids))
end

local function trim_pictures(buffer)
  local length, limit = redis.call('XLEN', buffer.key), tonumber(buffer.count)
  local over, held = length - limit, math.ceil(length - HELD * limit)
  if over > 0 then evict(buffer, '-', archived or '+', math.min(over, PICTURES_AT_ONCE)) end
  if archived and held > 0 then
    local left = math.ceil(redis.call('XLEN', buffer.key) - HELD * limit)
    if left > 0 then evict(buffer, '-', '+', math.min(left, PICTURES_AT_ONCE)) end
  end
  local old = buffer.oldest
  if archived and behind(old .. '-0', archived) then
    old = behind(buffer.held .. '-0', archived) and buffer.held or archived
  end
  evict(buffer, '-', old, PICTURES_AT_ONCE)
end

local function trim(buffer)
  if buffer.count ~= '' then
    buffer.trimmed = buffer.trimmed + redis.call('XTRIM', buffer.key, 'MAXLEN', '~', buffer.count)
  end
  if buffer == journal then
    buffer.trimmed = buffer.trimmed + cut(buffer, oldest(buffer))
  else
    buffer.trimmed = buffer.trimmed + redis.call('XTRIM', buffer.key, 'MINID', '~', buffer.oldest)
  end
  if buffer.bytes ~= '' then buffer.trimmed = buffer.trimmed + cut_by_bytes(buffer) end
end

for _, buffer in ipairs(buffers) do
  if buffer.pictures then trim_pictures(buffer) else trim(buffer) end
end
local cut = {}
for _, buffer in ipairs(buffers) do
  if buffer.added > 0 then redis.call('HINCRBY', COUNTERS, 'appended:' .. buffer.filter, buffer.added) end
  if buffer.trimmed > 0 then
    redis.call('HINCRBY', COUNTERS, 'trimmed:' .. buffer.filter, buffer.trimmed)
    cut[#cut + 1] = buffer.filter
    cut[#cut + 1] = buffer.trimmed
  end
end

if journal and journal.lost > 0 then redis.call('HINCRBY', COUNTERS, 'unarchived', journal.lost) end
if appended > 0 then redis.call('HINCRBY', COUNTERS, 'appended', appended) end
if unchanged > 0 then redis.call('HINCRBY', COUNTERS, 'unchanged', unchanged) end
if no_latest_slot > 0 then redis.call('HINCRBY', COUNTERS, 'rejected:latest_full', no_latest_slot) end
for i = 7, 6 + 2 * tonumber(ARGV[6]), 2 do redis.call('HINCRBY', COUNTERS, ARGV[i], ARGV[i + 1]) end

local counted = tonumber(state[3] or '0') + #ARGV[4] / 6
if ARGV[5] == '1' then
  redis.call('SET', WINDOW, ARGV[4])
elseif #ARGV[4] > 0 then
  local size = redis.call('APPEND', WINDOW, ARGV[4])
  if size > 2 * WINDOW_BYTES then
    redis.call('SET', WINDOW, redis.call('GETRANGE', WINDOW, size - WINDOW_BYTES, -1))
  end
end
redis.call('HSET', STATE, 'epoch', ARGV[1], 'sequence', ARGV[2], 'counted', string.format('%.0f', counted))
redis.call('HSET', ALL, 'bytes', string.format('%.0f', total), 'marked', string.format('%.0f', marked),
  'shards', ARGV[3], 'last', newest or '0-0')
return {'done', appended, unchanged, counted, state[1] and 0 or 1, no_latest_slot, cut}
