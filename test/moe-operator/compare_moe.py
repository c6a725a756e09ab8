#!/usr/bin/env python3
"""com.microsoft.MoE on random shapes and attributes: the scalar reference against ONNX Runtime, our programs against the reference.

usage: compare_moe.py --bin BUILD/bin --reference libmoe_reference.so [--seed N] [--ort-cases N]

ONNX Runtime is left out where it does not follow the schema (swiglu_fusion 0 and 2, fc3, sparse mixer, bf16, the order of equal
logits), or where it is not installed. Prints a line a case with its seed; --seed repeats it.
"""
import argparse
import concurrent.futures
import itertools
import pathlib
import sys
import tempfile

import ml_dtypes
import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "integration"))
import moec  # noqa: E402
from moe_reference import Reference  # noqa: E402

try:
    import onnxruntime
except ImportError:
    onnxruntime = None

TYPES = {"f32": (TensorProto.FLOAT, np.float32), "f16": (TensorProto.FLOAT16, np.float16),
         "bf16": (TensorProto.BFLOAT16, ml_dtypes.bfloat16)}
TOLERANCE = {"f32": 1e-5, "f16": 5e-3, "bf16": 2e-2}  # of the largest value
# Every form of an expert: (attributes, fc3, whether ONNX Runtime follows the schema).
FORMS = [
    ({"activation_type": "relu"}, False, True),
    ({"activation_type": "gelu"}, False, True),
    ({"activation_type": "silu"}, False, True),
    ({"activation_type": "identity"}, False, True),
    ({"activation_type": "swiglu", "swiglu_fusion": 1}, False, True),
    ({"activation_type": "swiglu", "swiglu_fusion": 1, "activation_alpha": 1.702, "activation_beta": 1.0, "swiglu_limit": 0.7},
     False, True),
    ({"activation_type": "swiglu", "swiglu_fusion": 0, "swiglu_limit": 0.7}, True, False),
    ({"activation_type": "swiglu", "swiglu_fusion": 2, "activation_alpha": 1.3}, False, False),
    ({"activation_type": "silu"}, True, False),
    ({"activation_type": "silu", "use_sparse_mixer": 1}, True, False),
]


class Case:
    """One node with random attributes, shapes and weights."""

    def __init__(self, form, kind, seed):
        self.type, self.seed, self.rng = kind, seed, np.random.default_rng(seed)
        self.attributes, self.has_fc3 = dict(form[0]), form[1]
        sparse = "use_sparse_mixer" in self.attributes
        self.experts = self.integer(2 if sparse else 1, 24)
        self.hidden, self.inner = self.integer(1, 80), self.integer(1, 70)
        self.attributes["k"] = 2 if sparse else self.integer(1, min(self.experts, 8))
        self.attributes["normalize_routing_weights"] = self.integer(0, 1)
        self.batch = self.integer(0, 2)  # 0: the input has rank 2
        self.weights = self.draw_weights()

    def integer(self, low, high):
        return int(self.rng.integers(low, high + 1))

    def rounded(self, array):
        return array.astype(TYPES[self.type][1])

    def draw_weights(self):
        fused = self.attributes.get("swiglu_fusion", 0) != 0
        rows = {"1": self.inner * (2 if fused else 1), "2": self.hidden, "3": self.inner}
        columns = {"1": self.hidden, "2": self.inner, "3": self.hidden}
        weights, bias = {}, self.integer(0, 1)
        for fc in "123":
            present = fc != "3" or self.has_fc3
            scale = columns[fc] ** -0.5
            weights["fc" + fc] = self.normal(scale, self.experts, rows[fc], columns[fc]) if present else None
            weights["bias" + fc] = self.normal(0.3, self.experts, rows[fc]) if present and bias else None
        return weights

    def normal(self, scale, *shape):
        return self.rounded(scale * self.rng.standard_normal(shape))

    def inputs(self, tokens, ties):
        """`tokens` rows a batch; logits that tie often, or never."""
        rows = tokens * max(self.batch, 1)
        x = self.normal(1, *([self.batch, tokens] if self.batch else [tokens]), self.hidden)
        logits = self.rng.integers(-1, 3, (rows, self.experts)).astype(float)
        if not ties:
            logits = self.rng.permuted(np.tile(np.linspace(-2, 2, self.experts), (rows, 1)), axis=1)
        return x, self.rounded(logits)

    def model(self):
        kind = TYPES[self.type][0]
        given = {name: array for name, array in self.weights.items() if array is not None}
        names = ["x", "logits"] + [name if name in given else "" for name in ("fc1", "bias1", "fc2", "bias2", "fc3", "bias3")]
        shape = ["batch", "sequence", self.hidden] if self.batch else ["tokens", self.hidden]
        inputs = [helper.make_tensor_value_info("x", kind, shape),
                  helper.make_tensor_value_info("logits", kind, ["rows", self.experts])]
        graph = helper.make_graph([helper.make_node("MoE", names, ["y"], domain="com.microsoft", **self.attributes)], "moe", inputs,
                                  [helper.make_tensor_value_info("y", kind, shape)],
                                  [numpy_helper.from_array(array, name) for name, array in given.items()])
        opsets = [helper.make_opsetid("", 20), helper.make_opsetid("com.microsoft", 1)]
        return helper.make_model(graph, opset_imports=opsets, ir_version=10)

    def __str__(self):
        attributes = ", ".join(f"{key} {value}" for key, value in self.attributes.items() if key != "activation_type")
        extras = [name for name, present in (("fc3", self.has_fc3), ("bias", self.weights["bias1"] is not None),
                                             ("rank 3", self.batch)) if present]
        return (f"seed {self.seed}: {self.attributes['activation_type']} {self.type} E {self.experts} H {self.hidden} "
                f"I {self.inner}; {', '.join([attributes, *extras])}")


