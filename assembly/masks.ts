// Choices without a branch, for what must not be told by the time it takes. A mask is all ones (yes) or 0 (no).

/** Whether x is not 0. */
@inline
export function mask(x: u32): u32 {
  return 0 - ((x != 0) as u32);
}

/** Whether x is 0. */
@inline
export function isZero(x: u32): u32 {
  return 0 - ((x == 0) as u32);
}

/** Whether a < b, of numbers that are less than 2^30 in size. */
@inline
export function below(a: u32, b: u32): u32 {
  return (((a - b) as i32) >> 31) as u32;
}

/** Whether x is negative. */
@inline
export function negative(x: i64): u32 {
  return (x >> 63) as u32;
}

/** `a` where `which` is all ones, `b` where it is 0. */
export function either(which: u32, a: u32, b: u32): u32 {
  return b ^ (which & (a ^ b));
}

/** The same of 64 bits; `which` has 32. */
@inline
export function eitherWide(which: u32, a: i64, b: i64): i64 {
  return b ^ ((which as i32 as i64) & (a ^ b));
}

/** The smaller one, of numbers that are less than 2^30 in size. */
@inline
export function least(a: i32, b: i32): i32 {
  return b + ((a - b) & ((a - b) >> 31));
}

/** x, or the nearest number from -bound to bound; both are less than 2^30 in size. */
export function clamp(x: i32, bound: i32): i32 {
  return least(bound, -least(bound, -x));
}
