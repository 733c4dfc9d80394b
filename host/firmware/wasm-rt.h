/* The runtime that wasm2c's output asks for, cut down to one module with one page: no allocation, no mmap, no signals.
 * Stands in for wabt's header of the same name, of 1.0.32 and, with DIALWARD_NEWER_WASM2C, of 1.0.39: this folder comes
 * first in the include path. */
#ifndef WASM_RT_H
#define WASM_RT_H
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
/* The page never grows, so an address needs no check: the low 16 bits of what is computed are taken, an access's constant
 * offset is added, and the page has a margin on both sides as wide as the offsets. No access leaves both. */
#define WASM_RT_MEMCHECK_SIGNAL_HANDLER 1 /* 1.0.32's word for that; 1.0.39's: */
#define WASM_RT_MEMCHECK_GUARD_PAGES 1
#define DIALWARD_PAGE 65536
#define DIALWARD_MARGIN 64
/* Also with -Os: a call for each access would cost up to four times the instructions. */
#define inline inline __attribute__((always_inline))
/* Another module in the same program may have a runtime of its own. */
#define wasm_rt_trap dialward_rt_trap
/* The page is part of the instance, and static storage is zero: there is nothing to do. */
#define wasm_rt_is_initialized() true
#define wasm_rt_register_func_type(...) 0u
#define wasm_rt_allocate_memory(...) ((void)0)
#define wasm_rt_free_memory(memory) ((void)(memory))
#define WASM_RT_USE_STACK_DEPTH_COUNT 0
#define WASM_RT_STACK_DEPTH_COUNT 0
#define WASM_RT_USE_SEGUE 0
#define WASM_RT_SANITY_CHECKS 0
/* Both modules are right on a big-endian processor that does not swap memory for them. */
#undef WABT_BIG_ENDIAN
#define WABT_BIG_ENDIAN 0
#define LIKELY(x) __builtin_expect(!!(x), 1)
#define UNLIKELY(x) __builtin_expect(!!(x), 0)

/* The module touches every number at an address that its size divides (a test sees to it). Where a processor has no
 * unaligned access, saying so turns two to eleven instructions into one. */
#if defined(__x86_64__) || defined(__i386__) || defined(__ARM_FEATURE_UNALIGNED)
#define DIALWARD_AT(at, n) at
#else
#define DIALWARD_AT(at, n) __builtin_assume_aligned(at, n)
#endif
/* One of the two is in the page, which alone is of plain char. */
#define DIALWARD_IN_PAGE(at, n) _Generic((at), char *: DIALWARD_AT(at, n), default: (at))
#ifndef wasm_rt_memcpy
#define wasm_rt_memcpy(to, from, n) \
  ((addr > DIALWARD_PAGE + DIALWARD_MARGIN - (n) ? wasm_rt_trap(WASM_RT_TRAP_OOB) : (void)0), \
   memcpy(DIALWARD_IN_PAGE(to, n), DIALWARD_IN_PAGE(from, n), n))
#endif

/* The members that its output asks for are constants; `zero` makes expressions of a member of them. */
#define size zero[0] * 0u + DIALWARD_PAGE
#define pages zero[0] * 0u + 1u
#define data_end data + DIALWARD_PAGE
typedef struct {
  __attribute__((aligned(8))) char margin[DIALWARD_MARGIN];
  char data[DIALWARD_PAGE];
  char zero[DIALWARD_MARGIN];
} wasm_rt_memory_t;

/* For what 1.0.39 copies where no address has that name. */
static const uint64_t addr __attribute__((unused)) = 0;

/* What the module does not have, and its output mentions all the same: tables. */
typedef void (*wasm_rt_function_ptr_t)(void);
typedef void *wasm_rt_externref_t;
typedef const char *wasm_rt_func_type_t;
typedef struct { wasm_rt_function_ptr_t fn; } wasm_rt_tailcallee_t;
#ifdef DIALWARD_NEWER_WASM2C
typedef struct { wasm_rt_func_type_t func_type; wasm_rt_function_ptr_t func; wasm_rt_tailcallee_t func_tailcallee; void *module_instance; } wasm_rt_funcref_t;
static const wasm_rt_funcref_t wasm_rt_funcref_null_value = {0, 0, {0}, 0};
#else
typedef struct { uint32_t func_type; wasm_rt_function_ptr_t func; void *module_instance; } wasm_rt_funcref_t;
static const wasm_rt_funcref_t wasm_rt_funcref_null_value = {0, 0, 0};
#endif
typedef struct { wasm_rt_funcref_t *data; char zero[1]; } wasm_rt_funcref_table_t;
typedef struct { wasm_rt_externref_t *data; char zero[1]; } wasm_rt_externref_table_t;
static const wasm_rt_externref_t wasm_rt_externref_null_value = 0;

