#!/usr/bin/env python3
"""Caches that the session keeps, step by step against ONNX Runtime.

usage: kept_caches.py --bin BUILD/bin --library libmoe_rt.so --allocations decode-allocations    needs: onnx onnxruntime numpy

A decoder of GroupQueryAttention alone, in the form of ONNX Runtime GenAI, decodes batches whose sequences have lengths of
their own. Whether the session keeps the cache, the caller hands it on, or hands on one with room to spare: the scores are the same.
And decoding allocates nothing, with this model and with one whose cache grows by Concat.
"""
import argparse
import pathlib
import subprocess
import sys
import tempfile

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

import moec
import session

LAYERS, HEADS, KV_HEADS, SIZE, VOCAB, ROOM, LONGEST = 2, 4, 2, 16, 40, 64, 256
TOLERANCE = 1e-5
CACHES = [f"{layer}.{what}" for layer in range(LAYERS) for what in ("key", "value")]


def make_model(window):
    rng = np.random.default_rng(4)
    width, packed = HEADS * SIZE, (HEADS + 2 * KV_HEADS) * SIZE
    angles = np.outer(np.arange(LONGEST), 100.0 ** (-np.arange(SIZE // 2) / (SIZE // 2)))
    weights = {"embed": rng.standard_normal((VOCAB, packed)), "head": rng.standard_normal((width, VOCAB)) / 8, "cos": np.cos(angles),
               "sin": np.sin(angles)}
    weights |= {f"mix{layer}": rng.standard_normal((width, packed)) / 4 for layer in range(1, LAYERS)}
    initializers = [numpy_helper.from_array(value.astype(np.float32), name) for name, value in weights.items()]
    initializers += [numpy_helper.from_array(np.array(value, np.int64), name) for name, value in (("one", 1), ("axis", [1]))]
    node = helper.make_node
    nodes = [node("Gather", ["embed", "input_ids"], ["x0"]), node("ReduceSum", ["attention_mask", "axis"], ["counts"], keepdims=0),
             node("Sub", ["counts", "one"], ["last"]), node("Cast", ["last"], ["seqlens"], to=TensorProto.INT32),
             node("Shape", ["attention_mask"], ["mask_shape"]), node("Gather", ["mask_shape", "one"], ["length"]),
             node("Cast", ["length"], ["total"], to=TensorProto.INT32)]
    for layer in range(LAYERS):
        if layer:
            nodes.append(node("MatMul", [f"y{layer - 1}", f"mix{layer}"], [f"x{layer}"]))
        past = [f"past_key_values.{layer}.key", f"past_key_values.{layer}.value"]
        present = [f"present.{layer}.key", f"present.{layer}.value"]
        nodes.append(node("GroupQueryAttention", [f"x{layer}", "", "", *past, "seqlens", "total", "cos", "sin"], [f"y{layer}", *present],
                          domain="com.microsoft", num_heads=HEADS, kv_num_heads=KV_HEADS, do_rotary=1, local_window_size=window))
    nodes.append(node("MatMul", [f"y{LAYERS - 1}", "head"], ["logits"]))
    info = helper.make_tensor_value_info
    inputs = [info("input_ids", TensorProto.INT64, ["b", "s"]), info("attention_mask", TensorProto.INT64, ["b", "t"])]
    inputs += [info(f"past_key_values.{cache}", TensorProto.FLOAT, ["b", KV_HEADS, "p", SIZE]) for cache in CACHES]
    outputs = [info("logits", TensorProto.FLOAT, ["b", "s", VOCAB])]
    outputs += [info(f"present.{cache}", TensorProto.FLOAT, ["b", KV_HEADS, "t", SIZE]) for cache in CACHES]
    graph = helper.make_graph(nodes, "decoder", inputs, outputs, initializers)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17), helper.make_opsetid("com.microsoft", 1)], ir_version=10)


class Reference:
    """ONNX Runtime, one sequence at a time: no padding, no cache that is shared."""

    def __init__(self, model):
        onnxruntime.set_default_logger_severity(3)
        self.session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])

    def last_scores(self, tokens):
        empty = np.zeros((1, KV_HEADS, 0, SIZE), np.float32)
        feeds = {"input_ids": np.array([tokens]), "attention_mask": np.ones((1, len(tokens)), np.int64)}
        return self.session.run(["logits"], feeds | {f"past_key_values.{cache}": empty for cache in CACHES})[0][0, -1]


