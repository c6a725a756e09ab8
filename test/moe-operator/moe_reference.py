"""The scalar reference of com.microsoft.MoE (Reference.h) for numpy arrays."""
import ctypes
import math

import numpy as np

ACTIVATIONS = {"relu": 0, "gelu": 1, "silu": 2, "identity": 3, "swiglu": 4}
POINTER = ctypes.POINTER(ctypes.c_double)


class Node(ctypes.Structure):
    """MoeNode of Reference.h."""
    _fields_ = [(name, kind) for kind, names in (
        (ctypes.c_int64, "experts hidden inner k"), (ctypes.c_int32, "activation fusion normalize sparse_mixer"),
        (ctypes.c_double, "alpha beta limit"), (POINTER, "fc1 bias1 fc2 bias2 fc3 bias3")) for name in names.split()]


class Reference:
    def __init__(self, library):
        self.function = ctypes.CDLL(str(library)).moeReference
        self.function.argtypes = [ctypes.POINTER(Node), ctypes.c_int64, POINTER, POINTER, POINTER]
        self.function.restype = None

    def __call__(self, attributes, weights, x, logits):
        """The node's output. `attributes` and `weights` (fc1, bias1, ...; None: absent) as in the model, x [..., H]."""
        doubles = {name: None if array is None else np.ascontiguousarray(array, np.float64) for name, array in weights.items()}
        experts, hidden, inner = doubles["fc2"].shape
        get = attributes.get
        node = Node(experts, hidden, inner, get("k", 1), ACTIVATIONS[get("activation_type", "relu")], get("swiglu_fusion", 0),
                    get("normalize_routing_weights", 0), get("use_sparse_mixer", 0), get("activation_alpha", 1.0),
                    get("activation_beta", 0.0), get("swiglu_limit", math.inf),
                    *(None if doubles[name] is None else doubles[name].ctypes.data_as(POINTER)
                      for name in ("fc1", "bias1", "fc2", "bias2", "fc3", "bias3")))
        x, logits = (np.ascontiguousarray(array, np.float64) for array in (x, logits))
        y = np.empty_like(x)
        self.function(ctypes.byref(node), x.size // hidden, *(array.ctypes.data_as(POINTER) for array in (x, logits, y)))
        return y