enum { WASM_RT_I32, WASM_RT_I64, WASM_RT_F32, WASM_RT_F64, WASM_RT_TRAP_OOB, WASM_RT_TRAP_INT_OVERFLOW,
       WASM_RT_TRAP_DIV_BY_ZERO, WASM_RT_TRAP_INVALID_CONVERSION, WASM_RT_TRAP_UNREACHABLE,
       WASM_RT_TRAP_CALL_INDIRECT, WASM_RT_TRAP_EXHAUSTION };
#include <setjmp.h>
extern jmp_buf dialward_trapped; /* where a trap of the module that runs goes */
__attribute__((noreturn)) void wasm_rt_trap(int why);
/* Division of 64 bits, for the release, which takes it in place of libgcc's: that is a kilobyte on processors of 32 bits. */
static __attribute__((noinline, unused)) uint64_t dialward_divide(int64_t a, int64_t b) {
  uint64_t rest = a < 0 ? -(uint64_t)a : (uint64_t)a, by = b < 0 ? -(uint64_t)b : (uint64_t)b, result = 0, bit = 1;
  if (by == 0) wasm_rt_trap(WASM_RT_TRAP_DIV_BY_ZERO);
  if (((rest | by) >> 32) == 0) result = (uint32_t)rest / (uint32_t)by;
  else {
    for (; by < rest && (by >> 63) == 0; by <<= 1) bit <<= 1;
    for (; bit != 0; bit >>= 1, by >>= 1) {
      if (rest >= by) rest -= by, result |= bit;
    }
  }
  return (a < 0) == (b < 0) ? result : -result;
}
/* wasm2c writes `i32_load(memory, (u64)(base) + offset)` and defines `i32_load(memory_type *mem, u64 addr)`: the word that is
 * put before the address is a qualifier in the one, and in the other a macro that takes the base's low 16 bits. */
#define const(type) (type)(uint16_t)
#ifdef DIALWARD_NEWER_WASM2C
#define i32_load_default32(memory, at) i32_load_default32(memory, const at)
#define i32_load8_s_default32(memory, at) i32_load8_s_default32(memory, const at)
#define i32_load8_u_default32(memory, at) i32_load8_u_default32(memory, const at)
#define i32_load16_s_default32(memory, at) i32_load16_s_default32(memory, const at)
#define i32_load16_u_default32(memory, at) i32_load16_u_default32(memory, const at)
#define i64_load_default32(memory, at) i64_load_default32(memory, const at)
#define i64_load8_s_default32(memory, at) i64_load8_s_default32(memory, const at)
#define i64_load8_u_default32(memory, at) i64_load8_u_default32(memory, const at)
#define i64_load16_s_default32(memory, at) i64_load16_s_default32(memory, const at)
#define i64_load16_u_default32(memory, at) i64_load16_u_default32(memory, const at)
#define i64_load32_s_default32(memory, at) i64_load32_s_default32(memory, const at)
#define i64_load32_u_default32(memory, at) i64_load32_u_default32(memory, const at)
#define i32_store_default32(memory, at, x) i32_store_default32(memory, const at, x)
#define i32_store8_default32(memory, at, x) i32_store8_default32(memory, const at, x)
#define i32_store16_default32(memory, at, x) i32_store16_default32(memory, const at, x)
#define i64_store_default32(memory, at, x) i64_store_default32(memory, const at, x)
#define i64_store8_default32(memory, at, x) i64_store8_default32(memory, const at, x)
#define i64_store16_default32(memory, at, x) i64_store16_default32(memory, const at, x)
#define i64_store32_default32(memory, at, x) i64_store32_default32(memory, const at, x)
#else
#define i32_load(memory, at) i32_load(memory, const at)
#define i32_load8_s(memory, at) i32_load8_s(memory, const at)
#define i32_load8_u(memory, at) i32_load8_u(memory, const at)
#define i32_load16_s(memory, at) i32_load16_s(memory, const at)
#define i32_load16_u(memory, at) i32_load16_u(memory, const at)
#define i64_load(memory, at) i64_load(memory, const at)
#define i64_load8_s(memory, at) i64_load8_s(memory, const at)
#define i64_load8_u(memory, at) i64_load8_u(memory, const at)
#define i64_load16_s(memory, at) i64_load16_s(memory, const at)
#define i64_load16_u(memory, at) i64_load16_u(memory, const at)
#define i64_load32_s(memory, at) i64_load32_s(memory, const at)
#define i64_load32_u(memory, at) i64_load32_u(memory, const at)
#define i32_store(memory, at, x) i32_store(memory, const at, x)
#define i32_store8(memory, at, x) i32_store8(memory, const at, x)
#define i32_store16(memory, at, x) i32_store16(memory, const at, x)
#define i64_store(memory, at, x) i64_store(memory, const at, x)
#define i64_store8(memory, at, x) i64_store8(memory, const at, x)
#define i64_store16(memory, at, x) i64_store16(memory, const at, x)
#define i64_store32(memory, at, x) i64_store32(memory, const at, x)
#endif
#endif
