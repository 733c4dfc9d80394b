/* What engine-wamr.c needs of WAMR 2, declared, for compiling alone: WAMR is not packaged. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
typedef struct stub_module *wasm_module_t;
typedef struct stub_instance *wasm_module_inst_t;
typedef struct stub_environment *wasm_exec_env_t;
typedef struct stub_function *wasm_function_inst_t;
bool wasm_runtime_init(void);
wasm_module_t wasm_runtime_load(uint8_t *bytes, uint32_t size, char *error, uint32_t error_size);
wasm_module_inst_t wasm_runtime_instantiate(wasm_module_t, uint32_t stack, uint32_t heap, char *error, uint32_t error_size);
wasm_exec_env_t wasm_runtime_create_exec_env(wasm_module_inst_t, uint32_t stack);
wasm_function_inst_t wasm_runtime_lookup_function(wasm_module_inst_t, const char *name);
bool wasm_runtime_call_wasm(wasm_exec_env_t, wasm_function_inst_t, uint32_t count, uint32_t cells[]);
bool wasm_runtime_validate_app_addr(wasm_module_inst_t, uint64_t at, uint64_t size);
void *wasm_runtime_addr_app_to_native(wasm_module_inst_t, uint64_t at);
