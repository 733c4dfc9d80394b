// A page out of a sorted order of which only pieces are sorted: each piece in a turn of its own, and no list of all.

/** Sums of two such keys are exact. */
const MOST = 2 ** 52;

/** The keys from rank `from` on, of sorted pieces whose keys are whole numbers within MOST, none twice. */
export function ranked(pieces: readonly Float64Array[], from: number, count: number): Float64Array {
  const below = (key: number): number => pieces.reduce((sum, piece) => sum + firstAt(piece, key), 0);
  let [low, high] = [-MOST, MOST];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (below(middle) <= from) low = middle;
    else high = middle - 1;
  }
  const near = pieces.map((piece) => piece.subarray(firstAt(piece, low), firstAt(piece, low) + count));
  return Float64Array.from(near.flatMap((piece) => [...piece]))
    .sort()
    .subarray(0, count);
}

/** How many of a sorted piece lie below `key`. */
function firstAt(piece: Float64Array, key: number): number {
  let [low, high] = [0, piece.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (piece[middle]! < key) low = middle + 1;
    else high = middle;
  }
  return low;
}
