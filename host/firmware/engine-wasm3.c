/* The engine over wasm3, an interpreter: the same three functions, for firmwares that load the module as data.
 * `xxd -i dialward.wasm > dialward-wasm.h` makes the array. wasm3 allocates; nothing else here does. */
#include "dialward.h"
#include "dialward-wasm.h"

#include <string.h>
#include <wasm3.h>

static IM3Runtime runtime;
static IM3Function verbs[DIALWARD_CALLS];

#define NAME(verb, name, arguments) #name,
static const char *const names[] = {DIALWARD_VERBS(NAME)};

/* Loads the module once; answers the page, or NULL. */
static uint8_t *page(void) {
  static IM3Environment environment;
  IM3Module module;
  uint32_t bytes = 0;
  if (!runtime) {
    environment = m3_NewEnvironment();
    if (!environment || m3_ParseModule(environment, &module, dialward_wasm, dialward_wasm_len)) return NULL;
    runtime = m3_NewRuntime(environment, 8192, NULL);
    if (!runtime || m3_LoadModule(runtime, module)) return NULL;
    for (int i = 0; i < DIALWARD_CALLS; i++) {
      if (m3_FindFunction(&verbs[i], runtime, names[i])) return NULL;
    }
  }
  uint8_t *memory = m3_GetMemory(runtime, &bytes, 0);
  return bytes == DIALWARD_PAGE_BYTES ? memory : NULL;
}

uint32_t dialward_call(enum dialward_verb verb, uint32_t first, uint32_t second) {
  uint32_t status = DIALWARD_TRAPPED;
  if (!page() || m3_CallV(verbs[verb], first, second) || m3_GetResultsV(verbs[verb], &status)) return DIALWARD_TRAPPED;
  return status;
}

void dialward_read(uint32_t at, void *bytes, uint32_t length) {
  uint8_t *memory = page();
  if (memory) memcpy(bytes, memory + at, length);
}

void dialward_write(uint32_t at, const void *bytes, uint32_t length) {
  uint8_t *memory = page();
  if (memory) memcpy(memory + at, bytes, length);
}
