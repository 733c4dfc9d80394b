/* The yardstick for the figures: what the module does in a verification, written directly in C. Kept midstates, the
 * whole window, constant time, the same judgement; bit-sliced DES is the core's own, translated (des.h, by figures.ts).
 * `reference totp|motp|mschapv2 n` verifies a wrong proof n times. RFC 3174, 1321, 1320, 4226, 6238, 2759. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "des.h"

#define INLINE static inline __attribute__((always_inline))
#define ROTL(x, n) ((x) << (n) | (x) >> (32 - (n)))
#define PICK(x, y, z) ((z) ^ ((x) & ((y) ^ (z))))
#define PARITY(x, y, z) ((x) ^ (y) ^ (z))
#define MAJORITY(x, y, z) (((x) & (y)) | ((z) & ((x) | (y))))

#define R(f, a, b, c, d, e, w, k) (e += ROTL(a, 5) + f(b, c, d) + (w) + (k), b = ROTL(b, 30))
#define MIX(t) (m[(t) & 15] = ROTL(m[((t) + 13) & 15] ^ m[((t) + 8) & 15] ^ m[((t) + 2) & 15] ^ m[(t) & 15], 1))
#define FIVE(f, t, k, W) \
  R(f, a, b, c, d, e, W(t), k), R(f, e, a, b, c, d, W(t + 1), k), R(f, d, e, a, b, c, W(t + 2), k), \
  R(f, c, d, e, a, b, W(t + 3), k), R(f, b, c, d, e, a, W(t + 4), k)
#define WORD(t) m[t]

/* One block, all rounds written out, as the core has it. m is used up. */
static void sha1(uint32_t h[5], uint32_t m[16]) {
  uint32_t a = h[0], b = h[1], c = h[2], d = h[3], e = h[4];
  FIVE(PICK, 0, 0x5a827999, WORD), FIVE(PICK, 5, 0x5a827999, WORD), FIVE(PICK, 10, 0x5a827999, WORD);
  R(PICK, a, b, c, d, e, m[15], 0x5a827999), R(PICK, e, a, b, c, d, MIX(16), 0x5a827999);
  R(PICK, d, e, a, b, c, MIX(17), 0x5a827999), R(PICK, c, d, e, a, b, MIX(18), 0x5a827999);
  R(PICK, b, c, d, e, a, MIX(19), 0x5a827999);
  FIVE(PARITY, 20, 0x6ed9eba1, MIX), FIVE(PARITY, 25, 0x6ed9eba1, MIX), FIVE(PARITY, 30, 0x6ed9eba1, MIX);
  FIVE(PARITY, 35, 0x6ed9eba1, MIX);
  FIVE(MAJORITY, 40, 0x8f1bbcdc, MIX), FIVE(MAJORITY, 45, 0x8f1bbcdc, MIX), FIVE(MAJORITY, 50, 0x8f1bbcdc, MIX);
  FIVE(MAJORITY, 55, 0x8f1bbcdc, MIX);
  FIVE(PARITY, 60, 0xca62c1d6, MIX), FIVE(PARITY, 65, 0xca62c1d6, MIX), FIVE(PARITY, 70, 0xca62c1d6, MIX);
  FIVE(PARITY, 75, 0xca62c1d6, MIX);
  h[0] += a, h[1] += b, h[2] += c, h[3] += d, h[4] += e;
}

struct record {
  uint32_t inner[5], outer[5], digits, back, forward, period, bound, failures;
  int64_t drift, next;
  uint64_t since;
  uint8_t key[40]; /* mOTP: secret and PIN */
  uint32_t key_length;
};

