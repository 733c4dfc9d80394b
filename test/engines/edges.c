/* Stores and loads of every width all around the page's end, aligned as the modules' are, by a module as C: none may leave
 * the page and its margin, and what is far from it traps. Also the runtime's division. Prints "kept". */
#include "page.h"

#include <stdio.h>

static struct { uint8_t before[64]; Z_page_instance_t module; uint8_t after[64]; } room;
jmp_buf dialward_trapped;

void wasm_rt_trap(int why) {
  (void)why;
  longjmp(dialward_trapped, 1);
}

static void reach(uint32_t at) {
  if (setjmp(dialward_trapped) == 0) {
    Z_pageZ_store(&room.module, at, ~0ull);
    if (Z_pageZ_load(&room.module, at) == 1) puts("odd");
  }
  if (setjmp(dialward_trapped)) return;
  Z_pageZ_far(&room.module, at, ~0ull);
  puts("far");
}

/* Numbers of all lengths and both signs, by xorshift. */
static int64_t any(void) {
  static uint64_t x = 88172645463325252ull;
  x ^= x << 13, x ^= x >> 7, x ^= x << 17;
  return (int64_t)x >> (x & 63);
}

static void divide(void) {
  for (int i = 0; i < 100000; i++) {
    int64_t a = any(), b = any();
    if (b == 0 || (a == INT64_MIN && b == -1)) continue;
    if ((int64_t)dialward_divide(a, b) != a / b) puts("divided wrongly");
  }
}

int main(void) {
  static const uint32_t ends[] = {0, 65536, 131072, 0x80000000, 0xfffffff0};
  Z_page_init_module();
  Z_page_instantiate(&room.module);
  for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
    for (uint32_t at = ends[i] - 72; at != ends[i] + 20; at += 4) reach(at);
  }
  divide();
  uint32_t spoilt = 0;
  for (size_t i = 0; i < sizeof room.before; i++) spoilt |= room.before[i] | room.after[i];
  puts(spoilt ? "spoilt" : "kept");
  return 0;
}
