/* HMAC-SHA1 over eight-byte counters (RFC 2104, RFC 4226), four candidates at once in vector registers: the algorithm of
 * the core, as C. Midstates are kept for each key, the rounds are unrolled, and the compiler folds the constant words of
 * both blocks into the schedule. SSE2 at -O3; other widths by -march=native. */
#include "drive.h"

typedef uint32_t lanes __attribute__((vector_size(16)));

#define SPLAT(x) ((lanes){(x), (x), (x), (x)})
#define ROTATE(x, n) (((x) << (n)) | ((x) >> (32 - (n))))
#define CHOOSE(b, c, d) ((d) ^ ((b) & ((c) ^ (d))))
#define PARITY(b, c, d) ((b) ^ (c) ^ (d))
#define MAJORITY(b, c, d) ((c) ^ (((b) ^ (c)) & ((c) ^ (d))))

#define ROUND(f, k, a, b, c, d, e, w)                       \
  e += ROTATE(a, 5) + f(b, c, d) + (SPLAT(k) + (w));        \
  b = ROTATE(b, 30);
#define FIVE(f, k, w0, w1, w2, w3, w4)                      \
  ROUND(f, k, a, b, c, d, e, w0) ROUND(f, k, e, a, b, c, d, w1) ROUND(f, k, d, e, a, b, c, w2) \
  ROUND(f, k, c, d, e, a, b, w3) ROUND(f, k, b, c, d, e, a, w4)
#define MIX(w, x, y, z) (w = ROTATE((w) ^ (x) ^ (y) ^ (z), 1))

/* One compression of `w` (16 words) from `in`, to `out`. Always inline: constant words disappear. */
static inline __attribute__((always_inline)) void compress(const lanes in[5], const lanes w[16], lanes out[5]) {
  lanes a = in[0], b = in[1], c = in[2], d = in[3], e = in[4];
  lanes w0 = w[0], w1 = w[1], w2 = w[2], w3 = w[3], w4 = w[4], w5 = w[5], w6 = w[6], w7 = w[7];
  lanes w8 = w[8], w9 = w[9], w10 = w[10], w11 = w[11], w12 = w[12], w13 = w[13], w14 = w[14], w15 = w[15];
#define NEXT_F MIX(w9, w6, w1, w11), MIX(w10, w7, w2, w12), MIX(w11, w8, w3, w13), MIX(w12, w9, w4, w14), MIX(w13, w10, w5, w15)
#define NEXT_G MIX(w14, w11, w6, w0), MIX(w15, w12, w7, w1), MIX(w0, w13, w8, w2), MIX(w1, w14, w9, w3), MIX(w2, w15, w10, w4)
#define NEXT_H MIX(w3, w0, w11, w5), MIX(w4, w1, w12, w6), MIX(w5, w2, w13, w7), MIX(w6, w3, w14, w8), MIX(w7, w4, w15, w9)
#define NEXT_I MIX(w8, w5, w0, w10), MIX(w9, w6, w1, w11), MIX(w10, w7, w2, w12), MIX(w11, w8, w3, w13), MIX(w12, w9, w4, w14)
#define NEXT_J MIX(w13, w10, w5, w15), MIX(w14, w11, w6, w0), MIX(w15, w12, w7, w1), MIX(w0, w13, w8, w2), MIX(w1, w14, w9, w3)
#define NEXT_K MIX(w2, w15, w10, w4), MIX(w3, w0, w11, w5), MIX(w4, w1, w12, w6), MIX(w5, w2, w13, w7), MIX(w6, w3, w14, w8)
#define NEXT_L MIX(w7, w4, w15, w9), MIX(w8, w5, w0, w10), MIX(w9, w6, w1, w11), MIX(w10, w7, w2, w12), MIX(w11, w8, w3, w13)
#define NEXT_M MIX(w12, w9, w4, w14), MIX(w13, w10, w5, w15)
#define GO(f, k, ...) FIVE(f, k, __VA_ARGS__)
  GO(CHOOSE, 0x5a827999, w0, w1, w2, w3, w4)
  GO(CHOOSE, 0x5a827999, w5, w6, w7, w8, w9)
  GO(CHOOSE, 0x5a827999, w10, w11, w12, w13, w14)
  GO(CHOOSE, 0x5a827999, w15, MIX(w0, w13, w8, w2), MIX(w1, w14, w9, w3), MIX(w2, w15, w10, w4), MIX(w3, w0, w11, w5))
  GO(PARITY, 0x6ed9eba1, MIX(w4, w1, w12, w6), MIX(w5, w2, w13, w7), MIX(w6, w3, w14, w8), MIX(w7, w4, w15, w9), MIX(w8, w5, w0, w10))
  GO(PARITY, 0x6ed9eba1, NEXT_F)
  GO(PARITY, 0x6ed9eba1, NEXT_G)
  GO(PARITY, 0x6ed9eba1, NEXT_H)
  GO(MAJORITY, 0x8f1bbcdc, NEXT_I)
  GO(MAJORITY, 0x8f1bbcdc, NEXT_J)
  GO(MAJORITY, 0x8f1bbcdc, NEXT_K)
  GO(MAJORITY, 0x8f1bbcdc, NEXT_L)
  GO(PARITY, 0xca62c1d6, NEXT_M, MIX(w14, w11, w6, w0), MIX(w15, w12, w7, w1), MIX(w0, w13, w8, w2))
  GO(PARITY, 0xca62c1d6, MIX(w1, w14, w9, w3), MIX(w2, w15, w10, w4), MIX(w3, w0, w11, w5), MIX(w4, w1, w12, w6), MIX(w5, w2, w13, w7))
  GO(PARITY, 0xca62c1d6, MIX(w6, w3, w14, w8), MIX(w7, w4, w15, w9), MIX(w8, w5, w0, w10), MIX(w9, w6, w1, w11), MIX(w10, w7, w2, w12))
  GO(PARITY, 0xca62c1d6, MIX(w11, w8, w3, w13), MIX(w12, w9, w4, w14), MIX(w13, w10, w5, w15), MIX(w14, w11, w6, w0), MIX(w15, w12, w7, w1))
  out[0] = a + in[0];
  out[1] = b + in[1];
  out[2] = c + in[2];
  out[3] = d + in[3];
  out[4] = e + in[4];
}

