// The eight S-boxes of DES as circuits of and, or, xor and not: all bits of a lane go through a box at once.
// Source: FIPS 46-3, appendix 1 (tables). The boxes are printed by print/sboxes.mjs, which checks each on all 64 inputs.

import { and, not, or, xor } from "./lane";

// x1 is the first of a box's six bits (row x1 x6, column x2 x3 x4 x5), output 1 the first of its four. A box
// stores its outputs itself, as a function has one result, and each as soon as it is known. Gates are ordered
// so that few values are alive at once (11 to 19): compilers spill less.

/** XORs value into the slice at left + offset; the sum twice, so that it can become an immediate offset twice. */
@inline
function flip<L>(left: u32, offset: u32, value: L): void {
  store<L>(left + offset, xor<L>(load<L>(left + offset), value));
}

/** S1 of x1 to x6: XORs output k into the slice at left + pk (bytes). 54 gates. */
@inline
export function sbox1<L>(
  x1: L, x2: L, x3: L, x4: L, x5: L, x6: L, left: u32, p1: u32, p2: u32, p3: u32, p4: u32
): void {
  const a1 = xor<L>(x6, x3), a2 = or<L>(x4, x1), a3 = xor<L>(a1, x2), a4 = and<L>(a3, a2);
  const a5 = or<L>(x5, a4), a6 = xor<L>(a5, x4), a7 = xor<L>(a2, a1), a8 = or<L>(a7, x2);
  const a9 = xor<L>(a8, a6), a10 = xor<L>(a9, x1), a11 = not<L>(a10), a12 = or<L>(a11, a7);
  const a13 = and<L>(a12, a2), a14 = or<L>(a1, x1), a15 = and<L>(x4, a14), a16 = xor<L>(a15, a12);
  const a17 = xor<L>(a16, x3), a18 = or<L>(a13, a17), a19 = and<L>(a18, x2), a20 = and<L>(a18, a3);
  const a21 = and<L>(a9, x2), a22 = or<L>(a17, a7), a23 = and<L>(a22, a15), a24 = xor<L>(a21, a23);
  const a25 = or<L>(a24, a20), a26 = and<L>(a25, x5), a27 = xor<L>(a26, a13), a28 = or<L>(a17, x6);
  const a29 = xor<L>(a28, a3), a30 = xor<L>(a29, a27), a31 = or<L>(a30, a16), a32 = and<L>(a31, a29);
  const a33 = or<L>(a32, x6), a34 = xor<L>(a33, a10), a35 = or<L>(a23, x1), a36 = xor<L>(a35, a12);
  const a37 = or<L>(a34, a36), a38 = and<L>(a37, a23), a39 = xor<L>(a19, a38), a40 = xor<L>(a1, a39);
  const a41 = or<L>(a35, x3), a42 = xor<L>(a38, a17), a43 = xor<L>(a41, a42), a44 = and<L>(x5, a43);
  const a45 = xor<L>(a44, a40), a46 = xor<L>(a36, a45);
  flip<L>(left, p1, a46);
  flip<L>(left, p2, a34);
  const a47 = or<L>(a21, a10), a48 = xor<L>(a33, x1), a49 = or<L>(a48, x5), a50 = and<L>(a49, a7);
  const a51 = xor<L>(a50, a5), a52 = and<L>(a40, x5), a53 = xor<L>(a52, a51), a54 = xor<L>(a47, a53);
  flip<L>(left, p4, a54);
  flip<L>(left, p3, a30);
}

