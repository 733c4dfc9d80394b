/* The engine of radius.router.wasm over wasm2c, beside engine-wasm2c.c, which has what both need of its runtime.
 * `wasm2c -n radius radius.router.wasm -o radius.c` makes radius.c and radius.h. */
#include "dialward-radius.h"
#include "dialward.h"
#include "radius.h"

#ifdef DIALWARD_NEWER_WASM2C
static w2c_radius module;
#define INSTANTIATE() wasm2c_radius_instantiate(&module)
#define VERB(name) w2c_radius_##name
#else
static Z_radius_instance_t module;
#define INSTANTIATE() Z_radius_init_module(), Z_radius_instantiate(&module)
#define VERB(name) Z_radiusZ_##name
#endif
static bool started;

static void start(void) {
  if (!started) INSTANTIATE();
  started = true;
}

#define ARGUMENTS_0
#define ARGUMENTS_1 , first
#define ARGUMENTS_2 , first, second
#define ARGUMENTS_4 , first, second, third, fourth
#define CASE(verb, name, arguments) \
  case verb: return VERB(name)(&module ARGUMENTS_##arguments);

uint32_t dialward_radius_call(enum dialward_radius_verb verb, uint32_t first, uint32_t second, uint32_t third, uint32_t fourth) {
  if (setjmp(dialward_trapped)) return DIALWARD_TRAPPED;
  start();
  switch (verb) {
    DIALWARD_RADIUS_VERBS(CASE)
    default: return DIALWARD_TRAPPED;
  }
}

void dialward_radius_load(uint32_t at, void *bytes, uint32_t length) {
  memcpy(bytes, module.w2c_memory.data + at, length);
}

void dialward_radius_store(uint32_t at, const void *bytes, uint32_t length) {
  start();
  memcpy(module.w2c_memory.data + at, bytes, length);
}
