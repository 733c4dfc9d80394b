/* The engine over wasm2c: the module as C, compiled into the firmware. One static page, and longjmp out of a trap.
 * `wasm2c -n dialward dialward.wasm -o core.c` makes core.c and core.h; DIALWARD_NEWER_WASM2C where it is newer than 1.0.32. */
#include "dialward.h"
#include "core.h"
#include <setjmp.h>

#ifdef DIALWARD_NEWER_WASM2C
static w2c_dialward module;
#define INSTANTIATE() wasm2c_dialward_instantiate(&module)
#define VERB(name) w2c_dialward_##name
#else
static Z_dialward_instance_t module;
#define INSTANTIATE() Z_dialward_init_module(), Z_dialward_instantiate(&module)
#define VERB(name) Z_dialwardZ_##name
#endif
jmp_buf dialward_trapped;
static bool started;

void wasm_rt_trap(int why) {
  (void)why;
  longjmp(dialward_trapped, 1);
}

static void start(void) {
  if (!started) INSTANTIATE();
  started = true;
}

#define ARGUMENTS_0
#define ARGUMENTS_1 , first
#define ARGUMENTS_2 , first, second
#define CASE(verb, name, arguments) \
  case verb: return VERB(name)(&module ARGUMENTS_##arguments);

uint32_t dialward_call(enum dialward_verb verb, uint32_t first, uint32_t second) {
  if (setjmp(dialward_trapped)) return DIALWARD_TRAPPED;
  start();
  switch (verb) {
    DIALWARD_VERBS(CASE)
    default: return DIALWARD_TRAPPED;
  }
}

void dialward_read(uint32_t at, void *bytes, uint32_t length) { memcpy(bytes, module.w2c_memory.data + at, length); }

void dialward_write(uint32_t at, const void *bytes, uint32_t length) {
  start();
  memcpy(module.w2c_memory.data + at, bytes, length);
}
