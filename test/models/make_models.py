#!/usr/bin/env python3
"""Writes the three small decoders of this folder: one model, in the three forms that today's exporter writes.

usage: make_models.py [OUT] [--check]        needs: onnx numpy; --check also onnxruntime

Each folder decoder-FORM is in ONNX backend-test layout. "batched" keeps its weights inside model.onnx and has inferred shapes;
the others have external data and no inner types. Expected outputs are computed in float64 (decoder.py). --check regenerates
into a temporary folder, compares with what is committed byte by byte, and runs every form with ONNX Runtime.
"""
import argparse
import copy
import filecmp
import pathlib
import sys
import tempfile

import numpy as np
import onnx
from onnx import external_data_helper, numpy_helper, shape_inference

import decoder
import exporter_graph

HERE = pathlib.Path(__file__).resolve().parent
CONFIG = decoder.Config()
SEED = 1
DATA_SETS = ((2, 5, 3, False), (1, 1, 6, False), (3, 4, 0, False), (2, 6, 2, True))  # batch, new, past, padded on the left
SMALLEST_MARGIN = 2e-3  # no token may be near a routing tie
TOLERANCE = 1e-4


def make_inputs(weights):
    """Yields inputs and expected outputs of each data set; draws again where a token is near a tie."""
    rng = np.random.default_rng(SEED + 1)
    for batch, new, past, padded in DATA_SETS:
        while True:
            ids = rng.integers(0, CONFIG.vocab, (batch, new))
            mask = np.ones((batch, past + new), np.int64)
            if padded:
                mask[0, :past + 2] = 0  # the first two new tokens of row 0 see nothing
            shape = (batch, CONFIG.kv_heads, past, CONFIG.head_dim)
            caches = [rng.standard_normal(shape).astype(np.float32) for _ in range(2 * CONFIG.layers)]
            logits, new_caches, margin = decoder.run(weights, CONFIG, ids, mask, caches)
            if margin > SMALLEST_MARGIN:
                yield [ids, mask, *caches], [x.astype(np.float32) for x in (logits, *new_caches)]
                break


def save(model, folder, form, data):
    folder.mkdir(parents=True, exist_ok=True)
    model = copy.deepcopy(model)
    if form == "batched":
        model = shape_inference.infer_shapes(model)
    else:
        external_data_helper.convert_model_to_external_data(model, location="model.onnx.data", size_threshold=1024)
        (folder / "model.onnx.data").unlink(missing_ok=True)
    onnx.save(model, folder / "model.onnx")
    for file in folder.glob("model.onnx*"):
        file.chmod(0o644)
    for index, (inputs, outputs) in enumerate(data):
        target = folder / f"test_data_set_{index}"
        target.mkdir(exist_ok=True)
        for kind, values, infos in (("input", inputs, model.graph.input), ("output", outputs, model.graph.output)):
            for i, (value, info) in enumerate(zip(values, infos, strict=True)):
                (target / f"{kind}_{i}.pb").write_bytes(numpy_helper.from_array(value, info.name).SerializeToString())


def runnable(model):
    """ONNX Runtime's CPU provider has no MoE with fc3: the same function with gate and up interleaved in fc1."""
    model = copy.deepcopy(model)
    tensors = {t.name: t for t in model.graph.initializer}
    for node in model.graph.node:
        if node.op_type == "MoE":
            gate, up = (numpy_helper.to_array(tensors[node.input[i]]) for i in (2, 6))
            name = node.input[2] + "_interleaved"
            model.graph.initializer.append(numpy_helper.from_array(np.stack([gate, up], axis=2).reshape(gate.shape[0], -1, gate.shape[2]), name))
            node.input[:] = [*node.input[:2], name, "", node.input[4]]
            del node.attribute[:]
            for key, value in dict(k=CONFIG.top_k, normalize_routing_weights=1, activation_type="swiglu", swiglu_fusion=1,
                                   activation_alpha=1.0, activation_beta=0.0).items():
                node.attribute.append(onnx.helper.make_attribute(key, value))
    return model


def check_with_onnxruntime(model, form, data):
    import onnxruntime
    onnxruntime.set_default_logger_severity(3)
    session = onnxruntime.InferenceSession(runnable(model).SerializeToString(), providers=["CPUExecutionProvider"])
    worst = 0.0
    for inputs, outputs in data:
        results = session.run(None, dict(zip((i.name for i in model.graph.input), inputs)))
        for expected, result in zip(outputs, results, strict=True):
            if expected.size:
                worst = max(worst, float(np.abs(expected - result).max() / np.abs(expected).max()))
    print(f"decoder-{form}: {len(model.graph.node)} nodes, ONNX Runtime differs by {worst:.1e}")
    return worst <= TOLERANCE


def same_files(left, right):
    names = sorted(p.relative_to(left) for p in left.rglob("*") if p.is_file())
    others = sorted(p.relative_to(right) for p in right.glob("decoder-*/**/*") if p.is_file())
    different = [str(n) for n in names if not (right / n).is_file() or not filecmp.cmp(left / n, right / n, shallow=False)]
    if names != others or different:
        print(f"{right} is not what this script writes: {different or set(names) ^ set(others)}")
        return False
    return True


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", nargs="?", type=pathlib.Path, default=HERE)
    parser.add_argument("--check", action="store_true")
    arguments = parser.parse_args()
    weights = decoder.make_weights(CONFIG, SEED)
    data = list(make_inputs(weights))
    models = {form: exporter_graph.Exporter(CONFIG, weights, form).build() for form in exporter_graph.FORMS}
    with tempfile.TemporaryDirectory() as temporary:
        out = pathlib.Path(temporary) if arguments.check else arguments.out
        for form, model in models.items():
            save(model, out / f"decoder-{form}", form, data)
        if not arguments.check:
            return 0
        good = same_files(out, arguments.out)
    return 0 if all([check_with_onnxruntime(m, f, data) for f, m in models.items()]) and good else 1


if __name__ == "__main__":
    sys.exit(main())
