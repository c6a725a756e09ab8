"""A session of the runtime's C interface (runtime/include/moe_rt.h), for tests that run more than one step."""
import ctypes

import numpy as np

TYPES = [np.float32, np.float16, None, np.float64, np.int64, np.int32, np.int16, np.int8, np.uint8, np.uint16, np.uint32, np.uint64, np.bool_]


class Tensor(ctypes.Structure):
    _fields_ = [("name", ctypes.c_char_p), ("type", ctypes.c_int), ("rank", ctypes.c_int64), ("shape", ctypes.POINTER(ctypes.c_int64)),
                ("data", ctypes.c_void_p)]


class Signature(ctypes.Structure):
    _fields_ = [("name", ctypes.c_char_p), ("type", ctypes.c_int), ("rank", ctypes.c_int64), ("shape", ctypes.POINTER(ctypes.c_int64)),
                ("symbols", ctypes.POINTER(ctypes.c_char_p))]


class RunError(Exception):
    """A call failed; the text is its message."""


class Session:
    def __init__(self, library, path):
        self.library = ctypes.CDLL(str(library))
        for name in ("inputs", "outputs"):
            getattr(self.library, f"moe_rt_artifact_{name}").restype = ctypes.c_int64
        self.library.moe_rt_status_message.restype = ctypes.c_char_p
        self.artifact, self.session = ctypes.c_void_p(), ctypes.c_void_p()
        self.call("artifact_open", str(path).encode(), 0, ctypes.byref(self.artifact))
        self.call("session_create", self.artifact, None, ctypes.byref(self.session))
        self.outputs = {}
        for index in range(self.library.moe_rt_artifact_outputs(self.artifact)):
            signature = Signature()
            self.call("artifact_output", self.artifact, ctypes.c_int64(index), ctypes.byref(signature))
            self.outputs[signature.name.decode()] = index

    def close(self):
        self.library.moe_rt_session_close(self.session)
        self.library.moe_rt_artifact_close(self.artifact)

    def call(self, function, *arguments):
        function = getattr(self.library, f"moe_rt_{function}")
        function.restype = ctypes.c_void_p
        status = function(*arguments)
        if status:
            message = self.library.moe_rt_status_message(ctypes.c_void_p(status)).decode()
            self.library.moe_rt_status_free(ctypes.c_void_p(status))
            raise RunError(message)

    def run(self, inputs):
        """Runs once with arrays by name."""
        arrays = {name: np.ascontiguousarray(array) for name, array in inputs.items()}
        shapes = [(ctypes.c_int64 * array.ndim)(*array.shape) for array in arrays.values()]
        tensors = [Tensor(name.encode(), TYPES.index(array.dtype), array.ndim, shape, array.ctypes.data)
                   for (name, array), shape in zip(arrays.items(), shapes)]
        self.call("session_run", self.session, (Tensor * len(tensors))(*tensors), ctypes.c_int64(len(tensors)))

    def reset(self):
        self.call("session_reset", self.session)

    def output(self, name):
        tensor = Tensor()
        self.call("session_output", self.session, ctypes.c_int64(self.outputs[name]), ctypes.byref(tensor))
        shape = [tensor.shape[i] for i in range(tensor.rank)]
        count = int(np.prod(shape)) * np.dtype(TYPES[tensor.type]).itemsize
        data = ctypes.string_at(tensor.data, count) if count else b""
        return np.frombuffer(data, TYPES[tensor.type]).reshape(shape)
