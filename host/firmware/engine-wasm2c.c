/* The engine over wasm2c: the module as C, compiled into the firmware. One static page, and longjmp out of a trap.
 * `wasm2c -n dialward dialward.wasm -o core.c` makes core.c and core.h. */
#include "dialward.h"
#include "core.h"
#include <setjmp.h>

static Z_dialward_instance_t module;
jmp_buf dialward_trapped;
static bool started;

/* The page is part of `module`, and static storage is zero: there is nothing to do. */
bool wasm_rt_is_initialized(void) { return true; }
void wasm_rt_allocate_memory(wasm_rt_memory_t *memory, uint32_t first, uint32_t most) {
  (void)memory, (void)first, (void)most;
}
void wasm_rt_free_memory(wasm_rt_memory_t *memory) { (void)memory; }
uint32_t wasm_rt_register_func_type(uint32_t parameters, uint32_t results, ...) {
  return (void)parameters, (void)results, 0;
}

void wasm_rt_trap(int why) {
  (void)why;
  longjmp(dialward_trapped, 1);
}

static void start(void) {
  if (!started) Z_dialward_init_module(), Z_dialward_instantiate(&module);
  started = true;
}

#define ARGUMENTS_0
#define ARGUMENTS_1 , first
#define ARGUMENTS_2 , first, second
#define CASE(verb, name, arguments) \
  case verb: return Z_dialwardZ_##name(&module ARGUMENTS_##arguments);

uint32_t dialward_call(enum dialward_verb verb, uint32_t first, uint32_t second) {
  if (setjmp(dialward_trapped)) return DIALWARD_TRAPPED;
  start();
  switch (verb) {
    DIALWARD_VERBS(CASE)
    default: return DIALWARD_TRAPPED;
  }
}

void dialward_read(uint32_t at, void *bytes, uint32_t length) {
  memcpy(bytes, module.w2c_memory.data + at, length);
}

void dialward_write(uint32_t at, const void *bytes, uint32_t length) {
  start();
  memcpy(module.w2c_memory.data + at, bytes, length);
}