def error(result, expected):
    """max|a - b| / max|b|."""
    largest = np.abs(expected).max(initial=0)
    return float(np.abs(result.astype(np.float64) - expected).max(initial=0) / (largest or 1))


def ort_error(reference, case):
    """The reference against ONNX Runtime."""
    session = onnxruntime.InferenceSession(case.model().SerializeToString(), providers=["CPUExecutionProvider"])
    x, logits = case.inputs(case.integer(1, 40), ties=False)
    return error(session.run(None, {"x": x, "logits": logits})[0], reference(case.attributes, case.weights, x, logits))


def program_error(tools, reference, case):
    """Our program against the reference: one artifact, several numbers of tokens, with and without equal logits."""
    worst = 0.0
    bits = (lambda array: array.view(np.uint16)) if case.type == "bf16" else (lambda array: array)  # as moe-run takes it
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        onnx.save(case.model(), folder / "model.onnx")
        hardware = moec.write_hardware(folder, devices=case.rng.choice([1, 4]))
        tools.run("moe-compile", folder / "model.onnx", "--hardware", hardware, "-o", folder / "m.moe")
        for tokens in (1, case.integer(2, 40), case.integer(2, 40)):
            x, logits = case.inputs(tokens, ties=bool(case.integer(0, 1)))
            np.save(folder / "x.npy", bits(x))
            np.save(folder / "logits.npy", bits(logits))
            tools.run("moe-run", folder / "m.moe", "--input", f"x={folder / 'x.npy'}", f"logits={folder / 'logits.npy'}",
                      "--output-dir", folder / "out")
            y = np.load(folder / "out" / "y.npy")
            worst = max(worst, error(y.view(ml_dtypes.bfloat16) if case.type == "bf16" else y,
                                     reference(case.attributes, case.weights, x, logits)))
    return worst


def report(what, case, worst):
    """Prints the line of a case; whether it is within its tolerance."""
    good = worst <= TOLERANCE[case.type]
    print(f"{'ok  ' if good else 'FAIL'} {what} error {worst:.1e} {case}", flush=True)
    return good


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", required=True)
    parser.add_argument("--reference", required=True, type=pathlib.Path)
    parser.add_argument("--seed", default=1, type=int)
    parser.add_argument("--ort-cases", default=60, type=int)
    options = parser.parse_args()
    reference, tools = Reference(options.reference), moec.Tools(options.bin)
    results = []
    if onnxruntime is None:
        print("the Python package onnxruntime not found: the reference is not compared with it")
    else:
        followed = [form for form in FORMS if form[2]]
        for i in range(options.ort_cases):
            case = Case(followed[i % len(followed)], ("f32", "f16")[i // len(followed) % 2], options.seed + i)
            results.append(report("reference", case, ort_error(reference, case)))
    kinds = itertools.cycle(TYPES)
    cases = [Case(form, next(kinds), options.seed + i) for i, form in enumerate(FORMS)]
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        errors = pool.map(lambda case: program_error(tools, reference, case), cases)
        results += [report("program  ", case, worst) for case, worst in zip(cases, errors)]
    print(f"{sum(results)} passed, {len(results) - sum(results)} failed")
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
