#!/usr/bin/env python3
"""Broken input ends with one clear error, an exit code that is not 0, and nothing left behind.

usage: broken_input.py BUILD/bin [unittest arguments]
"""
import os
import pathlib
import resource
import shutil
import signal
import sys
import tempfile
import unittest

import numpy as np
from onnx import TensorProto, helper

import broken_models
import moec

TOOLS = None
FLOAT = TensorProto.FLOAT


def few_bytes():
    """A full disk, as a limit on the size of files; run in the child."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (32, 32))


class Broken(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name) / "in"
        self.folder.mkdir()
        self.outside = pathlib.Path(folder.name)

    def everything(self):
        return sorted(str(path) for path in self.outside.rglob("*"))

    def refuses(self, pattern, tool, *arguments, **options):
        """The call fails with one error that matches, and no file appears."""
        before = self.everything()
        result = TOOLS.call(tool, *arguments, **options)
        errors = [line for line in result.stderr.splitlines() if line.startswith(f"{tool}: ")]
        self.assertGreater(result.returncode, 0, f"exit code; stderr: {result.stderr}")
        self.assertEqual(len(errors), 1, result.stderr)
        self.assertRegex(errors[0], pattern)
        self.assertEqual(self.everything(), before, "files are left behind")


class Compilation(Broken):
    def refuses_model(self, pattern, *options, **call):
        model, output = self.folder / "model.onnx", self.folder / "out.moe"
        self.refuses(pattern, "moe-compile", model, "-o", output, *options, **call)


class BrokenModel(Compilation):
    def test_truncated_protobuf(self):
        file = broken_models.matmul(self.folder)
        file.write_bytes(file.read_bytes()[:-30])
        self.refuses_model("model.onnx: not an ONNX model: the file is truncated or no protobuf message")

    def test_garbage(self):
        (self.folder / "model.onnx").write_bytes(np.random.default_rng(7).bytes(4096))
        self.refuses_model("model.onnx: not an ONNX model: the file is truncated or no protobuf message")

    def test_empty_file(self):
        (self.folder / "model.onnx").touch()
        self.refuses_model("model.onnx: the model file holds no graph")

    def test_unknown_operator(self):
        broken_models.save(self.folder, [helper.make_node("Frobnicate", ["x"], ["y"])], {"x": (FLOAT, [2])})
        self.refuses_model(r"node 'y' \(Frobnicate\): operator 'Frobnicate' .* is not supported")

    def test_wrong_rank(self):
        node = helper.make_node("MatMul", ["x", "s"], ["y"], name="product")
        broken_models.save(self.folder, [node], {"x": (FLOAT, [2, 4]), "s": (FLOAT, [])})
        self.refuses_model("node 'product': MatMul: a scalar cannot be multiplied as a matrix")

    def test_wrong_type(self):
        node = helper.make_node("Add", ["x", "i"], ["y"], name="sum")
        broken_models.save(self.folder, [node], {"x": (FLOAT, [2]), "i": (TensorProto.INT64, [2])})
        self.refuses_model(r"model.onnx: node 'sum' \(Add\): input 1 has elements of i64; expected f32, as input 0 has")

    def test_inner_sizes_differ(self):
        node = helper.make_node("MatMul", ["x", "z"], ["y"], name="product")
        broken_models.save(self.folder, [node], {"x": (FLOAT, [2, 4]), "z": (FLOAT, [5, 2])})
        self.refuses_model("node 'product': MatMul: the inner extents differ: 4 on the left, 5 on the right")

    def test_external_data_missing(self):
        broken_models.external(self.folder, "absent.bin")
        self.refuses_model("absent.bin")

    def test_external_data_too_short(self):
        broken_models.external(self.folder, "short.bin")
        (self.folder / "short.bin").write_bytes(bytes(broken_models.WEIGHT_BYTES - 1))
        self.refuses_model("short.bin.*16383|16383.*short.bin")

    def test_external_data_above_the_folder(self):
        (self.outside / "w.bin").write_bytes(bytes(broken_models.WEIGHT_BYTES))
        broken_models.external(self.folder, "../w.bin")
        self.refuses_model(r"external data lies at '\.\./w\.bin'")

    def test_external_data_absolute(self):
        file = self.folder / "w.bin"
        file.write_bytes(bytes(broken_models.WEIGHT_BYTES))
        broken_models.external(self.folder, str(file))
        self.refuses_model("absolute")

    def test_external_data_by_symbolic_link(self):
        target = self.outside / "w.bin"
        target.write_bytes(bytes(broken_models.WEIGHT_BYTES))
        os.symlink(target, self.folder / "link.bin")
        broken_models.external(self.folder, "link.bin")
        self.refuses_model("link.bin' is a link to .*, which leaves the model's folder")

    def test_offset_overflows(self):
        (self.folder / "w.bin").write_bytes(bytes(broken_models.WEIGHT_BYTES))
        broken_models.external(self.folder, "w.bin", offset=2**63 - 8)
        self.refuses_model("initializer 'w': .*'w.bin' has 16384 bytes; .* from offset 9223372036854775800")

    def test_no_experts(self):
        broken_models.moe(self.folder, experts=0, k=1)
        self.refuses_model(r"node 'y' \(MoE\): it has no experts")

    def test_more_choices_than_experts(self):
        broken_models.moe(self.folder, experts=4, k=5)
        self.refuses_model("k is 5, but it has 4 experts")

    def test_full_disk(self):
        broken_models.matmul(self.folder)
        self.refuses_model("cannot write", preexec_fn=few_bytes)


class BrokenHardware(Compilation):
    def refuses_hardware(self, old, new, pattern):
        """The quickstart's machine with one change."""
        broken_models.matmul(self.folder)
        text = (moec.ROOT / "examples/hardware/4-devices.yaml").read_text()
        self.assertIn(old, text)
        file = self.folder / "machine.yaml"
        file.write_text(text.replace(old, new))
        self.refuses_model(pattern, "--hardware", file)

    def test_not_a_number(self):
        self.refuses_hardware("100 Gb/s", "nan Gb/s", r"machine.yaml:\d+:\d+.*bandwidth")

    def test_negative(self):
        self.refuses_hardware("8 GiB", "-8 GiB", r"machine.yaml:\d+:\d+.*capacity")

    def test_misspelt_key(self):
        self.refuses_hardware("latency: 5 us", "latencey: 5 us", r"machine.yaml:\d+:\d+.*latencey")

    def test_no_device(self):
        self.refuses_hardware("count: 4", "count: 0", r"machine.yaml:\d+:\d+.*count")

    def test_not_yaml(self):
        self.refuses_hardware("nodes:", "nodes: [", r"machine.yaml:\d+:\d+")