class Decoder:
    """Sequences of a batch, and the three ways of their caches: kept, handed on, handed on with room."""

    def __init__(self, running, way, prompts):
        self.running, self.way, self.tokens = running, way, [list(p) for p in prompts]
        self.caches = None
        running.reset()

    def feed(self, ids, mask):
        inputs = {"input_ids": ids, "attention_mask": mask}
        if self.way != "kept":
            if self.caches is None:
                length = ROOM if self.way == "room" else 0
                self.caches = {cache: np.zeros((len(self.tokens), KV_HEADS, length, SIZE), np.float32) for cache in CACHES}
            inputs |= {f"past_key_values.{cache}": value for cache, value in self.caches.items()}
        self.running.run(inputs)
        if self.way != "kept":
            self.caches = {cache: self.running.output(f"present.{cache}") for cache in CACHES}
        return self.running.output("logits")

    def prompt(self):
        """Padded on the right. Returns the scores behind each sequence."""
        lengths = [len(t) for t in self.tokens]
        ids, mask = (np.zeros((len(lengths), max(lengths)), np.int64) for _ in range(2))
        for row, tokens in enumerate(self.tokens):
            ids[row, :len(tokens)], mask[row, :len(tokens)] = tokens, 1
        logits = self.feed(ids, mask)
        return logits[np.arange(len(lengths)), np.array(lengths) - 1]

    def mask(self, more):
        lengths = [len(t) + more for t in self.tokens]
        return (np.arange(max(lengths)) < np.array(lengths)[:, None]).astype(np.int64)

    def step(self, ids):
        """One more token, or for a single sequence several."""
        logits = self.feed(ids, self.mask(ids.shape[1]))
        for tokens, new in zip(self.tokens, ids):
            tokens += new.tolist()
        return logits[:, -1]


def compare(decoder, scores, reference, what):
    for row, tokens in enumerate(decoder.tokens):
        expected = reference.last_scores(tokens)
        error = np.abs(scores[row] - expected).max() / np.abs(expected).max()
        if not error <= TOLERANCE:
            raise AssertionError(f"{what}: sequence {row} of {len(tokens)} tokens differs by {error:.1e}")


def check_way(running, way, reference, rng):
    for batch in (1, 3):
        prompts = [rng.integers(0, VOCAB, rng.integers(1, 12)) for _ in range(batch)]
        decoder = Decoder(running, way, prompts)
        what = f"{way}, batch {batch}"
        compare(decoder, decoder.prompt(), reference, f"{what}, prompt")
        for step in range(24):
            new = 4 if batch == 1 and step == 7 else 1
            compare(decoder, decoder.step(rng.integers(0, VOCAB, (batch, new))), reference, f"{what}, step {step}")


def check_lengths(running):
    """The present is as long as the longest sequence, or as a past with room; what is asked for is there."""
    decoder = Decoder(running, "kept", [[1, 2, 3], [4]])
    decoder.prompt()
    decoder.step(np.array([[5], [6]]))
    kept = running.output("present.1.key")
    assert kept.shape == (2, KV_HEADS, 4, SIZE), kept.shape
    given = Decoder(running, "room", [[1, 2, 3], [4]])
    given.prompt()
    given.step(np.array([[5], [6]]))
    roomy = running.output("present.1.key")
    assert roomy.shape == (2, KV_HEADS, ROOM, SIZE), roomy.shape
    for row, length in enumerate((4, 2)):
        assert np.array_equal(kept[row, :, :length], roomy[row, :, :length])


def check_failure(running, reference, rng):
    """A run that fails leaves the cache as it was; a past that is given takes its place, then it is kept again."""
    decoder = Decoder(running, "kept", [rng.integers(0, VOCAB, 9), rng.integers(0, VOCAB, 4)])
    decoder.prompt()
    for step in range(3):
        compare(decoder, decoder.step(rng.integers(0, VOCAB, (2, 1))), reference, "kept")
        past = {f"past_key_values.{cache}": running.output(f"present.{cache}") for cache in CACHES}
        try:
            running.run({"input_ids": np.array([[1], [2]]), "attention_mask": np.ones((2, 40), np.int64)})
        except session.RunError as error:
            assert "seqlens_k is larger than the past" in str(error), error
        else:
            raise AssertionError("a mask of more tokens than there are is taken")
        if step == 1:
            ids, mask = rng.integers(0, VOCAB, (2, 1)), decoder.mask(1)
            running.reset()
            running.run(past | {"input_ids": ids, "attention_mask": mask})
            for tokens, new in zip(decoder.tokens, ids):
                tokens += new.tolist()


def check_allocations(tools, tool, models, folder):
    for devices in (1, 4):
        for name, model in models.items():
            artifact = folder / f"{name}-{devices}.moe"
            tools.run("moe-compile", model, "-o", artifact, "--hardware", moec.write_hardware(folder, devices))
            result = subprocess.run([tool, artifact], capture_output=True, text=True, timeout=moec.TIME_LIMIT, check=False)
            if result.returncode != 0:
                raise AssertionError(f"{name}, {devices} devices: a step allocates\n{result.stdout}{result.stderr}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", required=True)
    parser.add_argument("--library", required=True)
    parser.add_argument("--allocations", required=True)
    arguments = parser.parse_args()
    tools = moec.Tools(arguments.bin)
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        for window in (-1, 5):
            model, file = make_model(window), folder / "model.onnx"
            onnx.save(model, file)
            tools.run("moe-compile", file, "-o", folder / "model.moe", "--hardware", moec.write_hardware(folder, 1))
            running = session.Session(arguments.library, folder / "model.moe")
            reference, rng = Reference(model), np.random.default_rng(5)
            for way in ("kept", "handed on", "room"):
                check_way(running, way, reference, rng)
            check_lengths(running)
            check_failure(running, reference, rng)
            running.close()
        models = {"attention": file, "concat": moec.ROOT / "test/models/decoder-fused/model.onnx"}
        check_allocations(tools, arguments.allocations, models, folder)
    print("equal to ONNX Runtime; a step allocates nothing")
    return 0


if __name__ == "__main__":
    sys.exit(main())
