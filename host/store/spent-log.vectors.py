#!/usr/bin/env python3
"""Prints spent-log.vectors.json: cases for a reader of the spent log, from spent-log.md alone (zlib.crc32, struct)."""
import json
import struct
import zlib

JOINED = 1 << 31
DISK, FLASH = b"\0" * 64, b"\xff" * 64


def sealed(body):
    return struct.pack("<I", zlib.crc32(body)) + body


def entry(user, revision, fill, joined=False):
    return sealed(struct.pack("<IQ", revision | (JOINED if joined else 0), user) + bytes([fill]) * 48)


def header(sequence, kind=1, count=0, before=0, version=1):
    body = struct.pack("<IQ8sHBBII", sequence, 0, b"dialward", version, kind, 0, count, before)
    return sealed(body + b"\0" * 28)


def turned(data, *bits):
    out = bytearray(data)
    for bit in bits:
        out[bit // 8] ^= 1 << (bit % 8)
    return bytes(out)


def case(name, users, expect, files=None, sectors=None):
    """`users`: ids with a profile. `expect`: what a start finds. Files by name on a disk, or sectors in the ring's order."""
    one = {"name": name, "users": users}
    if files is not None:
        one["files"] = {key: value.hex() for key, value in files.items()}
    if sectors is not None:
        one["sectors"] = [sector.hex() for sector in sectors]
    return {**one, "expect": expect}


def found(states, damaged=(), torn=False):
    """`states`: id to (revision, the byte its state is full of); those of damaged users do not matter."""
    return {
        "states": {str(user): {"revision": r, "fill": f} for user, (r, f) in states.items()},
        "damaged": list(damaged),
        "torn": torn,
    }


A, B, C = entry(1, 1, 0x11), entry(2, 1, 0x21, True), entry(3, 1, 0x31, True)
A2, B2 = entry(1, 1, 0x12), entry(2, 4, 0x22)
ROT = (40, 77, 300, 411, 500)  # more bits than can be repaired
empty1 = header(1, 2)
everyone = {1: (1, 0x11), 2: (1, 0x21), 3: (1, 0x31)}
first = [header(1), A, B, C]


def log(*parts, blank=DISK, blanks=3):
    return b"".join(parts) + blank * blanks


def one(*parts, **options):
    """The files of a folder with an empty checkpoint and one log."""
    return {"00000001.checkpoint": empty1, "00000001.log": log(*parts, **options)}


A3, B3, C3 = entry(1, 1, 0x13), entry(2, 1, 0x23, True), entry(3, 1, 0x33, True)
after = {**everyone, 1: (1, 0x12)}
check2 = header(2, 2, 3) + entry(1, 1, 0x12) + entry(2, 1, 0x21) + entry(3, 1, 0x31)
log1, log2 = log(*first, A2), log(header(2, before=4), B2)
two = {"00000001.checkpoint": empty1, "00000001.log": log1, "00000002.checkpoint": check2, "00000002.log": log2}
end = {1: (1, 0x12), 2: (4, 0x22), 3: (1, 0x31)}


def without(*names, **changed):
    rest = {key: value for key, value in two.items() if key not in names}
    return {**rest, **{key.replace("_", ".").lstrip("n"): value for key, value in changed.items()}}


cases = [
    case("one batch of three", [1, 2, 3], found(everyone), one(*first)),
    case("the last entry of a user wins", [1, 2, 3], found(after), one(*first, A2)),
    case("a log that is full", [1, 2, 3], found(everyone), one(*first, blanks=0)),
    case("a state without a user is kept", [1, 3], found(everyone), one(*first)),
    case("torn: the first entry of the last batch is missing", [1, 2, 3], found(after, torn=True),
         one(*first, A2, DISK, B3, C3)),
    case("torn: a middle entry of the last batch is missing", [1, 2, 3], found({**after, 1: (1, 0x13)}, torn=True),
         one(*first, A2, A3, DISK, C3)),
    case("torn: the last entry is cut in its middle", [1, 2, 3], found(after, torn=True),
         one(*first, A2, B2[:31] + b"\0" * 33)),
    case("torn: the only batch", [], found({}, torn=True), one(header(1), DISK, B)),
    case("one turned bit is repaired", [1, 2, 3], found(after), one(header(1), turned(A, 300), B, C, A2)),
    case("one turned bit of the last entry is repaired", [1, 2, 3], found(after), one(*first, turned(A2, 7))),
    case("one turned bit of a header is repaired", [1, 2, 3], found(after), one(turned(header(1), 66), A, B, C, A2)),
    case("one turned bit behind the end", [1, 2, 3], found(after), one(*first, A2, turned(DISK, 100))),
    case("rot before a later batch: who has no later entry is damaged", [1, 2, 3], found({1: (1, 0x12)}, [2, 3]),
         one(header(1), A, C, turned(B, *ROT), A2)),
    case("rot of an entry that a later one makes good", [1], found({1: (1, 0x12)}), one(header(1), turned(A, *ROT), A2)),
    case("a blank before a later batch is rot", [1, 2, 3], found({1: (1, 0x12)}, [2, 3]), one(*first, DISK, A2)),
    case("a profile that is older than its log", [1, 2, 3], {**found({**after, 2: (4, 0x22)}, [2]), "profiles": {"2": 3}},
         one(*first, A2, B2)),
    case("a state that is lost", [1, 2, 3], found(everyone | {1: (1, 0x11)}, [3]), one(*first, entry(3, 1, 0xFF))),
    case("two checkpoints, two logs", [1, 2, 3], found(end), two),
    case("the older pair is gone, as after a clean-up", [1, 2, 3], found(end),
         without("00000001.log", "00000001.checkpoint")),
    case("a draft is no file of the log", [1, 2, 3], found(end), {**two, "00000003.log.draft": b"half"}),
    case("the newer checkpoint has rotted: the older one and both logs", [1, 2, 3], found(end),
         without(n00000002_checkpoint=turned(check2, *(512 + bit for bit in ROT)))),
    case("the newer checkpoint is short: the older one and both logs", [1, 2, 3], found(end),
         without(n00000002_checkpoint=check2[:-64])),
    case("no checkpoint is whole: everybody is damaged", [1, 2, 3], found({}, [1, 2, 3]),
         without("00000001.checkpoint", n00000002_checkpoint=check2[:-64])),
    case("the newer checkpoint is short and the older log is gone", [1, 2, 3], found({}, [1, 2, 3]),
         without("00000001.log", n00000002_checkpoint=check2[:-64])),
    case("the checkpoint's own log is gone", [1, 2, 3], found({}, [1, 2, 3]), without("00000002.log")),
    case("a followed log: what stands behind its count does not count", [1, 2, 3], found(everyone),
         {"00000001.checkpoint": empty1, "00000001.log": log1, "00000002.log": log(header(2, before=3))}),
    case("a followed log: a blank within its count is rot", [1, 2, 3], found({2: (4, 0x22)}, [1, 3]),
         {"00000001.checkpoint": empty1, "00000001.log": log(*first), "00000002.log": log2}),
    case("sequence numbers go on at 0", [1, 2, 3], found(end),
         {"ffffffff.checkpoint": header(0xFFFFFFFF, 2), "ffffffff.log": log(header(0xFFFFFFFF), A, B, C, A2),
          "00000000.log": log(header(0, before=4), B2)}),
    case("the newest log is shorter than it was made", [1, 2, 3], found({}, [1, 2, 3]),
         {"00000001.checkpoint": empty1, "00000001.log": log(header(1, count=7), A, B, C, blanks=2)}),
    case("the newest log has its size", [1, 2, 3], found(everyone),
         {"00000001.checkpoint": empty1, "00000001.log": log(header(1, count=6), A, B, C)}),
    case("a newer version of the log", [1], {"refused": 2}, {"00000001.checkpoint": empty1,
         "00000001.log": log(header(1, version=2), A)}),
    case("a newer version of the checkpoint", [1], {"refused": 3}, {"00000001.checkpoint": header(1, 2, version=3),
         "00000001.log": log(header(1), A)}),
    case("nothing at all, and users", [1, 2], found({}, [1, 2]), {}),
]
size = 6


def sector(*parts):
    return b"".join(parts) + FLASH * (size - len(parts))


free = FLASH * size
OTHERS = 2**64 - 1
fine = entry(OTHERS, 0, 0)
half = turned(sector(header(1), A, B, C), *range(512, 3000, 5))  # its header is sound
ring = [sector(*first, A2), sector(header(2, before=4), B2), free, free]
cases += [
    case("flash: two sectors of four", [1, 2, 3], found(end), sectors=ring),
    case("flash: the ring has turned", [1, 2, 3], found({1: (1, 0x13), 2: (4, 0x22), 3: (1, 0x31)}),
         sectors=[sector(header(8, before=2), A3), sector(header(5, before=5), A, B, C), sector(header(6, before=3), A2),
                  sector(header(7, before=1), B2, entry(3, 1, 0x31))]),
    case("flash: an erasure behind the newest was cut short", [1, 2, 3], found(end),
         sectors=[*ring[:2], turned(sector(header(0x77), C3), *range(0, 3000, 7)), free]),
    case("flash: a torn entry, and the next sector", [1, 2, 3], found(end),
         sectors=[sector(*first, A2, C3[:20] + b"\xff" * 44), ring[1], free, free]),
    case("flash: torn in the newest sector", [1, 2, 3], found(end, torn=True),
         sectors=[ring[0], sector(header(2, before=4), B2, A3[:20] + b"\xff" * 44), free, free]),
    case("flash: a sector between others is unreadable", [1, 2, 3], found({1: (1, 0x13), 2: (4, 0x22)}, [3]),
         sectors=[ring[0], turned(sector(header(2, before=4), C3), *range(0, 3000, 7)),
                  sector(header(3, before=1), B2, A3), free]),
    case("flash: the own entry frees the sector behind, half erased or not", [1, 2, 3, 9], found(end),
         sectors=[sector(header(4, before=3), fine), half, sector(header(2, before=4), fine, B2),
                  sector(header(3, before=2), fine, entry(1, 1, 0x12), entry(3, 1, 0x31))]),
    case("flash: without it, that is rot, and damages who has no entry", [1, 2, 3, 9], found(end, [9]),
         sectors=[sector(header(4, before=3)), half, sector(header(2, before=4), fine, B2),
                  sector(header(3, before=2), fine, entry(1, 1, 0x12), entry(3, 1, 0x31))]),
    case("flash: the own entry's lost state damages who has none", [1, 2, 3, 9], found(end, [9]),
         sectors=[sector(*first, A2), sector(header(2, before=4), entry(OTHERS, 0, 0xFF), B2), free, free]),
    case("flash: a later own entry mends that", [1, 2, 3, 9], found(end),
         sectors=[sector(*first, A2), sector(header(2, before=4), entry(OTHERS, 0, 0xFF), B2, fine, entry(OTHERS, 0, 1)), free, free]),
    case("flash: a ring that has turned has one unused sector", [1, 2, 3, 9], found(end, [9]),
         sectors=[free, free, sector(header(2, before=4), fine, entry(1, 1, 0x12), entry(3, 1, 0x31)),
                  sector(header(3, before=3), fine, B2)]),
    case("flash: the newest sector's header has rotted", [1, 2, 3, 9], found(end),
         sectors=[sector(header(1), entry(OTHERS, 1, 0), A, B, C, A2), turned(sector(header(2, before=5),
                  entry(OTHERS, 2, 0), B2, entry(1, 1, 0x12), entry(3, 1, 0x31)), *ROT), free, free]),
    case("flash: the header of the oldest sector has rotted", [1, 2, 3, 9], found(end, [9]),
         sectors=[sector(header(4, before=4), fine), free, turned(sector(header(2, before=4), fine, B2), *ROT),
                  sector(header(3, before=2), fine, entry(1, 1, 0x12), entry(3, 1, 0x31), B2)]),
    case("flash: a newer version", [1], {"refused": 2}, sectors=[sector(header(1, version=2), A), free, free, free]),
    case("flash: a page of two entries, filled up with its last", [1, 2, 3], found(end),
         sectors=[sector(header(1), A, B, C, A2, entry(1, 1, 0x12, True)), sector(header(2, before=5), B2), free, free]),
]
print(json.dumps({"source": "spent-log.vectors.py, from spent-log.md", "sectorBytes": size * 64, "cases": cases}, indent=1))