/** S2 of x1 to x6: XORs output k into the slice at left + pk (bytes). 50 gates. */
@inline
export function sbox2<L>(
  x1: L, x2: L, x3: L, x4: L, x5: L, x6: L, left: u32, p1: u32, p2: u32, p3: u32, p4: u32
): void {
  const a1 = not<L>(x3), a2 = xor<L>(x2, x5), a3 = and<L>(a2, x1), a4 = xor<L>(a3, x5);
  const a5 = xor<L>(a4, x4), a6 = and<L>(a5, a4), a7 = xor<L>(a1, a6), a8 = xor<L>(a7, a2);
  const a9 = and<L>(a8, x1), a10 = or<L>(a9, x5), a11 = or<L>(a10, a7), a12 = xor<L>(a11, a8);
  const a13 = xor<L>(a12, a9), a14 = or<L>(a12, x2), a15 = xor<L>(a14, a11), a16 = and<L>(a10, x1);
  const a17 = xor<L>(a16, a15), a18 = or<L>(a17, x6), a19 = xor<L>(a18, x4), a20 = xor<L>(a12, a19);
  const a21 = and<L>(a20, x2), a22 = xor<L>(a21, a4), a23 = or<L>(a22, x1), a24 = xor<L>(a21, a3);
  const a25 = xor<L>(a12, a5), a26 = and<L>(a25, a24), a27 = xor<L>(a25, x6), a28 = or<L>(a27, a26);
  const a29 = xor<L>(a28, a23), a30 = xor<L>(a29, a5), a31 = xor<L>(a30, a11), a32 = or<L>(a31, a19);
  const a33 = xor<L>(a32, x1), a34 = and<L>(a33, x4), a35 = and<L>(a34, a13), a36 = xor<L>(a30, x1);
  const a37 = or<L>(a36, x3), a38 = xor<L>(a37, a27), a39 = xor<L>(a31, a38), a40 = xor<L>(a39, a35);
  flip<L>(left, p2, a40);
  flip<L>(left, p1, a31);
  const a41 = or<L>(a34, x6), a42 = and<L>(a29, a15), a43 = or<L>(a41, a26), a44 = xor<L>(a42, a43);
  const a45 = and<L>(a44, a1), a46 = xor<L>(a41, a45), a47 = xor<L>(a20, a10), a48 = or<L>(a15, a47);
  const a49 = xor<L>(a46, a48), a50 = xor<L>(a37, a49);
  flip<L>(left, p3, a50);
  flip<L>(left, p4, a20);
}

/** S3 of x1 to x6: XORs output k into the slice at left + pk (bytes). 51 gates. */
@inline
export function sbox3<L>(
  x1: L, x2: L, x3: L, x4: L, x5: L, x6: L, left: u32, p1: u32, p2: u32, p3: u32, p4: u32
): void {
  const a1 = xor<L>(x6, x2), a2 = xor<L>(a1, x3), a3 = and<L>(a2, x5), a4 = or<L>(a3, x2);
  const a5 = and<L>(a4, x3), a6 = xor<L>(a5, x5), a7 = or<L>(a5, x4), a8 = and<L>(a7, x6);
  const a9 = not<L>(a8), a10 = or<L>(a9, a6), a11 = and<L>(a10, x4), a12 = xor<L>(a11, x1);
  const a13 = xor<L>(a1, x4), a14 = and<L>(a13, x5), a15 = xor<L>(a3, a13), a16 = xor<L>(a15, a14);
  const a17 = and<L>(a16, x1), a18 = xor<L>(a17, a9), a19 = and<L>(a4, a15), a20 = and<L>(a18, a19);
  const a21 = or<L>(a20, x3), a22 = xor<L>(a21, a12), a23 = xor<L>(a22, a16);
  flip<L>(left, p2, a23);
  const a24 = or<L>(a14, x6), a25 = or<L>(a4, x6), a26 = xor<L>(a23, a25), a27 = or<L>(a26, x4);
  const a28 = xor<L>(a24, a27), a29 = xor<L>(a28, a18), a30 = or<L>(a29, x1), a31 = xor<L>(a6, x4);
  const a32 = xor<L>(x2, a31), a33 = xor<L>(a30, a32), a34 = xor<L>(a33, a1);
  flip<L>(left, p1, a34);
  const a35 = xor<L>(a32, a18), a36 = xor<L>(a25, x2), a37 = and<L>(a36, x1), a38 = or<L>(a37, a3);
  const a39 = xor<L>(a38, a2), a40 = xor<L>(a35, a39), a41 = and<L>(x1, a40), a42 = xor<L>(a41, a16);
  flip<L>(left, p4, a42);
  const a43 = xor<L>(a41, a22), a44 = and<L>(a35, x2), a45 = xor<L>(a44, a43), a46 = and<L>(a45, x4);
  const a47 = xor<L>(a33, a37), a48 = and<L>(a47, x3), a49 = xor<L>(a48, a26), a50 = xor<L>(a49, a33);
  const a51 = xor<L>(a46, a50);
  flip<L>(left, p3, a51);
}

