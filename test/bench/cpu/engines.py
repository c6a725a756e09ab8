"""moec and its peers, each timed in a process of its own."""
import functools
import json
import pathlib
import platform
import subprocess
import sys

import models

PEER = pathlib.Path(__file__).with_name("peer.py")
PACKAGES = {"onnxruntime": "onnxruntime", "openvino": "openvino", "torch": "transformers"}  # what a peer needs in Python


class Engines:
    def __init__(self, options):
        self.options = options
        self.onednn = options.bin / "bench-onednn-experts"
        self.onednn_version = ""
        self.limits = {"gflops_per_s": 0, "gb_per_s": 0}  # the best that was ever measured

    def describe(self):
        """The table's header."""
        model = next((line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), platform.machine())
        return [f"{model}, {self.options.threads} threads: {self.limits['gflops_per_s']:.0f} GFLOP/s in f32 multiply-adds, "
                f"{self.limits['gb_per_s']:.1f} GB/s read from memory. Medians of {self.options.rounds} interleaved rounds, each the median "
                f"of about {self.options.seconds:g} s; ± half the distance of the rounds."]

    @functools.cache
    def has(self, peer):
        if peer not in self.options.peers:
            return False
        found = self.onednn.exists() if peer == "onednn" else models.has_package(self.options.python, PACKAGES[peer])
        if not found:
            print(f"{peer} is not installed: its rows are left out", file=sys.stderr)
        return found

    def run(self, command):
        done = subprocess.run(list(map(str, command)), capture_output=True, text=True)
        if done.returncode:
            sys.exit(f"{' '.join(map(str, command))}: exit code {done.returncode}\n{done.stderr}")
        return done.stdout

    # ---- ours ----

    @functools.cache
    def has_option(self, name):
        return name in self.run([self.options.bin / "moe-compile", "--help"])

    def compile(self, model, name, *arguments):
        artifact = self.options.work / f"{name}.moe"
        self.run([self.options.bin / "moe-compile", model, "-o", artifact, *arguments])
        return artifact

    def moe_run(self, artifact, inputs, *arguments):
        pairs = [f"{file.stem}={file}" for file in sorted(inputs.glob("*.npy"))]
        return json.loads(self.run([self.options.bin / "moe-run", artifact, "--input", *pairs, "--json", "--threads", self.options.threads,
                                    "--no-verify", *arguments]))

    @functools.cache
    def repeats(self, artifact, inputs):
        once = self.moe_run(artifact, inputs, "--repeat", 3, "--warmup", 1)["min_ms"]
        return max(5, min(20000, int(self.options.seconds * 1e3 / once)))

    def moec(self, artifact, cases):
        return {case: self.moe_run(artifact, inputs, "--repeat", self.repeats(artifact, inputs))["median_ms"] for case, inputs in cases.items()}

    def profile(self, artifact, inputs):
        profile = self.moe_run(artifact, inputs, "--profile", "--repeat", self.repeats(artifact, inputs))
        for key, value in profile["limits"].items():
            self.limits[key] = max(self.limits[key], value)
        return profile

    def experts(self, artifact, inputs):
        """The experts' phase of the median run."""
        return next(phase for phase in self.profile(artifact, inputs)["phases"] if phase["phase"] == "experts")

    def traffic(self, artifact, inputs):
        """GB/s of a whole run, and their share of the limit measured then."""
        profile = self.profile(artifact, inputs)
        rate = sum(phase["bytes"] for phase in profile["phases"]) / profile["median_ms"] / 1e6
        return f"{rate:.1f} GB/s, {rate / profile['limits']['gb_per_s']:.0%}"

    # ---- peers ----

    def ask(self, engine, job):
        job = {**job, "seconds": self.options.seconds, "threads": self.options.threads}
        done = subprocess.run([self.options.python, PEER, engine, json.dumps(job)], capture_output=True, text=True)
        if done.returncode:  # out of memory, say
            return {"refused": f"exit code {done.returncode}"}
        return json.loads(done.stdout.splitlines()[-1])

    def peer(self, engine, name, job, cases):
        """A list of no or one (key, function), as all of these."""
        if not self.has(engine):
            return []
        job = {**job, "cases": {case: value if isinstance(value, tuple) else str(value) for case, value in cases.items()}}
        return [((engine, name), lambda: self.ask(engine, job))]

    def decoder_peers(self, form, model, cases):
        jobs = [] if form == "genai" else self.peer("onnxruntime", form, {"model": str(model)}, cases)
        if form == "G":  # it refuses the genai form and runs out of memory on C
            for precision in ("f32", "bf16"):
                name = form if precision == "f32" else f"{form}, bfloat16"
                jobs += self.peer("openvino", name, {"model": str(model), "precision": precision}, cases)
            for experts in ("grouped_mm", "eager"):
                jobs += self.peer("torch", experts, {"config": models.DECODER, "experts": experts, "dtype": "float32"}, models.PHASES)
            jobs += self.peer("torch", "grouped_mm, bfloat16", {"config": models.DECODER, "experts": "grouped_mm", "dtype": "bfloat16"}, models.PHASES)
        return jobs

    def layer_peers(self, title, case, hidden, inter, dtype, rows):
        jobs = []
        if self.has("onednn"):
            jobs.append((("onednn", title), lambda: self.time_onednn(case, hidden, inter, dtype, rows)))
        if self.has("torch"):
            job = {"sizes": [hidden, inter], "dtype": {"f32": "float32", "bf16": "bfloat16"}[dtype], "rows": rows}

            def ask():
                result = self.ask("torch-ffn", job)
                return {case: result["ffn"]} if "ffn" in result else result

            jobs.append((("torch-onednn", title), ask))
        return jobs

    def time_onednn(self, case, hidden, inter, dtype, rows):
        times = json.loads(self.run([self.onednn, hidden, inter, dtype, self.options.threads, self.options.seconds, *rows]))
        self.onednn_version = times["version"]
        return {case: min(times["inside_ms"], times["across_ms"])}
