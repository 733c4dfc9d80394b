// What Redis or Valkey does by itself, without anything else in between: Lua scripts, each one call for a batch of users.
// (redis.io: EVAL. A user is a hash; what another program has put under a user's key is told, and spoils no call.)

/**
 * ARGV: a row for each key (redis-rows.ts): the revision it must have, the new one, the state; profile and mark, or nothing.
 * Returns a letter for each: 1 where it took place, 0 where the revision is another or the key is none of ours.
 */
export const COMMIT = `
local done, at = {}, 1
for i, key in ipairs(KEYS) do
  local was, now, state, profile, mark
  was, now, state, profile, mark, at = struct.unpack('<I6I6c48I4c0I4c0', ARGV[1], at)
  done[i] = '0'
  if redis.pcall('HGET', key, 'revision') == string.format('%.0f', was) then
    redis.call('HSET', key, 'revision', string.format('%.0f', now), 'state', state)
    if profile ~= '' then redis.call('HSET', key, 'profile', profile) end
    if mark ~= '' then redis.call('HSET', key, 'mark', mark) end
    done[i] = '1'
  end
end
return table.concat(done)`;

/** ARGV: seconds, then revision, profile, state and mark of each key. Drafts get a time to live, users none. */
export const CREATE = `
for i, key in ipairs(KEYS) do
  local at = 4 * i - 2
  redis.call('DEL', key)
  redis.call('HSET', key, 'revision', ARGV[at], 'profile', ARGV[at + 1], 'state', ARGV[at + 2], 'mark', ARGV[at + 3])
  redis.call('EXPIRE', key, ARGV[1])
end
return #KEYS`;

/**
 * KEYS: the marker, then drafts, each followed by its user. ARGV: the import that must hold the marker. Returns 1; 0 where
 * it does not, or where a user stands there already.
 */
export const PLACE = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
for i = 2, #KEYS, 2 do
  if redis.call('EXISTS', KEYS[i]) == 1 then
    if redis.call('RENAMENX', KEYS[i], KEYS[i + 1]) == 0 then return 0 end
    redis.call('PERSIST', KEYS[i + 1])
  end
end
return 1`;

/** KEYS: the marker. ARGV: the import that ends. */
export const RELEASE = `
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
return 1`;

/**
 * Returns revision, state and profile of each key in one string: each with its length before it, in four bytes, which is
 * -1 for what is not there, and -2 where the key is none of ours.
 */
export const LOAD = `
local parts = {}
for _, key in ipairs(KEYS) do
  local row = redis.pcall('HMGET', key, 'revision', 'state', 'profile')
  for field = 1, 3 do
    local value = row[field]
    parts[#parts + 1] = struct.pack('<i4', row.err and -2 or value and #value or -1)
    if value then parts[#parts + 1] = value end
  end
end
return table.concat(parts)`;

/** KEYS: a user. ARGV: the revision that stands there, '' for none; the new one, the state. Returns 1, or 0. */
export const MEND = `
if (redis.call('HGET', KEYS[1], 'revision') or '') ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], 'revision', ARGV[2], 'state', ARGV[3])
return 1`;

/** KEYS: groups of so many as ARGV says. Returns the groups, counted from 1, of which all keys are there. */
export const TAKEN = `
local taken, size = {}, tonumber(ARGV[1])
for i = 1, #KEYS, size do
  if redis.call('EXISTS', unpack(KEYS, i, i + size - 1)) == size then taken[#taken + 1] = (i - 1) / size + 1 end
end
return taken`;

/**
 * KEYS: user, what is remembered of its secret. ARGV: the mark it must have, seconds (0: for good). Returns 1, or 0 where
 * there is none, -1 where the mark is another, -2 where the key is none of ours.
 */
export const REMOVE = `
local state = redis.pcall('HGET', KEYS[1], 'state')
if type(state) == 'table' then return -2 end
if not state then return 0 end
if (redis.call('HGET', KEYS[1], 'mark') or '') ~= ARGV[1] then return -1 end
if ARGV[1] ~= '' then
  redis.call('SET', KEYS[2], state)
  if ARGV[2] ~= '0' then redis.call('EXPIRE', KEYS[2], ARGV[2]) end
end
redis.call('DEL', KEYS[1])
return 1`;

export const DROP_SESSION = `
local session = redis.call('HGET', KEYS[1], ARGV[1])
redis.call('HDEL', KEYS[1], ARGV[1])
return session`;