/** S4 of x1 to x6: XORs output k into the slice at left + pk (bytes). 30 gates. */
@inline
export function sbox4<L>(
  x1: L, x2: L, x3: L, x4: L, x5: L, x6: L, left: u32, p1: u32, p2: u32, p3: u32, p4: u32
): void {
  const a1 = xor<L>(x5, x3), a2 = xor<L>(x5, x4), a3 = and<L>(a2, a1), a4 = xor<L>(a3, x4);
  const a5 = xor<L>(a4, x1), a6 = and<L>(a5, x1), a7 = or<L>(a1, x2), a8 = xor<L>(a7, a5);
  const a9 = or<L>(a8, a6), a10 = xor<L>(a9, x2), a11 = xor<L>(a10, a3), a12 = or<L>(a3, x2);
  const a13 = or<L>(a12, a2), a14 = and<L>(x5, a13), a15 = or<L>(a11, a5), a16 = xor<L>(a2, a15);
  const a17 = or<L>(a16, a4), a18 = xor<L>(a17, a1), a19 = xor<L>(x6, a12), a20 = xor<L>(a19, a18);
  const a21 = or<L>(a20, x6), a22 = xor<L>(a21, a14), a23 = xor<L>(a11, a22), a24 = and<L>(a19, a16);
  const a25 = xor<L>(a24, a8), a26 = xor<L>(a23, a25);
  flip<L>(left, p1, a26);
  const a27 = not<L>(a23);
  flip<L>(left, p3, a27);
  const a28 = xor<L>(a20, a27), a29 = xor<L>(a28, a25), a30 = xor<L>(a16, a29);
  flip<L>(left, p2, a30);
  flip<L>(left, p4, a28);
}

/** S5 of x1 to x6: XORs output k into the slice at left + pk (bytes). 50 gates. */
@inline
export function sbox5<L>(
  x1: L, x2: L, x3: L, x4: L, x5: L, x6: L, left: u32, p1: u32, p2: u32, p3: u32, p4: u32
): void {
  const a1 = xor<L>(x6, x3), a2 = or<L>(x4, a1), a3 = xor<L>(x3, x2), a4 = and<L>(a2, a3);
  const a5 = xor<L>(x4, x3), a6 = xor<L>(a5, a4), a7 = and<L>(a6, x2), a8 = or<L>(x1, a7);
  const a9 = xor<L>(a8, a1), a10 = or<L>(a5, x6), a11 = xor<L>(a10, a9), a12 = or<L>(a7, a11);
  const a13 = xor<L>(a2, x1), a14 = or<L>(a13, x3), a15 = not<L>(a14), a16 = xor<L>(a15, a6);
  const a17 = or<L>(x6, a16), a18 = xor<L>(a17, a13), a19 = or<L>(a13, x1), a20 = xor<L>(a19, a15);
  const a21 = and<L>(a20, x5), a22 = xor<L>(a9, a21), a23 = xor<L>(a22, a6), a24 = and<L>(a23, a6);
  const a25 = or<L>(a24, x2), a26 = xor<L>(a25, a18), a27 = xor<L>(a26, a4), a28 = and<L>(a27, a12);
  const a29 = xor<L>(a28, a9), a30 = and<L>(a29, a8), a31 = xor<L>(a27, a30), a32 = or<L>(x5, a31);
  const a33 = xor<L>(a32, a26);
  flip<L>(left, p4, a33);
  const a34 = and<L>(a18, x2), a35 = and<L>(a26, x1), a36 = xor<L>(a20, x3), a37 = and<L>(a29, a20);
  const a38 = or<L>(a37, x5), a39 = and<L>(a38, x4), a40 = or<L>(a36, a39), a41 = xor<L>(a40, a34);
  const a42 = xor<L>(a35, a41), a43 = and<L>(a42, x5), a44 = xor<L>(a43, a23), a45 = xor<L>(a40, x5);
  const a46 = or<L>(a45, a44), a47 = xor<L>(a46, a12), a48 = xor<L>(a34, a47), a49 = xor<L>(a44, a40);
  const a50 = xor<L>(a49, a48);
  flip<L>(left, p1, a50);
  flip<L>(left, p3, a48);
  flip<L>(left, p2, a23);
}

