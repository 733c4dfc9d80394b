/* MS-CHAPv2 (RFC 2759) over a TOTP window with OpenSSL's SHA-1, MD4 and DES: what a C server would do. HMAC midstates are
 * kept for each key, and one DES block rejects a candidate, as in the core. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "drive.h"
#include <openssl/crypto.h>
#include <openssl/des.h>
#include <openssl/md4.h>
#include <openssl/sha.h>

static SHA_CTX inner[USERS], outer[USERS];

static void midstates(int user) {
  uint8_t block[64];
  for (int i = 0; i < 64; i++) block[i] = (i < KEY_BYTES ? keys[user][i] : 0) ^ 0x36;
  SHA1_Init(&inner[user]);
  SHA1_Update(&inner[user], block, 64);
  for (int i = 0; i < 64; i++) block[i] ^= 0x36 ^ 0x5c;
  SHA1_Init(&outer[user]);
  SHA1_Update(&outer[user], block, 64);
}

/* The code of a step in UTF-16, 12 bytes. */
static void write_code(int user, uint64_t step, uint8_t text[12]) {
  uint8_t counter[8], digest[20];
  for (int i = 0; i < 8; i++) counter[i] = (uint8_t)(step >> (56 - 8 * i));
  SHA_CTX context = inner[user];
  SHA1_Update(&context, counter, 8);
  SHA1_Final(digest, &context);
  context = outer[user];
  SHA1_Update(&context, digest, 20);
  SHA1_Final(digest, &context);
  const uint8_t *at = digest + (digest[19] & 15);
  uint32_t code = ((uint32_t)(at[0] & 0x7f) << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3]) % 1000000;
  for (int i = 5; i >= 0; i--, code /= 10) {
    text[2 * i] = (uint8_t)('0' + code % 10);
    text[2 * i + 1] = 0;
  }
}

/* RFC 2759 section 8.6: 56 bits of key as 8 bytes; OpenSSL does not look at the parity bits. */
static void des_block(const uint8_t key[7], const uint8_t in[8], uint8_t out[8]) {
  DES_cblock wide;
  DES_key_schedule schedule;
  uint64_t bits = 0;
  for (int i = 0; i < 7; i++) bits = bits << 8 | key[i];
  for (int i = 0; i < 8; i++) wide[i] = (uint8_t)((bits >> (49 - 7 * i) & 0x7f) << 1);
  DES_set_key_unchecked(&wide, &schedule);
  DES_ecb_encrypt((const_DES_cblock *)in, (DES_cblock *)out, &schedule, DES_ENCRYPT);
}

static int matches(int user, uint64_t step, const uint8_t challenge[8], const uint8_t response[24]) {
  uint8_t text[12], hash[21] = {0}, block[8];
  write_code(user, step, text);
  MD4_CTX context;
  MD4_Init(&context);
  MD4_Update(&context, text, 12);
  MD4_Final(hash, &context);
  des_block(hash, challenge, block);
  if (CRYPTO_memcmp(block, response, 8) != 0) return 0;
  des_block(hash + 7, challenge, block);
  if (CRYPTO_memcmp(block, response + 8, 8) != 0) return 0;
  des_block(hash + 14, challenge, block);
  return CRYPTO_memcmp(block, response + 16, 8) == 0;
}

/* The bits of the window's steps that match, from `first`, three steps. */
static int scan(int user, uint64_t first, const uint8_t authenticator[16], const uint8_t peer[16], const uint8_t response[24], const char *name) {
  uint8_t challenge[20];
  SHA_CTX context;
  SHA1_Init(&context);
  SHA1_Update(&context, peer, 16);
  SHA1_Update(&context, authenticator, 16);
  SHA1_Update(&context, name, strlen(name));
  SHA1_Final(challenge, &context);
  int found = 0;
  for (int i = 0; i < 3; i++) found |= matches(user, first + (uint64_t)i, challenge, response) << i;
  return found;
}

/* check USER FIRST AUTHENTICATOR PEER RESPONSE NAME: matching bits. run N FIRST AUTHENTICATOR PEER RESPONSE NAME. version. */
static void answer(const char *command, char *rest) {
  static int ready;
  for (; ready < users; ready++) midstates(ready);
  long n;
  unsigned long long first;
  char a[33], p[33], r[49], name[65];
  uint8_t authenticator[16], peer[16], response[24];
  if (strcmp(command, "version") == 0) {
    puts(OpenSSL_version(OPENSSL_VERSION));
    return;
  }
  if (sscanf(rest, "%ld %llu %32s %32s %48s %64s", &n, &first, a, p, r, name) != 6) {
    puts("?");
    return;
  }
  from_hex(a, authenticator, 16);
  from_hex(p, peer, 16);
  from_hex(r, response, 24);
  if (strcmp(command, "check") == 0) {
    printf("%d\n", scan((int)n, first, authenticator, peer, response, name));
  } else {
    volatile int found = 0;
    uint64_t start = now_ns();
    for (long b = 0; b < n; b++)
      for (int u = 0; u < users; u++) found |= scan(u, first, authenticator, peer, response, name);
    printf("%llu\n", (unsigned long long)(now_ns() - start));
  }
}