/* The code of a step. */
static uint32_t totp(const struct record *record, uint64_t step) {
  uint32_t h[5], g[5];
  memcpy(h, record->inner, sizeof h);
  uint32_t m[16] = {(uint32_t)(step >> 32), (uint32_t)step, 0x80000000, [15] = (64 + 8) * 8};
  sha1(h, m);
  memcpy(g, record->outer, sizeof g);
  uint32_t n[16] = {h[0], h[1], h[2], h[3], h[4], 0x80000000, [15] = (64 + 20) * 8};
  sha1(g, n);
  /* Dynamic truncation without an address that depends on the digest. */
  uint32_t by8 = 0 - (g[4] >> 3 & 1), by4 = 0 - (g[4] >> 2 & 1), by2 = 0 - (g[4] >> 1 & 1), by1 = 0 - (g[4] & 1);
  uint32_t a = PICK(by8, g[2], g[0]), b = PICK(by8, g[3], g[1]), c = PICK(by8, g[4], g[2]);
  uint32_t d = PICK(by4, b, a), e = PICK(by4, c, b);
  uint32_t f = PICK(by2, d << 16 | e >> 16, d), i = PICK(by2, e << 16, e);
  uint32_t x = PICK(by1, f << 8 | i >> 24, f) & 0x7fffffff;
  return x - (uint32_t)((uint64_t)x * 0x431bde83 >> 50) * 1000000;
}

#define STEP(f, a, b, c, d, w, s, k) (a = b + ROTL(a + f + (w) + (k), s))
#define F(f, g, w, s, t, u, v, i, step, k0, k1, k2, k3) \
  STEP(f(b, c, d), a, b, c, d, m[(i) & 15], s, k0), STEP(f(a, b, c), d, a, b, c, m[(i + step) & 15], t, k1), \
  STEP(f(d, a, b), c, d, a, b, m[(i + 2 * step) & 15], u, k2), STEP(f(c, d, a), b, c, d, a, m[(i + 3 * step) & 15], v, k3)
#define TURNED(x, y, z) PICK(z, x, y)
#define AROUND(x, y, z) ((y) ^ ((x) | ~(z)))

static void md5(uint32_t h[4], const uint32_t m[16]) {
  uint32_t a = h[0], b = h[1], c = h[2], d = h[3];
  F(PICK, , , 7, 12, 17, 22, 0, 1, 0xd76aa478, 0xe8c7b756, 0x242070db, 0xc1bdceee);
  F(PICK, , , 7, 12, 17, 22, 4, 1, 0xf57c0faf, 0x4787c62a, 0xa8304613, 0xfd469501);
  F(PICK, , , 7, 12, 17, 22, 8, 1, 0x698098d8, 0x8b44f7af, 0xffff5bb1, 0x895cd7be);
  F(PICK, , , 7, 12, 17, 22, 12, 1, 0x6b901122, 0xfd987193, 0xa679438e, 0x49b40821);
  F(TURNED, , , 5, 9, 14, 20, 1, 5, 0xf61e2562, 0xc040b340, 0x265e5a51, 0xe9b6c7aa);
  F(TURNED, , , 5, 9, 14, 20, 5, 5, 0xd62f105d, 0x02441453, 0xd8a1e681, 0xe7d3fbc8);
  F(TURNED, , , 5, 9, 14, 20, 9, 5, 0x21e1cde6, 0xc33707d6, 0xf4d50d87, 0x455a14ed);
  F(TURNED, , , 5, 9, 14, 20, 13, 5, 0xa9e3e905, 0xfcefa3f8, 0x676f02d9, 0x8d2a4c8a);
  F(PARITY, , , 4, 11, 16, 23, 5, 3, 0xfffa3942, 0x8771f681, 0x6d9d6122, 0xfde5380c);
  F(PARITY, , , 4, 11, 16, 23, 1, 3, 0xa4beea44, 0x4bdecfa9, 0xf6bb4b60, 0xbebfbc70);
  F(PARITY, , , 4, 11, 16, 23, 13, 3, 0x289b7ec6, 0xeaa127fa, 0xd4ef3085, 0x04881d05);
  F(PARITY, , , 4, 11, 16, 23, 9, 3, 0xd9d4d039, 0xe6db99e5, 0x1fa27cf8, 0xc4ac5665);
  F(AROUND, , , 6, 10, 15, 21, 0, 7, 0xf4292244, 0x432aff97, 0xab9423a7, 0xfc93a039);
  F(AROUND, , , 6, 10, 15, 21, 12, 7, 0x655b59c3, 0x8f0ccc92, 0xffeff47d, 0x85845dd1);
  F(AROUND, , , 6, 10, 15, 21, 8, 7, 0x6fa87e4f, 0xfe2ce6e0, 0xa3014314, 0x4e0811a1);
  F(AROUND, , , 6, 10, 15, 21, 4, 7, 0xf7537e82, 0xbd3af235, 0x2ad7d2bb, 0xeb86d391);
  h[0] += a, h[1] += b, h[2] += c, h[3] += d;
}