/** S6 of x1 to x6: XORs output k into the slice at left + pk (bytes). 53 gates. */
@inline
export function sbox6<L>(
  x1: L, x2: L, x3: L, x4: L, x5: L, x6: L, left: u32, p1: u32, p2: u32, p3: u32, p4: u32
): void {
  const a1 = or<L>(x5, x3), a2 = xor<L>(a1, x6), a3 = not<L>(a2), a4 = or<L>(a3, x4);
  const a5 = and<L>(a4, x1), a6 = or<L>(x5, x1), a7 = xor<L>(a6, x2), a8 = xor<L>(a7, x6);
  const a9 = xor<L>(a8, x5), a10 = and<L>(x1, a9), a11 = or<L>(a10, x3), a12 = xor<L>(a11, a8);
  const a13 = xor<L>(a12, a5), a14 = and<L>(a13, x5), a15 = xor<L>(x3, a14), a16 = or<L>(a15, x2);
  const a17 = xor<L>(a9, x1), a18 = and<L>(a17, x5), a19 = or<L>(a18, x4), a20 = xor<L>(a19, a12);
  const a21 = xor<L>(a16, a20);
  flip<L>(left, p3, a21);
  const a22 = xor<L>(a4, a17), a23 = or<L>(x3, a17), a24 = xor<L>(a23, a7), a25 = and<L>(a24, x3);
  const a26 = xor<L>(a25, a22), a27 = or<L>(a12, x3), a28 = or<L>(a20, a10), a29 = xor<L>(a27, a28);
  const a30 = or<L>(a29, x4), a31 = and<L>(a12, a6), a32 = xor<L>(a31, a30), a33 = xor<L>(a24, a32);
  const a34 = and<L>(a33, x6), a35 = xor<L>(a34, a26), a36 = or<L>(a5, a35), a37 = xor<L>(a10, a36);
  const a38 = and<L>(a2, a6), a39 = and<L>(a37, a38), a40 = xor<L>(a33, a22), a41 = or<L>(a39, a40);
  const a42 = xor<L>(a27, a6), a43 = and<L>(a42, x4), a44 = xor<L>(a43, a41), a45 = xor<L>(a11, a44);
  flip<L>(left, p2, a45);
  const a46 = or<L>(a26, x4), a47 = xor<L>(a46, a24), a48 = or<L>(a20, a7), a49 = xor<L>(a48, a47);
  const a50 = xor<L>(a37, a49), a51 = and<L>(a50, x6), a52 = xor<L>(a51, a35);
  flip<L>(left, p1, a52);
  const a53 = xor<L>(a35, a47);
  flip<L>(left, p4, a53);
}

