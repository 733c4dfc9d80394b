// What Redis or Valkey does by itself, without anything else in between: Lua scripts, each one call for a batch of users.
// (redis.io: EVAL. A user is a hash; what another program has put under a user's key is told, and spoils no call.)

/**
 * ARGV for each key: the revision it must have, the new one, the state, the profile or nothing, the mark or nothing.
 * Returns 1 where it took place, 0 where the revision is another, -1 where the key is none of ours.
 */
export const COMMIT = `
local done = {}
for i, key in ipairs(KEYS) do
  local at = 5 * i - 4
  local revision = redis.pcall('HGET', key, 'revision')
  if type(revision) == 'table' then done[i] = -1
  elseif revision ~= ARGV[at] then done[i] = 0
  else
    redis.call('HSET', key, 'revision', ARGV[at + 1], 'state', ARGV[at + 2])
    if ARGV[at + 3] ~= '' then redis.call('HSET', key, 'profile', ARGV[at + 3]) end
    if ARGV[at + 4] ~= '' then redis.call('HSET', key, 'mark', ARGV[at + 4]) end
    done[i] = 1
  end
end
return done`;

/** ARGV: seconds, then revision, profile, state and mark of each key. Drafts get a time to live, users none. */
export const CREATE = `
for i, key in ipairs(KEYS) do
  local at = 4 * i - 2
  redis.call('DEL', key)
  redis.call('HSET', key, 'revision', ARGV[at], 'profile', ARGV[at + 1], 'state', ARGV[at + 2], 'mark', ARGV[at + 3])
  redis.call('EXPIRE', key, ARGV[1])
end
return #KEYS`;

/** KEYS: drafts, each followed by its user. */
export const PLACE = `
for i = 1, #KEYS, 2 do
  if redis.call('EXISTS', KEYS[i]) == 1 then
    if redis.call('RENAMENX', KEYS[i], KEYS[i + 1]) == 1 then redis.call('PERSIST', KEYS[i + 1])
    else redis.call('DEL', KEYS[i]) end
  end
end
return 1`;

/** The profile, state, revision of each key; 0 where the key is none of ours. */
export const LOAD = `
local rows = {}
for i, key in ipairs(KEYS) do
  local row = redis.pcall('HMGET', key, 'profile', 'state', 'revision')
  rows[i] = row.err and 0 or row
end
return rows`;

/** KEYS: a user. ARGV: the revision that stands there, '' for none; the new one, the state. Returns 1, or 0. */
export const MEND = `
if (redis.call('HGET', KEYS[1], 'revision') or '') ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], 'revision', ARGV[2], 'state', ARGV[3])
return 1`;

/** Which of the keys are there, counted from 1. */
export const TAKEN = `
local taken = {}
for i, key in ipairs(KEYS) do
  if redis.call('EXISTS', key) == 1 then taken[#taken + 1] = i end
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
