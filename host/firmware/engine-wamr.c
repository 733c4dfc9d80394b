/* The engine over WAMR (WebAssembly Micro Runtime, 2.x), classic interpreter or AOT: for firmwares that load the module as
 * data. `xxd -i dialward.wasm > dialward-wasm.h` makes the array. WAMR allocates; nothing else here does. */
#include "dialward.h"
#include "dialward-wasm.h"

#include <string.h>
#include <wasm_export.h>

static wasm_module_inst_t instance;
static wasm_exec_env_t environment;
static wasm_function_inst_t verbs[DIALWARD_CALLS];

#define NAME(verb, name, arguments) #name,
static const char *const names[] = {DIALWARD_VERBS(NAME)};
#define COUNT(verb, name, arguments) arguments,
static const uint8_t counts[] = {DIALWARD_VERBS(COUNT)};

/* Loads the module once; returns the page, or NULL. */
static uint8_t *page(void) {
  char error[64];
  if (!environment) {
    if (!wasm_runtime_init()) return NULL;
    wasm_module_t module = wasm_runtime_load(dialward_wasm, dialward_wasm_len, error, sizeof error);
    instance = module ? wasm_runtime_instantiate(module, 8192, 0, error, sizeof error) : NULL;
    environment = instance ? wasm_runtime_create_exec_env(instance, 8192) : NULL;
    for (int i = 0; environment && i < DIALWARD_CALLS; i++) {
      verbs[i] = wasm_runtime_lookup_function(instance, names[i]);
      if (!verbs[i]) return NULL;
    }
  }
  if (!environment || !wasm_runtime_validate_app_addr(instance, 0, DIALWARD_PAGE_BYTES)) return NULL;
  return wasm_runtime_addr_app_to_native(instance, 0);
}

uint32_t dialward_call(enum dialward_verb verb, uint32_t first, uint32_t second) {
  uint32_t cells[2] = {first, second};
  if (!page() || !wasm_runtime_call_wasm(environment, verbs[verb], counts[verb], cells)) return DIALWARD_TRAPPED;
  return cells[0];
}

void dialward_read(uint32_t at, void *bytes, uint32_t length) {
  uint8_t *memory = page();
  if (memory) memcpy(bytes, memory + at, length);
}

void dialward_write(uint32_t at, const void *bytes, uint32_t length) {
  uint8_t *memory = page();
  if (memory) memcpy(memory + at, bytes, length);
}
