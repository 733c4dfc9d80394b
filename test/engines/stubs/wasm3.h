/* What engine-wasm3.c needs of wasm3, declared, for compiling alone: wasm3 is not packaged. */
#include <stddef.h>
#include <stdint.h>
typedef struct stub_environment *IM3Environment;
typedef struct stub_runtime *IM3Runtime;
typedef struct stub_module *IM3Module;
typedef struct stub_function *IM3Function;
typedef const char *M3Result;
IM3Environment m3_NewEnvironment(void);
IM3Runtime m3_NewRuntime(IM3Environment, uint32_t stack_bytes, void *userdata);
M3Result m3_ParseModule(IM3Environment, IM3Module *, const uint8_t *bytes, uint32_t length);
M3Result m3_LoadModule(IM3Runtime, IM3Module);
M3Result m3_FindFunction(IM3Function *, IM3Runtime, const char *name);
M3Result m3_CallV(IM3Function, ...);
M3Result m3_GetResultsV(IM3Function, ...);
uint8_t *m3_GetMemory(IM3Runtime, uint32_t *bytes, uint32_t index);
