"""The models of bench_cpu.py and their inputs, made once in its working folder."""
import importlib.util
import os
import pathlib
import subprocess
import sys

import ml_dtypes
import numpy as np
import onnx
from onnx import TensorProto, helper

ROOT = pathlib.Path(__file__).resolve().parents[3]
DECODER = {  # 813 MB in f32
    "hidden_size": 512, "num_hidden_layers": 4, "num_attention_heads": 8, "num_key_value_heads": 4, "head_dim": 64, "num_experts": 64,
    "num_experts_per_tok": 8, "moe_intermediate_size": 512, "intermediate_size": 1024, "vocab_size": 8192}
PHASES = {  # batch, new tokens, tokens in the cache
    "prefill 128": (1, 128, 0), "prefill 512": (1, 512, 0), "decode 1": (1, 1, 128), "decode 8": (8, 1, 128)}
EXPORTS = {"A": "fused", "C": "batched", "G": "grouped"}  # of export_transformers.py
TYPES = {TensorProto.FLOAT: np.float32, TensorProto.INT64: np.int64, TensorProto.INT32: np.int32}
# experts, hidden, intermediate, chosen, type
FFN = (64, 512, 512, 8, "f32")
REAL = {"Mixtral 8 x 4096 x 14336": (8, 4096, 14336, 2, "bf16"), "Qwen3-30B 128 x 2048 x 768": (128, 2048, 768, 8, "bf16")}


def shared():
    return pathlib.Path(os.environ.get("MOEC_SHARED", ROOT.parent / "shared"))


def decoders(work, python):
    """{form: model.onnx}; "genai-interleaved" is the genai form as ONNX Runtime runs it. Forms that need torch are left out with a
    message where `python` does not have it."""
    tools, models = shared() / "models", {}
    if not (tools / "make_decoder.py").exists():
        sys.exit(f"bench_cpu.py: {tools}/make_decoder.py not found; set MOEC_SHARED to the folder that holds models/")
    sizes = [f"{key}={value}" for key, value in DECODER.items()]
    for form in (*EXPORTS, "genai", "genai-interleaved"):
        folder = work / form
        if not (folder / "model.onnx").exists():
            if form in EXPORTS:
                command = [python, tools / "export_transformers.py", "Qwen3Moe", EXPORTS[form], folder, *sizes]
            else:
                overrides = [word for size in sizes for word in ("--set", size)]
                config = shared() / "data/model-configs/qwen3-30B-A3B_config.json"
                moe = "interleaved" if form == "genai-interleaved" else "fc3"
                command = [sys.executable, tools / "make_decoder.py", config, folder, "--moe", moe, *overrides]
            made = subprocess.run(list(map(str, command)), capture_output=True, text=True)
            if made.returncode:
                print(f"form {form} left out: {made.stderr.strip().splitlines()[-1]}", file=sys.stderr)
                continue
        models[form] = folder / "model.onnx"
    return models


def decoder_inputs(model, phase, folder):
    """Writes FOLDER/NAME.npy for each input of a decoder at this phase, and returns the folder."""
    if folder.exists():
        return folder
    batch, new, past = PHASES[phase]
    rng = np.random.default_rng(1)
    graph = onnx.load(model, load_external_data=False).graph
    weights = {weight.name for weight in graph.initializer}
    lengths = {"input_ids": new, "position_ids": new, "attention_mask": past + new}
    folder.mkdir(parents=True)
    for value in graph.input:
        kind = value.type.tensor_type
        if value.name in weights:
            continue
        if value.name in lengths:
            array = np.ones((batch, lengths[value.name]))
            if value.name == "input_ids":
                array = rng.integers(0, DECODER["vocab_size"], array.shape)
            if value.name == "position_ids":
                array = np.tile(past + np.arange(new), (batch, 1))
        else:  # a cache: batch, heads, length, head size; exporters write some fixed sizes as text
            sizes = [dim.dim_value or (int(dim.dim_param) if dim.dim_param.isdigit() else past) for dim in kind.shape.dim]
            array = rng.standard_normal([batch, *sizes[1:]])
        np.save(folder / f"{value.name}.npy", array.astype(TYPES[kind.elem_type]))
    return folder


def test_inputs(data_set, folder):
    """The inputs of a stored data set as FOLDER/NAME.npy."""
    folder.mkdir(parents=True, exist_ok=True)
    for file in data_set.glob("input_*.pb"):
        tensor = onnx.TensorProto.FromString(file.read_bytes())
        np.save(folder / f"{tensor.name}.npy", onnx.numpy_helper.to_array(tensor))
    return folder


def expert_ffn(shape, folder):
    """One MoE operator (silu, fc3); its weights are the same few numbers again and again, but lie in memory of their own."""
    model = folder / "model.onnx"
    if model.exists():
        return model
    experts, hidden, inter, k, dtype = shape
    numpy_type, onnx_type = {"f32": (np.float32, TensorProto.FLOAT), "bf16": (ml_dtypes.bfloat16, TensorProto.BFLOAT16)}[dtype]
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(0)
    initializers, offset = [], 0
    with open(folder / "weights.data", "wb") as data:
        for name, rows, columns in (("gate", inter, hidden), ("down", hidden, inter), ("up", inter, hidden)):
            one = (rng.standard_normal((rows, columns), np.float32) / np.sqrt(columns)).astype(numpy_type)
            for expert in range(experts):
                data.write(np.roll(one, expert, 0).tobytes())
            tensor = TensorProto(name=name, data_type=onnx_type, dims=(experts, rows, columns), data_location=TensorProto.EXTERNAL)
            for key, value in (("location", "weights.data"), ("offset", offset), ("length", data.tell() - offset)):
                tensor.external_data.add(key=key, value=str(value))
            offset = data.tell()
            initializers.append(tensor)
    node = helper.make_node("MoE", ["x", "logits", "gate", "", "down", "", "up"], ["y"], domain="com.microsoft", k=k, activation_type="silu",
                            normalize_routing_weights=1)
    info = helper.make_tensor_value_info
    graph = helper.make_graph([node], "ffn", [info("x", onnx_type, ["n", hidden]), info("logits", onnx_type, ["n", experts])],
                              [info("y", onnx_type, ["n", hidden])], initializers)
    opsets = [helper.make_opsetid("", 20), helper.make_opsetid("com.microsoft", 1)]
    onnx.save(helper.make_model(graph, opset_imports=opsets, ir_version=10), model)
    return model


def expert_inputs(shape, tokens, folder):
    """(folder of inputs, rows of each expert) for this many tokens with random logits."""
    experts, hidden, _, k, dtype = shape
    rng = np.random.default_rng(tokens)
    logits = rng.standard_normal((tokens, experts)).astype(ml_dtypes.bfloat16).astype(np.float32)  # the same in both types
    x = rng.standard_normal((tokens, hidden), np.float32)
    folder.mkdir(parents=True, exist_ok=True)
    for name, array in (("x", x), ("logits", logits)):
        np.save(folder / f"{name}.npy", array.astype(ml_dtypes.bfloat16).view(np.uint16) if dtype == "bf16" else array)
    chosen = np.argsort(-logits, axis=1, kind="stable")[:, :k]
    return folder, np.bincount(chosen.ravel(), minlength=experts).tolist()


def has_package(python, name):
    if python == sys.executable:
        return importlib.util.find_spec(name) is not None
    return subprocess.run([python, "-c", f"import {name}"], capture_output=True).returncode == 0
