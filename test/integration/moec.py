"""What the integration tests share: running the tools, hardware files, data sets as .npy files."""
import pathlib
import subprocess

import numpy as np
import onnx
from onnx import numpy_helper

ROOT = pathlib.Path(__file__).resolve().parents[2]
TIME_LIMIT = 300  # seconds; no tool may hang


class ToolError(Exception):
    """A tool failed; the text is what it wrote to stderr."""


class Tools:
    """The tools of one build folder."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)

    def call(self, tool, *arguments, **options):
        """Runs a tool and returns its CompletedProcess, whatever its exit code."""
        command = [self.folder / tool, *map(str, arguments)]
        return subprocess.run(command, capture_output=True, text=True, timeout=TIME_LIMIT, check=False, **options)

    def run(self, tool, *arguments):
        """Runs a tool that must succeed and returns its stdout."""
        result = self.call(tool, *arguments)
        if result.returncode != 0:
            raise ToolError((result.stderr or result.stdout).strip() or f"{tool}: exit code {result.returncode}")
        return result.stdout


def write_hardware(folder, devices):
    """The quickstart's machine with another number of devices."""
    text = (ROOT / "examples/hardware/4-devices.yaml").read_text()
    assert "count: 4 " in text
    file = pathlib.Path(folder) / f"{devices}-devices.yaml"
    file.write_text(text.replace("count: 4 ", f"count: {devices} "))
    return file


def data_sets(model):
    """The data sets of a model in ONNX backend-test layout."""
    return sorted(pathlib.Path(model).glob("test_data_set_*"))


def input_names(model_file):
    graph = onnx.load(model_file, load_external_data=False).graph
    weights = {weight.name for weight in graph.initializer}
    return [value.name for value in graph.input if value.name not in weights]


def as_npy_arguments(names, data_set, folder):
    """Writes input_*.pb as .npy and returns moe-run's NAME=FILE arguments; bf16 travels as uint16."""
    arguments = []
    for index, name in enumerate(names):
        tensor = onnx.load_tensor(data_set / f"input_{index}.pb")
        array = numpy_helper.to_array(tensor)
        if tensor.data_type == onnx.TensorProto.BFLOAT16:
            array = array.view(np.uint16)
        file = pathlib.Path(folder) / f"input_{index}.npy"
        np.save(file, array)
        arguments.append(f"{name}={file}")
    return arguments
