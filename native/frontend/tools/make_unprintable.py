"""Writes src/unprintable.h: the code points that Python's repr of a str escapes, by Unicode 14.0.

Run by Python 3.11, whose unicodedata is of that version: ``python3.11 make_unprintable.py > ../src/unprintable.h``. The
table is in two steps: the upper bits of a code point choose a block of 256, its lower bits a bit of the block. Equal
blocks are one; block 0 is all unprintable and stands for every entry that is not written.
"""

import sys
import unicodedata

BLOCK_BITS = 8
ENTRIES_PER_LINE = 16


def blocks_of_unicode() -> tuple[list[int], list[tuple[int, ...]]]:
    """The number of the block of each 256 code points, and the blocks as 8 words of which a set bit is printable."""
    numbers: dict[tuple[int, ...], int] = {(0,) * 8: 0}
    entries = []
    for start in range(0, 0x110000, 1 << BLOCK_BITS):
        block = tuple(sum(chr(start + word * 32 + bit).isprintable() << bit for bit in range(32)) for word in range(8))
        entries.append(numbers.setdefault(block, len(numbers)))
    return entries, list(numbers)


def main() -> None:
    """Writes the header to standard output."""
    if unicodedata.unidata_version != "14.0.0":
        sys.exit(f"needs Unicode 14.0.0 (Python 3.11), and this is {unicodedata.unidata_version}")
    entries, blocks = blocks_of_unicode()
    print("/* unprintable.h: which code points Python's repr escapes, by Unicode 14.0.")
    print(" *")
    print(" * Made by tools/make_unprintable.py. Code point c is printable where bit c % 32 of")
    print(" * BLOCKS[BLOCK_OF[c / 256]][c / 32 % 8] is 1.")
    print(" */")
    print("#ifndef FE_UNPRINTABLE_H")
    print("#define FE_UNPRINTABLE_H")
    print()
    print("#include <stdint.h>")
    print()
    print("/* clang-format off */")
    print(f"static const uint8_t BLOCK_OF[{len(entries)}] = {{")
    for start in range(0, len(entries), ENTRIES_PER_LINE):
        line = entries[start : start + ENTRIES_PER_LINE]
        if any(line):
            print(f"    [{start}] = " + ", ".join(map(str, line)) + ",")
    print("};")
    print()
    print(f"static const uint32_t BLOCKS[{len(blocks)}][8] = {{")
    for number, block in enumerate(blocks):
        if number == 0:
            print("    {0},")
            continue
        print("    {" + ", ".join(f"{word:#x}" for word in block) + "},")
    print("};")
    print()
    print("#endif")


if __name__ == "__main__":
    main()
