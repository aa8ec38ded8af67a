-- Appends one batch: every message under its one id into every buffer that wants it, or nothing.
--
-- KEYS  1 ingest state, 2 latest, 3 counters, 4 window, 5 journal marks, 6 retained, 7.. buffers
-- ARGV  1 epoch, 2 sequence of the batch, 3 its last id, 4 marks of its acknowledged messages,
--       5 number of counts, then name and amount of each,
--       then per buffer: filter, entries kept ('' = any), oldest id kept, bytes kept ('' = any),
--       then per message: id, topic, payload, head = q r d t (one digit each), then the positions
--       of its buffers, separated by commas; t = 1: a retained value is newer than what we know
-- Answer: 'superseded'; 'repeated' <acknowledged>; 'behind' <last id>;
--         'done' <appended> <unchanged> <trimmed> <acknowledged> <1 if the store was new>

local WINDOW_BYTES = 196608    -- 32768 acknowledged messages of 6 bytes: half a round of packet ids
local MAX_TOPICS = 20000       -- topics with a last value; a flood of invented ones ends here
local MARK_BYTES = 1048576     -- how finely the journal is cut by its bytes
local ENTRY_BYTES = 64         -- what an entry costs beside topic and payload
local OLDER_SEEN = 64          -- how far back a retained value is looked for

local STATE, LATEST, COUNTERS, WINDOW, MARKS, RETAINED = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6]
local FIRST_BUFFER = 6

local function number(id)
  local ms, seq = string.match(id, '^(%d+)-(%d+)$')
  return tonumber(ms), tonumber(seq)
end

local function behind(id, last)
  local ms, seq = number(id)
  local last_ms, last_seq = number(last)
  return ms < last_ms or (ms == last_ms and seq <= last_seq)
end

local state = redis.call('HMGET', STATE, 'epoch', 'sequence', 'last', 'bytes', 'marked', 'counted')
if state[1] and state[1] ~= ARGV[1] then return {'superseded'} end
if state[2] and tonumber(state[2]) >= tonumber(ARGV[2]) then return {'repeated', tonumber(state[6] or '0')} end

local at = 5 + 2 * tonumber(ARGV[5])
local buffers = {}
for i = FIRST_BUFFER + 1, #KEYS do
  buffers[i - FIRST_BUFFER] = {
    key = KEYS[i], filter = ARGV[at + 1], count = ARGV[at + 2], oldest = ARGV[at + 3],
    bytes = ARGV[at + 4], added = 0,
  }
  at = at + 4
end
if #ARGV > at and state[3] and behind(ARGV[at + 1], state[3]) then return {'behind', state[3]} end

local last = {}                -- topic -> where in ARGV its last message of this batch begins
local heads = {}

local function parsed(head)
  local found = heads[head]
  if not found then
    found = {q = string.sub(head, 1, 1), r = string.sub(head, 2, 2), d = string.sub(head, 3, 3),
             trusted = string.sub(head, 4, 4) == '1', plain = string.sub(head, 2, 3) == '00'}
    for position in string.gmatch(string.sub(head, 5), '%d+') do
      found[#found + 1] = buffers[tonumber(position)]
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
  if newest == payload then return true end
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
    for _, buffer in ipairs(head) do
      if head.plain then
        redis.call('XADD', buffer.key, id, 't', topic, 'p', payload, 'q', head.q)
      else
        redis.call('XADD', buffer.key, id, 't', topic, 'p', payload, 'q', head.q, 'r', head.r, 'd', head.d)
      end
      buffer.added = buffer.added + 1
    end
    last[topic] = i
    appended = appended + 1
    bytes = bytes + #topic + #payload + ENTRY_BYTES
  else
    unchanged = unchanged + 1
  end
end

local room = redis.call('HLEN', LATEST) < MAX_TOPICS
for topic, i in pairs(last) do
  if room or redis.call('HEXISTS', LATEST, topic) == 1 then
    local head = parsed(ARGV[i + 3])
    local flags = ' ' .. head.q .. ' ' .. head.r .. ' ' .. head.d .. '\n'
    redis.call('HSET', LATEST, topic, ARGV[i] .. flags .. ARGV[i + 2])
  else
    redis.call('HINCRBY', COUNTERS, 'rejected:latest_full', 1)
  end
end

-- The journal is cut where the marks say that all behind them holds more than its bytes.
local total = tonumber(state[4] or '0') + bytes
local marked = tonumber(state[5] or '0')
local function cut_by_bytes(buffer)
  if total - marked >= MARK_BYTES then
    redis.call('RPUSH', MARKS, ARGV[3] .. ' ' .. string.format('%.0f', total))
    marked = total
  end
  local trimmed = 0
  while true do
    local oldest = redis.call('LINDEX', MARKS, 0)
    local id, upto = string.match(oldest or '', '^(%S+) (%d+)$')
    if not id or total - tonumber(upto) < tonumber(buffer.bytes) then return trimmed end
    redis.call('LPOP', MARKS)
    trimmed = trimmed + redis.call('XTRIM', buffer.key, 'MINID', '~', id)
  end
end

local trimmed_in_all = 0
for _, buffer in ipairs(buffers) do
  local trimmed = 0
  if buffer.count ~= '' then trimmed = redis.call('XTRIM', buffer.key, 'MAXLEN', '~', buffer.count) end
  trimmed = trimmed + redis.call('XTRIM', buffer.key, 'MINID', '~', buffer.oldest)
  if buffer.bytes ~= '' then trimmed = trimmed + cut_by_bytes(buffer) end
  if buffer.added > 0 then redis.call('HINCRBY', COUNTERS, 'appended:' .. buffer.filter, buffer.added) end
  trimmed_in_all = trimmed_in_all + trimmed
  if trimmed > 0 then redis.call('HINCRBY', COUNTERS, 'trimmed:' .. buffer.filter, trimmed) end
end

if appended > 0 then redis.call('HINCRBY', COUNTERS, 'appended', appended) end
if unchanged > 0 then redis.call('HINCRBY', COUNTERS, 'unchanged', unchanged) end
for i = 6, 5 + 2 * tonumber(ARGV[5]), 2 do redis.call('HINCRBY', COUNTERS, ARGV[i], ARGV[i + 1]) end

local counted = tonumber(state[6] or '0') + #ARGV[4] / 6
if #ARGV[4] > 0 then
  local size = redis.call('APPEND', WINDOW, ARGV[4])
  if size > 2 * WINDOW_BYTES then
    redis.call('SET', WINDOW, redis.call('GETRANGE', WINDOW, size - WINDOW_BYTES, -1))
  end
end
redis.call('HSET', STATE, 'epoch', ARGV[1], 'sequence', ARGV[2], 'bytes', string.format('%.0f', total),
  'marked', string.format('%.0f', marked), 'counted', string.format('%.0f', counted))
if ARGV[3] ~= '' then redis.call('HSET', STATE, 'last', ARGV[3]) end
return {'done', appended, unchanged, trimmed_in_all, counted, state[1] and 0 or 1}