/** S7 of x1 to x6: XORs output k into the slice at left + pk (bytes). 50 gates. */
@inline
export function sbox7<L>(
  x1: L, x2: L, x3: L, x4: L, x5: L, x6: L, left: u32, p1: u32, p2: u32, p3: u32, p4: u32
): void {
  const a1 = and<L>(x6, x1), a2 = or<L>(a1, x5), a3 = or<L>(a2, x4), a4 = xor<L>(a3, a2);
  const a5 = or<L>(a4, x3), a6 = xor<L>(a4, x4), a7 = xor<L>(x6, x4), a8 = and<L>(a6, a7);
  const a9 = xor<L>(x6, x3), a10 = xor<L>(a9, x5), a11 = or<L>(a10, a8), a12 = or<L>(a8, x2);
  const a13 = or<L>(a12, a7), a14 = xor<L>(a13, x6), a15 = and<L>(a14, x3), a16 = or<L>(a15, x4);
  const a17 = and<L>(a16, x2), a18 = xor<L>(a11, a17), a19 = xor<L>(a7, x1), a20 = or<L>(a19, a18);
  const a21 = or<L>(a7, a9), a22 = and<L>(a21, x2), a23 = xor<L>(a22, a20), a24 = or<L>(a23, a14);
  const a25 = xor<L>(a9, a24), a26 = and<L>(a25, x2), a27 = xor<L>(a26, a5), a28 = xor<L>(a27, x5);
  const a29 = xor<L>(a19, a28);
  flip<L>(left, p4, a29);
  const a30 = xor<L>(a29, a3), a31 = xor<L>(a15, a30), a32 = or<L>(a31, x1), a33 = xor<L>(a32, a11);
  const a34 = and<L>(a33, a30), a35 = or<L>(a34, x6), a36 = or<L>(a35, x5), a37 = and<L>(a32, a5);
  const a38 = xor<L>(a37, a19), a39 = xor<L>(a36, a38), a40 = not<L>(a33), a41 = xor<L>(a22, a40);
  const a42 = or<L>(a41, a7), a43 = and<L>(a42, a12), a44 = xor<L>(a43, a39);
  flip<L>(left, p3, a44);
  const a45 = and<L>(a33, a25), a46 = or<L>(a45, a12), a47 = xor<L>(a46, a31), a48 = xor<L>(a43, a47);
  const a49 = and<L>(a48, x1), a50 = xor<L>(a18, a49);
  flip<L>(left, p1, a50);
  flip<L>(left, p2, a41);
}

/** S8 of x1 to x6: XORs output k into the slice at left + pk (bytes). 42 gates. */
@inline
export function sbox8<L>(
  x1: L, x2: L, x3: L, x4: L, x5: L, x6: L, left: u32, p1: u32, p2: u32, p3: u32, p4: u32
): void {
  const a1 = and<L>(x5, x4), a2 = or<L>(a1, x2), a3 = xor<L>(x3, a2), a4 = xor<L>(x5, a3);
  const a5 = not<L>(x4), a6 = xor<L>(a4, a5), a7 = or<L>(a6, x2), a8 = or<L>(a7, a3);
  const a9 = xor<L>(a7, x5), a10 = and<L>(a9, a5), a11 = xor<L>(a8, a10), a12 = and<L>(x1, a11);
  const a13 = xor<L>(a8, a9), a14 = xor<L>(a12, a6), a15 = and<L>(a13, a14), a16 = xor<L>(a15, a12);
  const a17 = xor<L>(a15, a10), a18 = or<L>(a17, x6), a19 = or<L>(a16, x1), a20 = and<L>(a18, a19);
  const a21 = and<L>(a20, a16), a22 = xor<L>(a20, x2), a23 = xor<L>(a22, a15), a24 = xor<L>(a23, x1);
  const a25 = xor<L>(a9, a24), a26 = or<L>(x2, a25), a27 = xor<L>(a26, x6), a28 = xor<L>(a21, a27);
  const a29 = or<L>(a28, a6), a30 = or<L>(a29, x4), a31 = xor<L>(a30, a13), a32 = and<L>(a31, x2);
  const a33 = xor<L>(a32, a22), a34 = xor<L>(a4, a33);
  flip<L>(left, p3, a34);
  const a35 = xor<L>(a28, a4);
  flip<L>(left, p2, a35);
  const a36 = and<L>(a29, a17), a37 = xor<L>(a36, a23), a38 = xor<L>(a37, x4), a39 = xor<L>(a28, a38);
  const a40 = or<L>(a39, x6), a41 = xor<L>(a40, a14);
  flip<L>(left, p1, a41);
  const a42 = xor<L>(a41, a39);
  flip<L>(left, p4, a42);
}