static uint32_t midstates[USERS][2][5];

static void midstate(const uint8_t *key, uint8_t mask, uint32_t out[5]) {
  static const uint32_t start[5] = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0};
  lanes in[5], w[16], after[5];
  for (int i = 0; i < 5; i++) in[i] = SPLAT(start[i]);
  for (int i = 0; i < 16; i++) {
    uint32_t word = 0;
    for (int j = 0; j < 4; j++) word = word << 8 | ((4 * i + j < KEY_BYTES ? key[4 * i + j] : 0) ^ mask);
    w[i] = SPLAT(word);
  }
  compress(in, w, after);
  for (int i = 0; i < 5; i++) out[i] = after[i][0];
}

/* HMAC-SHA1 of four candidates, each of its own user and counter. */
static inline __attribute__((always_inline)) void hmac(const int user[4], const uint64_t counter[4], lanes out[5]) {
#define GATHER(which, i) \
  ((lanes){midstates[user[0]][which][i], midstates[user[1]][which][i], midstates[user[2]][which][i], midstates[user[3]][which][i]})
#define STATE(which) ((lanes[5]){GATHER(which, 0), GATHER(which, 1), GATHER(which, 2), GATHER(which, 3), GATHER(which, 4)})
  const lanes high = {(uint32_t)(counter[0] >> 32), (uint32_t)(counter[1] >> 32), (uint32_t)(counter[2] >> 32), (uint32_t)(counter[3] >> 32)};
  const lanes low = {(uint32_t)counter[0], (uint32_t)counter[1], (uint32_t)counter[2], (uint32_t)counter[3]};
  const lanes zero = SPLAT(0), end = SPLAT(0x80000000);
  lanes digest[5];
  compress(STATE(0), (lanes[16]){high, low, end, zero, zero, zero, zero, zero, zero, zero, zero, zero, zero, zero, zero, SPLAT(72 * 8)}, digest);
  compress(STATE(1), (lanes[16]){digest[0], digest[1], digest[2], digest[3], digest[4], end, zero, zero, zero, zero, zero, zero, zero, zero, zero, SPLAT(84 * 8)}, out);
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
  lanes digest[5];
  if (strcmp(command, "hmac") == 0 && sscanf(rest, "%d %llu", &user, &first) == 2) {
    hmac((int[4]){user, user, user, user}, (uint64_t[4]){0, first, 0, 0}, digest);
    for (int i = 0; i < 5; i++) printf("%08x", digest[i][1]);
    puts("");
  } else if (strcmp(command, "code") == 0 && sscanf(rest, "%d %llu", &user, &first) == 2) {
    hmac((int[4]){user, user, user, user}, (uint64_t[4]){0, 0, first, 0}, digest);
    printf("%06u\n", truncate_lane(digest, 2));
  } else if (strcmp(command, "run") == 0 && sscanf(rest, "%ld %llu %d %u", &batches, &first, &width, &code) == 4) {
    static uint64_t matches[USERS];
    int who[4];
    uint64_t counter[4];
    uint64_t start = now_ns();
    for (long b = 0; b < batches; b++) {
      int n = 0;
      for (int u = 0; u < users; u++) {
        for (int i = 0; i < width; i++) {
          who[n] = u;
          counter[n] = first + (uint64_t)i;
          if (++n < 4) continue;
          n = 0;
          hmac(who, counter, digest);
          for (int l = 0; l < 4; l++)
            matches[who[l]] |= (uint64_t)(truncate_lane(digest, l) == code) << (counter[l] - first);
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
      for (int u = 0; u < users; u++) {
        for (int i = 0; i + 4 <= width; i += 4) {
          uint64_t at = first + (uint64_t)i;
          hmac((int[4]){u, u, u, u}, (uint64_t[4]){at, at + 1, at + 2, at + 3}, digest);
          lanes all = digest[0] ^ digest[1] ^ digest[2] ^ digest[3] ^ digest[4];
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
