// Seeded mutation: the same seed gives the same inputs, so that what a run has found can be run again.

/** Numbers below n that look random (xorshift, 32 bits). */
export type Dice = (n: number) => number;

export function newDice(seed: number): Dice {
  let x = seed | 1;
  return (n) => {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    return (x >>> 0) % n;
  };
}

const EDGES = [0, 1, 2, 3, 6, 16, 18, 26, 64, 79, 80, 127, 128, 253, 254, 255];

/** One of `seeds`, changed in one to eight places: bits, bytes, lengths, parts cut, doubled or taken from another. */
export function mutate(seeds: readonly Buffer[], dice: Dice, most: number): Buffer {
  let bytes: Buffer = Buffer.from(seeds[dice(seeds.length)]!);
  for (let changes = 1 + dice(8); changes > 0; changes--) {
    const at = dice(bytes.length + 1);
    const length = dice(20);
    switch (dice(7)) {
      case 0:
        if (at < bytes.length) bytes[at]! ^= 1 << dice(8);
        break;
      case 1:
        if (at < bytes.length) bytes[at] = EDGES[dice(EDGES.length)]!;
        break;
      case 2:
        if (at < bytes.length) bytes[at] = dice(256);
        break;
      case 3:
        bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + length)]);
        break;
      case 4:
        bytes = Buffer.concat([bytes.subarray(0, at + length), bytes.subarray(at)]);
        break;
      case 5: {
        const other = seeds[dice(seeds.length)]!;
        const from = dice(other.length);
        bytes = Buffer.concat([
          bytes.subarray(0, at),
          other.subarray(from, from + dice(80)),
          bytes.subarray(at),
        ]);
        break;
      }
      default:
        bytes = bytes.subarray(0, dice(8) === 0 ? at : bytes.length);
    }
  }
  return bytes.subarray(0, most);
}
