"""Small ONNX models and ways to break them."""
import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

FLOAT = TensorProto.FLOAT
SIZE = 64  # large enough that the weight is no constant of the program
WEIGHT_BYTES = 4 * SIZE * SIZE


def save(folder, nodes, inputs, weights=(), outputs=("y",)):
    """Writes FOLDER/model.onnx; `inputs` maps names to (type, shape). Output types are left to the compiler."""
    graph = helper.make_graph(
        nodes, "broken", [helper.make_tensor_value_info(name, *kind) for name, kind in inputs.items()],
        [helper.make_tensor_value_info(name, FLOAT, None) for name in outputs], list(weights))
    opsets = [helper.make_opsetid("", 20), helper.make_opsetid("com.microsoft", 1)]
    file = folder / "model.onnx"
    onnx.save(helper.make_model(graph, opset_imports=opsets, ir_version=10), file)
    return file


def weight(name, *shape):
    return numpy_helper.from_array(np.ones(shape, np.float32), name)


def matmul(folder, weights=None):
    """y = x w with x[2, 64], w[64, 64]: the model that everything can be done to."""
    return save(folder, [helper.make_node("MatMul", ["x", "w"], ["y"])], {"x": (FLOAT, [2, SIZE])},
                [weights or weight("w", SIZE, SIZE)])


def external(folder, location, offset=0, length=WEIGHT_BYTES):
    """The same with its weight in another file."""
    tensor = TensorProto(name="w", data_type=FLOAT, dims=[SIZE, SIZE], data_location=TensorProto.EXTERNAL)
    for key, value in (("location", location), ("offset", offset), ("length", length)):
        tensor.external_data.add(key=key, value=str(value))
    return matmul(folder, tensor)


def moe(folder, experts, k):
    """One com.microsoft.MoE of 3 tokens."""
    node = helper.make_node("MoE", ["x", "router", "fc1", "", "fc2"], ["y"], domain="com.microsoft", k=k, activation_type="relu")
    return save(folder, [node], {"x": (FLOAT, [3, 4]), "router": (FLOAT, [3, experts])},
                [weight("fc1", experts, 8, 4), weight("fc2", experts, 4, 8)])