class BrokenRun(Broken):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        path = pathlib.Path(folder.name)
        cls.compiled = path / "m.moe"
        TOOLS.run("moe-compile", broken_models.matmul(path), "-o", cls.compiled)

    def setUp(self):
        super().setUp()
        self.artifact = shutil.copytree(self.compiled, self.folder / "m.moe")

    def refuses_run(self, pattern, array, name="x", **call):
        file = self.folder / "x.npy"
        np.save(file, array)
        (self.folder / "out").mkdir()
        self.refuses(pattern, "moe-run", self.artifact, "--input", f"{name}={file}", "--output-dir", self.folder / "out", **call)

    def refuses_flipped_byte(self, file, pattern):
        path = self.artifact / file
        content = bytearray(path.read_bytes())
        content[len(content) // 2] ^= 1
        path.write_bytes(content)
        self.refuses_run(pattern, np.ones((2, 64), np.float32))

    def test_flipped_byte_in_program(self):
        self.refuses_flipped_byte("program.so", "program.so")

    def test_flipped_byte_in_weights(self):
        weights, = self.artifact.glob("weights/*")
        self.refuses_flipped_byte(weights.relative_to(self.artifact), weights.name)

    def test_truncated_manifest(self):
        manifest = self.artifact / "manifest.json"
        manifest.write_text(manifest.read_text()[:-20])
        self.refuses_run("manifest.json", np.ones((2, 64), np.float32))

    def test_no_artifact(self):
        shutil.rmtree(self.artifact)
        self.refuses_run("m.moe", np.ones((2, 64), np.float32))

    def test_wrong_input_name(self):
        self.refuses_run("'z'", np.ones((2, 64), np.float32), name="z")

    def test_wrong_input_shape(self):
        self.refuses_run("x.*65.*64", np.ones((2, 65), np.float32))

    def test_wrong_input_rank(self):
        self.refuses_run(r"x.*\[2, 64, 1\].*\[2, 64\]", np.ones((2, 64, 1), np.float32))

    def test_wrong_input_type(self):
        self.refuses_run("i64.*f32|f32.*i64", np.ones((2, 64), np.int64))

    def test_full_disk(self):
        self.refuses_run("cannot write", np.ones((2, 64), np.float32), preexec_fn=few_bytes)


if __name__ == "__main__":
    TOOLS = moec.Tools(sys.argv.pop(1))
    unittest.main()