static uint32_t motp(const struct record *record, uint64_t step) {
  uint8_t text[64] = {0};
  uint32_t h[4] = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476}, m[16], digits = 10;
  for (uint32_t least = 1000000000; step < least && digits > 1; least /= 10) digits--;
  for (uint32_t i = digits, rest = (uint32_t)step; i > 0; i--, rest /= 10) text[i - 1] = 48 + rest % 10;
  memcpy(text + digits, record->key, record->key_length);
  text[digits + record->key_length] = 0x80;
  for (uint32_t w = 0; w < 16; w++) {
    m[w] = text[4 * w] | text[4 * w + 1] << 8 | text[4 * w + 2] << 16 | (uint32_t)text[4 * w + 3] << 24;
  }
  m[14] = (digits + record->key_length) * 8;
  md5(h, m);
  return (h[0] & 255) << 16 | (h[0] & 0xff00) | (h[0] >> 16 & 255);
}

#define M(f, a, b, c, d, w, s, k) (a = ROTL(a + f(b, c, d) + (w) + (k), s))
#define ROUNDS(f, i, j, k, l, s, t, u, v, x) \
  M(f, a, b, c, d, m[i], s, x), M(f, d, a, b, c, m[j], t, x), M(f, c, d, a, b, m[k], u, x), M(f, b, c, d, a, m[l], v, x)

static void md4(uint32_t h[4], const uint32_t m[16]) {
  uint32_t a = h[0], b = h[1], c = h[2], d = h[3];
  for (int i = 0; i < 16; i += 4) ROUNDS(PICK, i, i + 1, i + 2, i + 3, 3, 7, 11, 19, 0);
  for (int i = 0; i < 4; i++) ROUNDS(MAJORITY, i, i + 4, i + 8, i + 12, 3, 5, 9, 13, 0x5a827999);
  for (int n = 0; n < 4; n++) {
    int i = (n & 1) << 1 | n >> 1;
    ROUNDS(PARITY, i, i + 8, i + 4, i + 12, 3, 9, 11, 15, 0x6ed9eba1);
  }
  h[0] += a, h[1] += b, h[2] += c, h[3] += d;
}

static uint32_t big(const uint8_t *bytes) {
  return (uint32_t)bytes[0] << 24 | bytes[1] << 16 | bytes[2] << 8 | bytes[3];
}

INLINE uint32_t swap(uint32_t x) { return x << 24 | (x & 0xff00) << 8 | (x >> 8 & 0xff00) | x >> 24; }

