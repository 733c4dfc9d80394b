/* radius.router.wasm as C by wasm2c: its self-test, RFC 2865's packet, the reply and the same reply for a copy of it.
 * Prints one line a step, so that engines and processors can be compared. The runtime is plain: no swapping of bytes. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "radius.h"
#include "dialward-radius.h"

#undef wasm_rt_call_stack_depth
uint32_t wasm_rt_call_stack_depth;
void wasm_rt_trap(wasm_rt_trap_t why) { printf("trap %d\n", (int)why); exit(1); }
bool wasm_rt_is_initialized(void) { return true; }
void wasm_rt_init(void) {}
void wasm_rt_free(void) {}
uint32_t wasm_rt_register_func_type(uint32_t parameters, uint32_t results, ...) { return parameters + results; }
uint32_t wasm_rt_grow_memory(wasm_rt_memory_t *memory, uint32_t pages) { return memory->pages + pages; }
void wasm_rt_free_memory(wasm_rt_memory_t *memory) { free(memory->data); }
void wasm_rt_allocate_memory(wasm_rt_memory_t *memory, uint32_t pages, uint32_t most) {
  memory->pages = pages;
  memory->max_pages = most;
  memory->size = pages * 65536u;
  memory->data = calloc(pages, 65536u);
}

static Z_radius_instance_t it;

static unsigned told(uint32_t at) { return it.w2c_memory.data[at] | (unsigned)it.w2c_memory.data[at + 1] << 8; }

int main(int count, char **arguments) {
  Z_radius_init_module();
  Z_radius_instantiate(&it);
  uint8_t *bytes = it.w2c_memory.data;
  printf("self-test %u\n", Z_radiusZ_selfTest(&it));
  Z_radiusZ_stir(&it);
  const char *secret = "xyzzy5461";
  uint32_t length = (uint32_t)strlen(secret);
  memcpy(bytes + DIALWARD_FORM_AT + DIALWARD_FORM_SECRET, secret, length);
  bytes[DIALWARD_FORM_AT + DIALWARD_FORM_SECRET_LENGTH] = (uint8_t)length;
  printf("client %u\n", Z_radiusZ_client(&it, 0, 0));
  uint32_t slot = DIALWARD_SLOTS_AT + DIALWARD_SLOT_BYTES;
  for (int i = 1; i < count; i++) {
    length = (uint32_t)strlen(arguments[i]) / 2;
    for (uint32_t at = 0; at < length; at++) {
      unsigned byte = 0;
      sscanf(arguments[i] + 2 * at, "%2x", &byte);
      bytes[slot + DIALWARD_SLOT_PACKET + at] = (uint8_t)byte;
    }
    bytes[slot + DIALWARD_SLOT_LENGTH] = (uint8_t)length;
    bytes[slot + DIALWARD_SLOT_LENGTH + 1] = (uint8_t)(length >> 8);
    printf("read %u", Z_radiusZ_read(&it, 1, 5));
    printf(" name %u", told(slot + DIALWARD_SLOT_NAME));
    printf(" answer %u", Z_radiusZ_answer(&it, 1, DIALWARD_OUTCOME_ACCEPT, 0, 5));
    unsigned reply = told(slot + DIALWARD_SLOT_REPLY_LENGTH);
    printf(" left %u reply %u ", told(DIALWARD_ENTROPY_LEFT), reply);
    for (unsigned at = 0; at < reply; at++) printf("%02x", bytes[slot + DIALWARD_SLOT_REPLY + at]);
    printf("\n");
  }
  return 0;
}
