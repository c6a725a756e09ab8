"""Inputs and expected outputs of run.mlir."""

import sys

import numpy as np

task, folder = sys.argv[1:3]
random = np.random.default_rng(1)
weights = (random.standard_normal(3200) * 0.3).astype(np.float32)
x = random.standard_normal((37, 40)).astype(np.float32)
h = random.standard_normal((37, 40)).astype(np.float16)
if task == "make":
    weights.tofile(f"{folder}/w.bin")
    np.save(f"{folder}/x.npy", x)
    np.save(f"{folder}/h.npy", h)
    sys.exit()

y = x.astype(np.float64)
for matrix in (weights[:1600].reshape(40, 40), weights[1600:].reshape(40, 40).T):
    y += np.tanh(y @ matrix.astype(np.float64))
z = np.sin(h.astype(np.float64) + np.exp(h.astype(np.float64)))
bits = np.load(f"{folder}/out/b.npy").astype(np.uint32) << 16
found = np.load(f"{folder}/out/y.npy")


def compare(name, actual, expected, tolerance):
    error = np.abs(actual - expected).max() / np.abs(expected).max()
    assert error <= tolerance, (name, error)


compare("y", found, y, 1e-6)
compare("z", np.load(f"{folder}/out/z.npy").astype(np.float64), z, 1e-2)
compare("b", bits.view(np.float32), y * y, 1e-2)
assert (np.load(f"{folder}/out/arg.npy") == found.argmax(1)).all()