/* Which of the window's codes are the password of an MS-CHAPv2 response. */
static uint64_t mschapv2(const struct record *record, int64_t first, uint32_t width, const uint8_t *request) {
  const uint8_t *response = request, *authenticator = request + 24, *peer = request + 40;
  uint32_t h[5] = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0}, m[16] = {0};
  for (int w = 0; w < 4; w++) m[w] = big(peer + 4 * w), m[4 + w] = big(authenticator + 4 * w);
  m[8] = big((const uint8_t *)"alic"), m[9] = 0x65800000, m[15] = 37 * 8;
  sha1(h, m);
  for (uint32_t i = 0; i < width; i++) {
    uint32_t n[4] = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476}, text[16] = {0}, code = totp(record, first + i);
    for (int at = 5; at >= 0; at--) {
      uint32_t tenth = (uint32_t)((uint64_t)code * 0xcccccccd >> 35);
      text[at / 2] |= (48 + code - tenth * 10) << (at & 1) * 16;
      code = tenth;
    }
    text[3] = 0x80, text[14] = 12 * 8;
    md4(n, text);
    rows[i] = swap(n[0]), rows[32 + i] = swap(n[1]) & 0xffffff00, rows[64 + i] = h[0], rows[96 + i] = h[1];
    rows[128 + i] = big(response), rows[160 + i] = big(response + 4);
  }
  return desMatches() & ((1ull << width) - 1);
}

/* Judges one dial-in: the scan, then replay, drift and back-off. */
static int verify(struct record *record, uint64_t time, const uint8_t *typed, int proof) {
  int64_t current = (int64_t)(time / record->period), first = current + record->drift - record->back;
  uint32_t width = record->back + 1 + record->forward, text = 0;
  uint64_t matches = 0;
  if (proof == 2) {
    matches = mschapv2(record, first, width, typed);
  } else {
    for (int i = 0; i < 6; i++) {
      uint32_t digit = typed[i] - 48u, letter = typed[i] - 97u;
      if (digit > 9 && (proof == 0 || letter > 5)) return -1;
      text = proof == 0 ? text * 10 + digit : text << 4 | (digit <= 9 ? digit : letter + 10);
    }
    for (uint32_t i = 0; i < width; i++) {
      uint32_t code = proof == 0 ? totp(record, first + i) : motp(record, first + i);
      matches |= (uint64_t)(code == text) << i;
    }
  }
  if (matches == 0) {
    record->failures++;
    record->since = time;
    return 0;
  }
  int64_t spent = record->next - first;
  uint64_t fresh = matches & (spent <= 0 ? ~0ull : spent > 63 ? 0 : ~0ull << spent);
  if (fresh == 0) return 1;
  int64_t step = first + __builtin_ctzll(fresh), drift = step - current;
  record->next = step + 1;
  record->drift = drift > record->bound ? record->bound : drift < -(int64_t)record->bound ? -record->bound : drift;
  record->failures = 0;
  return 2;
}

int main(int argc, char **argv) {
  static struct record record = {.digits = 6, .back = 1, .forward = 1, .period = 30, .bound = 4};
  static uint8_t typed[64] = "000000";
  int proof = argc < 2 ? 0 : strcmp(argv[1], "motp") == 0 ? 1 : strcmp(argv[1], "mschapv2") == 0 ? 2 : 0;
  if (proof == 1) {
    record.back = record.forward = 6, record.period = 10, record.key_length = 20;
    memcpy(record.key, "0123456789abcdef6666", 20);
  } else {
    static const uint8_t secret[] = "12345678901234567890";
    for (int side = 0; side < 2; side++) {
      uint32_t *h = side ? record.outer : record.inner, m[16], mask = side ? 0x5c5c5c5c : 0x36363636;
      const uint32_t start[5] = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0};
      for (int w = 0; w < 16; w++) m[w] = (w < 5 ? big(secret + 4 * w) : 0) ^ mask;
      memcpy(h, start, sizeof start);
      sha1(h, m);
    }
  }
  /* What is typed and when; `known` shows that the yardstick itself is right. */
  uint64_t time = argc > 3 ? strtoull(argv[3], 0, 10) : 1900000000;
  if (argc > 4) {
    if (proof < 2) memcpy(typed, argv[4], 6);
    else for (int i = 0; i < 56; i++) sscanf(argv[4] + 2 * i, "%2hhx", &typed[i]);
  }
  int verdict = -1;
  for (int n = argc > 2 ? atoi(argv[2]) : 1; n > 0; n--) verdict = verify(&record, time, typed, proof);
  printf("%d\n", verdict);
  return 0;
}
