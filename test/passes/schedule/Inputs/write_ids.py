"""Writes expert ids [1 step, 1 layer, 64 tokens, k = 1] as .npy: token t sits on rank
t / 16 of four and mostly chooses an expert of one other rank."""

import struct
import sys

favourite = [1, 3, 0, 2]
ids = []
for token in range(64):
    rank = token // 16
    others = [r for r in range(4) if r not in (rank, favourite[rank])]
    ids.append(others[token // 8 % 2] if token % 8 == 0 else favourite[rank])
header = "{'descr': '|u1', 'fortran_order': False, 'shape': (1, 1, 64, 1), }"
header = header.ljust(128 - 10 - 1) + "\n"
with open(sys.argv[1], "wb") as file:
    file.write(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)))
    file.write(header.encode() + bytes(ids))
