"""Makes the raw weights of packing.mlir; checks the stored form against numpy."""

import json
import struct
import sys

import numpy as np

task, folder = sys.argv[1:3]
raw = np.random.default_rng(3).integers(0, 256, 2048, dtype=np.uint8)
raw.tofile(f"{folder}/raw.bin")
small = np.random.default_rng(4).standard_normal(480).astype(np.float32)
small.tofile(f"{folder}/small.bin")
if task == "make":
    sys.exit()


def load(name):
    """name -> (dtype, shape, bytes, offset in the file)"""
    with open(f"{folder}/m.moe/weights/{name}.safetensors", "rb") as file:
        data = file.read()
    (size,) = struct.unpack("<Q", data[:8])
    assert (8 + size) % 64 == 0
    tensors = {}
    for key, entry in json.loads(data[8 : 8 + size]).items():
        begin, end = (8 + size + offset for offset in entry["data_offsets"])
        tensors[key] = (entry["dtype"], entry["shape"], data[begin:end], begin)
    return tensors


def words(count, width, offset=0):
    kind = {4: np.uint32, 2: np.uint16}[width]
    return raw[offset : offset + count * width].view(kind)


def panels(columns):
    """[E, K, N] -> [E, P, K, 16]"""
    experts, depth, count = columns.shape
    wide = np.zeros((experts, depth, -(-count // 16) * 16), columns.dtype)
    wide[:, :, :count] = columns
    return wide.reshape(experts, depth, -1, 16).transpose(0, 2, 1, 3)


def gated(gate, up):
    experts, depth, count = gate.shape
    blocks = -(-count // 8)
    both = np.zeros((2, experts, depth, blocks * 8), gate.dtype)
    both[0, :, :, :count], both[1, :, :, :count] = gate, up
    both = both.reshape(2, experts, depth, blocks, 8)
    return both.transpose(1, 3, 2, 0, 4).reshape(experts, blocks, depth, 16)


def paired(panels):
    """[..., K, 16] -> [..., K', 16] with two k side by side, [k/2][16][k%2], and zeros up to K' = 32 n"""
    *outer, depth, width = panels.shape
    whole = np.zeros((*outer, -(-depth // 32) * 32, width), panels.dtype)
    whole[..., :depth, :] = panels
    return whole.reshape(*outer, -1, 2, width).swapaxes(-1, -2).reshape(whole.shape)


def check(tensors, name, expected, dtype):
    kind, shape, data, offset = tensors[name]
    assert (kind, shape) == (dtype, list(expected.shape)), (name, kind, shape)
    assert data == np.ascontiguousarray(expected).tobytes(), name
    assert len(data) % 64 != 0 or offset % 64 == 0, (name, offset)


shared, rank0, rank1 = load("shared"), load("rank0"), load("rank1")
def to_bf16(bits):
    """f32 as uint32 to bf16 as uint16: nearest, ties to even; NaN stays NaN."""
    wide = bits.astype(np.uint64)
    rounded = (wide + 0x7FFF + (wide >> 16 & 1)) >> 16
    nan = (bits & 0x7FFFFFFF) > 0x7F800000
    return np.where(nan, bits >> 16 | 0x40, rounded).astype(np.uint16)


assert sorted(shared) == ["bf16", "concatenated", "f16", "interleaved", "odd", "panels", "transposed"]
assert sorted(rank0) == sorted(rank1) == ["rows", "separate"]
check(shared, "bf16", paired(panels(to_bf16(words(400, 4)).reshape(1, 20, 20))[0]), "BF16")
bank = small.astype(np.float16).reshape(2, 12, 20)
check(shared, "f16", gated(bank[:, :, ::2], bank[:, :, 1::2]), "F16")
check(shared, "odd", raw[3:8], "I8")
check(shared, "panels", panels(words(400, 4).reshape(1, 20, 20))[0], "F32")
bank = words(600, 2).reshape(3, 20, 10).transpose(0, 2, 1)
check(shared, "transposed", paired(panels(bank)), "BF16")
bank = words(480, 4).reshape(2, 20, 12).transpose(0, 2, 1)
check(shared, "concatenated", gated(bank[:, :, :10], bank[:, :, 10:]), "F32")
bank = words(480, 4).reshape(2, 12, 20)
check(shared, "interleaved", gated(bank[:, :, ::2], bank[:, :, 1::2]), "F32")
bank = gated(words(240, 4).reshape(2, 12, 10), words(240, 4, 960).reshape(2, 12, 10))
check(rank0, "separate", bank[[1, 0]], "F32")
check(rank1, "separate", bank[[0]], "F32")
rows = words(24, 4).reshape(4, 6)
check(rank0, "rows", rows[[3]], "F32")
check(rank1, "rows", rows[[0, 2, 3]], "F32")
