/* Stores and loads of every width all around the page's end, by a module as C: none may leave the page. Prints "kept". */
#include "page.h"

#include <stdio.h>

static struct { uint8_t before[64]; Z_page_instance_t module; uint8_t after[64]; } room;

void wasm_rt_trap(int why) {
  (void)why;
  puts("trapped");
  for (;;) {}
}

int main(void) {
  static const uint32_t ends[] = {0, 65536, 131072, 0x7fffffff, 0x80000000, 0xfffffff0, 0xffffffff};
  Z_page_init_module();
  Z_page_instantiate(&room.module);
  for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
    for (uint32_t at = ends[i] - 20; at != ends[i] + 20; at++) {
      Z_pageZ_store(&room.module, at, ~0ull);
      if (Z_pageZ_load(&room.module, at) == 1) puts("odd");
    }
  }
  uint32_t spoilt = (uint8_t)room.module.w2c_memory.zero[0];
  for (size_t i = 0; i < sizeof room.before; i++) spoilt |= room.before[i] | room.after[i];
  puts(spoilt ? "spoilt" : "kept");
  return 0;
}
