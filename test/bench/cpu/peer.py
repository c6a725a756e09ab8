#!/usr/bin/env python3
"""Times one engine in a process of its own, as ours has one; bench_cpu.py runs it with the interpreter that has the engine.

usage: peer.py ENGINE JSON          prints one line of JSON: {CASE: median ms}, and "refused": why, if it ended with an error

onnxruntime  {"model", "cases": {CASE: folder of .npy inputs}, "seconds", "threads"}; inputs and outputs bound, all optimisations
openvino     the same, and "precision"; latency mode, inputs in one request that is used again
torch        {"config", "experts": grouped_mm or eager, "dtype", "cases": {CASE: [batch, new tokens, cached tokens]}, ...}: transformers' own
             model with random weights
torch-ffn    {"sizes": [hidden, inter], "dtype", "rows": [of each expert], ...}: a loop of oneDNN's prepacked products as PyTorch bundles it
"""
import json
import pathlib
import statistics
import sys
import time

import numpy as np


def median_ms(run, seconds):
    """Of about `seconds` and three runs at least, after two runs. A run that takes ten times as long is its own median."""
    for _ in range(2):
        start = time.perf_counter()
        run()
        once = time.perf_counter() - start
        if once > 10 * seconds:
            return once * 1e3
    times, begin = [], time.perf_counter()
    while len(times) < 3 or time.perf_counter() - begin < seconds:
        start = time.perf_counter()
        run()
        times.append((time.perf_counter() - start) * 1e3)
    return statistics.median(times)


def load_inputs(folder):
    return {file.stem: np.load(file) for file in sorted(pathlib.Path(folder).glob("*.npy"))}


def time_onnxruntime(job):
    import onnxruntime as ort

    settings = ort.SessionOptions()
    settings.intra_op_num_threads = job["threads"]
    settings.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_ALL
    settings.log_severity_level = 4
    session = ort.InferenceSession(job["model"], settings, providers=["CPUExecutionProvider"])
    for case, folder in job["cases"].items():
        binding = session.io_binding()
        for name, array in load_inputs(folder).items():
            binding.bind_cpu_input(name, array)
        for output in session.get_outputs():
            binding.bind_output(output.name, "cpu")
        yield case, median_ms(lambda binding=binding: session.run_with_iobinding(binding), job["seconds"])


def time_openvino(job):
    import openvino as ov

    settings = {"INFERENCE_NUM_THREADS": job["threads"], "PERFORMANCE_HINT": "LATENCY", "INFERENCE_PRECISION_HINT": job["precision"]}
    request = ov.Core().compile_model(job["model"], "CPU", settings).create_infer_request()
    for case, folder in job["cases"].items():
        for name, array in load_inputs(folder).items():
            request.set_tensor(name, ov.Tensor(array))
        yield case, median_ms(request.infer, job["seconds"])


def time_torch(job):
    import torch
    import transformers

    torch.set_num_threads(job["threads"])
    torch.set_grad_enabled(False)
    torch.manual_seed(0)
    config = transformers.Qwen3MoeConfig(**job["config"])
    model = transformers.Qwen3MoeForCausalLM._from_config(config, experts_implementation=job["experts"])
    model = model.eval().to(getattr(torch, job["dtype"]))
    tokens = lambda batch, length: torch.randint(0, job["config"]["vocab_size"], (batch, length))
    for case, (batch, new, past) in job["cases"].items():
        cache = model(input_ids=tokens(batch, past), use_cache=True).past_key_values if past else None
        ids = tokens(batch, new)

        def run(cache=cache, ids=ids, new=new):
            model(input_ids=ids, past_key_values=cache, use_cache=True)
            if cache is not None:
                cache.crop(-new)  # as before the step

        yield case, median_ms(run, job["seconds"])


def time_torch_ffn(job):
    import torch

    torch.set_num_threads(job["threads"])
    torch.set_grad_enabled(False)
    hidden, inter = job["sizes"]
    dtype = getattr(torch, job["dtype"])
    ops = torch.ops.mkldnn
    most = max(job["rows"])

    def packed(rows, columns):
        return ops._reorder_linear_weight(torch.full((columns, rows), 0.01, dtype=dtype), most)

    experts = [(torch.full((rows, hidden), 0.01, dtype=dtype), packed(hidden, inter), packed(hidden, inter), packed(inter, hidden))
               for rows in job["rows"] if rows]

    def run():
        for x, gate, up, down in experts:
            gated = ops._linear_pointwise(x, gate, None, "swish", [], "")
            both = ops._linear_pointwise.binary(x, gated, up, None, "mul")
            ops._linear_pointwise(both, down, None, "none", [], "")

    yield "ffn", median_ms(run, job["seconds"])


def main():
    engine, job = sys.argv[1], json.loads(sys.argv[2])
    engines = {"onnxruntime": time_onnxruntime, "openvino": time_openvino, "torch": time_torch, "torch-ffn": time_torch_ffn}
    result = {}
    try:
        for case, milliseconds in engines[engine](job):
            result[case] = milliseconds
    except Exception as error:  # the engines' exceptions have no class of their own; the table says "refused"
        result["refused"] = " ".join(f"{type(error).__name__}: {error}".split())[:200]
    print(json.dumps(result))


if __name__ == "__main__":
    main()
