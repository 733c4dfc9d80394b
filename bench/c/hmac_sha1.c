/* HMAC-SHA1 over eight-byte counters (RFC 2104, RFC 4226) in vector registers: the algorithm of the core, as C. Midstates
 * are kept for each key; eight candidates go through two groups of four lanes in turns; candidates of one counter share
 * its schedule. SSE2 at -O3; other widths by -march=native. */
#include "drive.h"

typedef uint32_t lanes __attribute__((vector_size(16)));

#define SPLAT(x) ((lanes){(x), (x), (x), (x)})
#define ROTATE(x, n) (((x) << (n)) | ((x) >> (32 - (n))))
#define CHOOSE(b, c, d) ((d) ^ ((b) & ((c) ^ (d))))
#define PARITY(b, c, d) ((b) ^ (c) ^ (d))
#define MAJORITY(b, c, d) ((c) ^ (((b) ^ (c)) & ((c) ^ (d))))

#define GROUPS 2
#define CANDIDATES (4 * GROUPS)

/* One round of both groups, v and u. */
#define ROUND(f, a, b, c, d, e, first, second)            \
  v[e] += ROTATE(v[a], 5) + f(v[b], v[c], v[d]) + first;  \
  v[b] = ROTATE(v[b], 30);                                \
  u[e] += ROTATE(u[a], 5) + f(u[b], u[c], u[d]) + second; \
  u[b] = ROTATE(u[b], 30);
#define FIVE(f, first, second)                  \
  ROUND(f, 0, 1, 2, 3, 4, first(0), second(0)) \
  ROUND(f, 4, 0, 1, 2, 3, first(1), second(1)) \
  ROUND(f, 3, 4, 0, 1, 2, first(2), second(2)) \
  ROUND(f, 2, 3, 4, 0, 1, first(3), second(3)) \
  ROUND(f, 1, 2, 3, 4, 0, first(4), second(4))
#define ROUNDS(f, from, to, first, second) \
  for (int t = from; t < to; t += 5) { FIVE(f, first, second) }

static const uint32_t constants[4] = {0x5a827999, 0x6ed9eba1, 0x8f1bbcdc, 0xca62c1d6};

/* Word t of a schedule kept in sixteen words; word t + 16 takes its place. */
static inline __attribute__((always_inline)) lanes next(lanes w[16], int t) {
  lanes word = w[t & 15], later = w[(t + 13) & 15] ^ w[(t + 8) & 15] ^ w[(t + 2) & 15] ^ word;
  w[t & 15] = ROTATE(later, 1);
  return word;
}

#define BEGIN lanes v[5], u[5]; memcpy(v, state[0], sizeof v); memcpy(u, state[1], sizeof u);
#define END for (int i = 0; i < 5; i++) { state[0][i] += v[i]; state[1][i] += u[i]; }

/* Both groups' states through their blocks, in place; the blocks are overwritten. */
static void compress(lanes state[GROUPS][5], lanes w[GROUPS][16]) {
  BEGIN
#define FIRST(n) next(w[0], t + n) + k
#define SECOND(n) next(w[1], t + n) + k
  lanes k = SPLAT(constants[0]);
  ROUNDS(CHOOSE, 0, 20, FIRST, SECOND)
  k = SPLAT(constants[1]);
  ROUNDS(PARITY, 20, 40, FIRST, SECOND)
  k = SPLAT(constants[2]);
  ROUNDS(MAJORITY, 40, 60, FIRST, SECOND)
  k = SPLAT(constants[3]);
  ROUNDS(PARITY, 60, 65, FIRST, SECOND)
#define FIRST_LAST(n) w[0][(t + n) & 15] + k
#define SECOND_LAST(n) w[1][(t + n) & 15] + k
  ROUNDS(PARITY, 65, 80, FIRST_LAST, SECOND_LAST)
  END
}

/* The same with one schedule for every lane. */
static void compress_shared(lanes state[GROUPS][5], const uint32_t schedule[80]) {
  BEGIN
#define SHARED(n) SPLAT(schedule[t + n])
  ROUNDS(CHOOSE, 0, 20, SHARED, SHARED)
  ROUNDS(PARITY, 20, 40, SHARED, SHARED)
  ROUNDS(MAJORITY, 40, 60, SHARED, SHARED)
  ROUNDS(PARITY, 60, 80, SHARED, SHARED)
  END
}

/* The schedule of a counter as the message after the key's block, each word with its round's constant. */
static void schedule_of(uint64_t counter, uint32_t schedule[80]) {
  uint32_t w[80] = {(uint32_t)(counter >> 32), (uint32_t)counter, 0x80000000};
  w[15] = 72 * 8;
  for (int t = 16; t < 80; t++) w[t] = ROTATE(w[t - 3] ^ w[t - 8] ^ w[t - 14] ^ w[t - 16], 1);
  for (int t = 0; t < 80; t++) schedule[t] = w[t] + constants[t / 20];
}

static uint32_t midstates[USERS][2][5];

static void midstate(const uint8_t *key, uint8_t mask, uint32_t out[5]) {
  static const uint32_t start[5] = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0};
  lanes state[GROUPS][5], w[GROUPS][16];
  for (int i = 0; i < 5; i++) state[0][i] = state[1][i] = SPLAT(start[i]);
  for (int i = 0; i < 16; i++) {
    uint32_t word = 0;
    for (int j = 0; j < 4; j++) word = word << 8 | ((4 * i + j < KEY_BYTES ? key[4 * i + j] : 0) ^ mask);
    w[0][i] = w[1][i] = SPLAT(word);
  }
  compress(state, w);
  for (int i = 0; i < 5; i++) out[i] = state[0][i][0];
}

/* HMAC-SHA1 of one counter under eight users' keys. */
static inline __attribute__((always_inline)) void hmac(const int user[CANDIDATES], const uint32_t schedule[80], lanes out[GROUPS][5]) {
#define GATHER(which, g, i)                                                                  \
  ((lanes){midstates[user[4 * g]][which][i], midstates[user[4 * g + 1]][which][i],           \
           midstates[user[4 * g + 2]][which][i], midstates[user[4 * g + 3]][which][i]})
  lanes w[GROUPS][16], inner[GROUPS][5];
  for (int g = 0; g < GROUPS; g++)
    for (int i = 0; i < 5; i++) inner[g][i] = GATHER(0, g, i);
  compress_shared(inner, schedule);
  for (int g = 0; g < GROUPS; g++) {
    for (int i = 0; i < 5; i++) out[g][i] = GATHER(1, g, i), w[g][i] = inner[g][i];
    w[g][5] = SPLAT(0x80000000);
    for (int i = 6; i < 15; i++) w[g][i] = SPLAT(0);
    w[g][15] = SPLAT(84 * 8);
  }
  compress(out, w);
}

/* RFC 4226 section 5.3: the code of lane l, six digits. */
static inline uint32_t truncate_lane(const lanes digest[5], int l) {
  uint32_t words[5];
  for (int i = 0; i < 5; i++) words[i] = digest[i][l];
  uint32_t at = words[4] & 15, shift = 8 * (at & 3), word = words[at >> 2];
  if (shift) word = word << shift | words[(at >> 2) + 1] >> (32 - shift);
  return (word & 0x7fffffff) % 1000000;
}

/* hmac USER COUNTER: digest. run N FIRST WIDTH CODE: N batches of WIDTH candidates of each user, judged against a code.
 * bare N FIRST WIDTH: the same HMACs alone, nothing made of them. version. */
static void answer(const char *command, char *rest) {
  static int ready;
  for (; ready < users; ready++) {
    midstate(keys[ready], 0x36, midstates[ready][0]);
    midstate(keys[ready], 0x5c, midstates[ready][1]);
  }
  int user, width;
  long batches;
  unsigned long long first;
  unsigned code = 0;
  uint32_t schedule[80];
  int who[CANDIDATES];
  lanes digest[GROUPS][5];
  if ((strcmp(command, "hmac") == 0 || strcmp(command, "code") == 0) && sscanf(rest, "%d %llu", &user, &first) == 2) {
    schedule_of(first, schedule);
    for (int n = 0; n < CANDIDATES; n++) who[n] = n == 6 ? user : (user + 1) % users;
    hmac(who, schedule, digest);
    if (command[0] == 'c') printf("%06u\n", truncate_lane(digest[1], 2));
    else {
      for (int i = 0; i < 5; i++) printf("%08x", digest[1][i][2]);
      puts("");
    }
  } else if (strcmp(command, "run") == 0 && sscanf(rest, "%ld %llu %d %u", &batches, &first, &width, &code) == 4) {
    static uint64_t matches[USERS];
    uint64_t start = now_ns();
    for (long b = 0; b < batches; b++) {
      for (int i = 0; i < width; i++) {
        schedule_of(first + (uint64_t)i, schedule);
        for (int u = 0; u + CANDIDATES <= users; u += CANDIDATES) {
          for (int n = 0; n < CANDIDATES; n++) who[n] = u + n;
          hmac(who, schedule, digest);
          for (int n = 0; n < CANDIDATES; n++) matches[who[n]] |= (uint64_t)(truncate_lane(digest[n / 4], n % 4) == code) << i;
        }
      }
    }
    printf("%llu\n", (unsigned long long)(now_ns() - start));
    for (int u = 0; u < users; u++)
      if (matches[u]) fprintf(stderr, "a wrong code matched\n");
  } else if (strcmp(command, "bare") == 0 && sscanf(rest, "%ld %llu %d", &batches, &first, &width) == 3) {
    volatile uint32_t kept = 0;
    uint64_t start = now_ns();
    for (long b = 0; b < batches; b++) {
      for (int i = 0; i < width; i++) {
        schedule_of(first + (uint64_t)i, schedule);
        for (int u = 0; u + CANDIDATES <= users; u += CANDIDATES) {
          for (int n = 0; n < CANDIDATES; n++) who[n] = u + n;
          hmac(who, schedule, digest);
          lanes all = digest[0][0] ^ digest[0][4] ^ digest[1][0] ^ digest[1][4];
          kept += all[0] ^ all[1] ^ all[2] ^ all[3];
        }
      }
    }
    printf("%llu\n", (unsigned long long)(now_ns() - start));
  } else if (strcmp(command, "version") == 0) {
    printf("gcc %s\n", __VERSION__);
  } else {
    puts("?");
  }
}
