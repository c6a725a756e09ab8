"""The decoder as an ONNX graph, in the three forms that Hugging Face transformers 5.23's OnnxExporter writes.

Node for node what the exporter's own files hold (studied in ../../../shared/models/transformers/mixtral-*): form C "batched"
(gathered banks, batched MatMul), form G "grouped" (tokens sorted by expert, one MatMul for each expert), form A "fused"
(com.microsoft MoE, RotaryEmbedding and norms).
"""
import numpy as np
from onnx import TensorProto, helper, numpy_helper

FORMS = ("fused", "batched", "grouped")
LARGEST, SMALLEST = np.iinfo(np.int64).max, np.iinfo(np.int64).min
FLOAT_MIN = np.finfo(np.float32).min


def i64(*values):
    return np.array(values, np.int64)


class Graph:
    """Collects nodes and initializers; equal initializers are merged, as the exporter does."""

    def __init__(self):
        self.nodes, self.initializers, self.known, self.scope = [], [], {}, ""

    def constant(self, value, name=None):
        value = np.ascontiguousarray(value).reshape(np.shape(value))
        key = (value.dtype.str, value.shape, value.tobytes())
        if key not in self.known:
            self.known[key] = name or f"const_{len(self.known)}"
            self.initializers.append(numpy_helper.from_array(value, self.known[key]))
        return self.known[key]

    def op(self, kind, *inputs, outputs=1, domain="", **attributes):
        """Inputs are names, arrays (constants) or None (absent); outputs a count or the names."""
        inputs = [self.constant(x) if isinstance(x, np.ndarray | np.generic) else x or "" for x in inputs]
        number = len(self.nodes)
        names = outputs if isinstance(outputs, list) else [f"val_{number}" + (f"_{i}" if outputs > 1 else "") for i in range(outputs)]
        node = helper.make_node(kind, inputs, names, domain=domain, name=f"node_{kind}_{number}", **attributes)
        if self.scope:
            scopes = [""] + [self.scope[:i] for i, c in enumerate(self.scope) if c == "."] + [self.scope, names[0]]
            node.metadata_props.add(key="pkg.torch.onnx.name_scopes", value=str(scopes))
        self.nodes.append(node)
        return names[0] if len(names) == 1 else names

    def concat(self, *inputs, axis=0):
        return self.op("Concat", *inputs, axis=axis)


def cache_name(direction, layer, what):
    return f"{direction}.past_key_values.layers.{layer}.{what}"


class Exporter:
    def __init__(self, config, weights, form):
        self.config, self.weights, self.form, self.graph = config, weights, form, Graph()
        self.fused = form == "fused"

    def w(self, name, layer=None):
        return self.weights[name if layer is None else f"{layer}.{name}"]

    # What all layers share: sizes, the attention mask, rotary angles.

    def sizes(self):
        op = self.graph.op
        self.new = op("Shape", "input_ids", start=1, end=2)
        self.new_scalar = op("Squeeze", self.new)
        self.batch = op("Shape", cache_name("input", 0, "values"), start=0, end=1)
        self.batch_scalar = op("Squeeze", self.batch)
        self.past = {}  # each cache input has its own length: the exporter does not know that they agree
        for layer in range(self.config.layers):
            for what in ("keys", "values"):
                self.past[layer, what] = op("Squeeze", op("Shape", cache_name("input", layer, what), start=2, end=3))
        self.total = {key: op("Add", past, self.new_scalar) for key, past in self.past.items()}
        self.total_1d = {key: op("Reshape", total, i64(-1), allowzero=0) for key, total in self.total.items()}

    def mask(self):
        op, zero, one = self.graph.op, np.int64(0), np.int64(1)
        self.positions = op("Add", op("Range", zero, self.new_scalar, one), self.past[0, "keys"])
        padding = op("Cast", "attention_mask", to=TensorProto.BOOL)
        rows = op("Unsqueeze", op("Unsqueeze", op("Range", zero, self.batch_scalar, one), i64(1, 2)), i64(3))
        queries = op("Unsqueeze", op("Unsqueeze", self.positions, i64(0, 1)), i64(3))
        keys = op("Unsqueeze", op("Unsqueeze", op("Range", zero, self.total[0, "keys"], one), i64(0, 1)), i64(2))
        causal = op("And", np.bool_(True), op("LessOrEqual", keys, queries))
        shape = op("Shape", op("Max", rows, keys), start=0)
        indices = self.graph.concat(*(op("Unsqueeze", op("Expand", x, shape), i64(-1)) for x in (rows, keys)), axis=-1)
        visible = op("And", causal, op("GatherND", padding, indices, batch_dims=0))
        visible = op("Expand", visible, self.graph.concat(self.batch, i64(1), self.new, self.total_1d[0, "keys"]))
        seen = op("Cast", visible, to=TensorProto.FLOAT)
        hidden = op("Cast", op("Not", visible), to=TensorProto.FLOAT)
        self.bias = op("Mul", hidden, np.float32(FLOAT_MIN))
        self.sees_nothing = op("Less", op("ReduceSum", seen, i64(-1), keepdims=1, noop_with_empty_axes=0), np.float32(1))

    def rotary(self):
        op, half = self.graph.op, self.config.head_dim // 2
        position = op("Cast", op("Unsqueeze", self.positions, i64(0, 2)), to=TensorProto.FLOAT)
        angles = op("Mul", position, self.graph.constant(self.config.inverse_frequencies(), "model.rotary_emb.inv_freq"))
        if self.fused:  # tables with one row for each token, and ids that count the tokens
            angles = op("Expand", angles, self.graph.concat(self.batch, self.new, i64(half)))
            self.cos, self.sin = (op("Reshape", op(f, angles), i64(-1, half)) for f in ("Cos", "Sin"))
            count = op("Squeeze", op("Mul", self.batch, self.new))
            self.ids = op("Reshape", op("Range", np.int64(0), count, np.int64(1)), self.graph.concat(self.batch, self.new))
        else:
            angles = self.graph.concat(angles, angles, axis=-1)
            self.cos, self.sin = (op("Unsqueeze", op(f, angles), i64(1)) for f in ("Cos", "Sin"))

    # The parts of a layer.

    def norm(self, x, scale, name):
        op, scale = self.graph.op, self.graph.constant(scale, name)
        if self.fused:
            return op("SimplifiedLayerNormalization", x, scale, axis=-1, epsilon=self.config.epsilon, stash_type=1)
        mean = op("ReduceMean", op("Pow", x, np.float32(2)), i64(-1), keepdims=1, noop_with_empty_axes=0)
        inverse = op("Reciprocal", op("Sqrt", op("Add", mean, np.float32(self.config.epsilon))))
        return op("Mul", scale, op("Mul", x, inverse))

    def add_and_norm(self, x, residual, scale, name):
        """Returns the norm of the sum, and the sum."""
        if not self.fused:
            total = self.graph.op("Add", residual, x)
            return self.norm(total, scale, name), total
        number = len(self.graph.nodes)
        outputs = [f"val_{number}", "", "", f"add_{number}"]
        self.graph.op("SkipSimplifiedLayerNormalization", x, residual, self.graph.constant(scale, name), outputs=outputs,
                      domain="com.microsoft", epsilon=self.config.epsilon)
        return outputs[0], outputs[3]

    def project(self, x, layer):
        """Query, key and value as [B, S, heads, D]."""
        op, d = self.graph.op, self.config.head_dim
        shape = self.graph.concat(self.batch, self.new, i64(-1), i64(d))
        if self.fused:
            packed = op("MatMul", x, np.concatenate([self.w(n, layer) for n in "qkv"], axis=1))
            split = i64(self.config.heads * d, self.config.kv_heads * d, self.config.kv_heads * d)
            parts = op("Split", packed, split, outputs=3, axis=-1)
        else:
            parts = [op("MatMul", x, self.w(n, layer)) for n in "qkv"]
        return [op("Reshape", part, shape, allowzero=1) for part in parts]

    def rotate(self, x, heads):
        """[B, S, heads, D] to [B, heads, S, D], with positions applied."""
        op, d = self.graph.op, self.config.head_dim
        if self.fused:
            flat = op("Reshape", x, i64(0, 0, -1))
            turned = op("RotaryEmbedding", flat, self.ids, self.cos, self.sin, domain="com.microsoft", interleaved=0, num_heads=heads)
            return op("Transpose", op("Reshape", turned, i64(0, 0, heads, d)), perm=[0, 2, 1, 3])
        x = op("Transpose", x, perm=[0, 2, 1, 3])
        straight = op("Mul", x, self.cos)
        first = op("Slice", x, i64(0), i64(d // 2), i64(3), i64(1))
        second = op("Slice", x, i64(d // 2), i64(LARGEST), i64(3), i64(1))
        crossed = self.graph.concat(op("Neg", second), first, axis=-1)
        return op("Add", straight, op("Mul", crossed, self.sin))

    def repeat_heads(self, x, total):
        op, c = self.graph.op, self.config
        group = c.heads // c.kv_heads
        shape = self.graph.concat(self.batch, i64(c.kv_heads), i64(group), total, i64(c.head_dim))
        repeated = op("Expand", op("Unsqueeze", x, i64(2)), shape)
        return op("Reshape", repeated, self.graph.concat(self.batch, i64(c.heads), total, i64(c.head_dim)), allowzero=1)

    def transpose_keys(self, key):
        op = self.graph.op
        if self.fused:
            return op("Transpose", key, perm=[0, 1, 3, 2])
        shape = op("Shape", key, start=0)
        last = op("Slice", shape, i64(-1), i64(LARGEST))
        before_last = op("Slice", shape, i64(-2), i64(-1))
        front = op("Slice", shape, i64(SMALLEST), i64(-2))
        flat = op("Reshape", key, self.graph.concat(i64(-1), before_last, last), allowzero=0)
        return op("Reshape", op("Transpose", flat, perm=[0, 2, 1]), self.graph.concat(front, last, before_last), allowzero=0)

    def attention(self, x, layer):
        op, c = self.graph.op, self.config
        query, key, value = self.project(x, layer)
        query, key = self.rotate(query, c.heads), self.rotate(key, c.kv_heads)
        value = op("Transpose", value, perm=[0, 2, 1, 3])
        repeated = []
        for what, x in (("keys", key), ("values", value)):
            cache = op("Concat", cache_name("input", layer, what), x, outputs=[cache_name("output", layer, what)], axis=-2)
            repeated.append(self.repeat_heads(cache, self.total_1d[layer, what]))
        root = np.float32(c.head_dim ** -0.25)  # on either side of the product
        scores = op("MatMul", op("Mul", query, root), op("Mul", self.transpose_keys(repeated[0]), root))
        probabilities = op("Softmax", op("Add", scores, self.bias), axis=-1)
        out = op("Where", self.sees_nothing, np.float32(0), op("MatMul", probabilities, repeated[1]))
        out = op("Reshape", op("Transpose", out, perm=[0, 2, 1, 3]), self.graph.concat(self.batch, self.new, i64(-1)), allowzero=1)
        return op("MatMul", out, self.w("o", layer))

    def mixture(self, x, layer):
        op, c = self.graph.op, self.config
        flat = op("Reshape", x, i64(-1, c.hidden), allowzero=1)
        router_input = op("Reshape", flat, i64(-1, c.hidden), allowzero=1)
        router = self.graph.constant(self.w("router", layer), f"model.layers.{layer}.mlp.gate.weight")
        logits = op("Gemm", router_input, router, alpha=1.0, beta=1.0, transA=0, transB=1)
        if self.fused:
            banks = [self.w(n, layer) for n in ("gate", "down", "up")]
            out = op("MoE", flat, logits, banks[0], None, banks[1], None, banks[2], domain="com.microsoft", k=c.top_k,
                     normalize_routing_weights=1, activation_type="silu")
        else:
            scores, ids = op("TopK", op("Softmax", logits, axis=-1), i64(c.top_k), outputs=2, axis=-1, largest=1, sorted=1)
            scores = op("Div", scores, op("ReduceSum", scores, i64(-1), keepdims=1, noop_with_empty_axes=0))
            out = (self.batched if self.form == "batched" else self.grouped)(flat, scores, ids, layer)
            out = op("ReduceSum", op("Reshape", out, i64(-1, c.top_k, c.hidden), allowzero=1), i64(1), keepdims=0, noop_with_empty_axes=0)
        return op("Reshape", out, self.graph.concat(self.batch, self.new, i64(c.hidden)), allowzero=1)

    def swiglu(self, x):
        """Gate and up lie behind one another on the last axis."""
        op = self.graph.op
        gate, up = op("Split", x, outputs=2, axis=1, num_outputs=2)
        return op("Mul", op("Mul", gate, op("Sigmoid", gate)), up)

    def gate_up(self, layer):
        return np.concatenate([self.w("gate", layer), self.w("up", layer)], axis=1)  # [E, 2I, H]

    def batched(self, x, scores, ids, layer):
        """Form C: each (token, expert) pair fetches its own matrices."""
        op, c = self.graph.op, self.config
        repeated = op("Reshape", op("Tile", op("Unsqueeze", x, i64(1)), i64(1, c.top_k, 1)), i64(-1, c.hidden), allowzero=0)
        index = op("Unsqueeze", op("Reshape", ids, i64(-1), allowzero=1), i64(-1))

        def product(bank, column):
            return op("Squeeze", op("MatMul", op("GatherND", bank, index, batch_dims=0), op("Unsqueeze", column, i64(-1))), i64(-1))

        y = product(self.w("down", layer), self.swiglu(product(self.gate_up(layer), repeated)))
        return op("Mul", y, op("Unsqueeze", op("Reshape", scores, i64(-1), allowzero=1), i64(-1)))

    def grouped(self, x, scores, ids, layer):
        """Form G: pairs sorted by expert, each expert multiplies its range, the order is restored."""
        op, c, zero, one = self.graph.op, self.config, np.int64(0), np.int64(1)
        pairs = op("Mul", op("Mul", np.int64(c.top_k), self.batch_scalar), self.new_scalar)
        flat_ids = op("Reshape", ids, i64(-1), allowzero=1)
        count = op("Reshape", op("Gather", op("Shape", flat_ids, start=0), np.int64(-1), axis=0), i64(1), allowzero=0)
        sorted_ids, order = op("TopK", flat_ids, count, outputs=2, axis=-1, largest=0, sorted=1)
        order_index = op("Unsqueeze", order, i64(-1))
        rows = op("GatherND", x, op("Unsqueeze", self.floor_divide(order, c.top_k), i64(-1)), batch_dims=0)
        shares = op("GatherND", op("Reshape", scores, i64(-1), allowzero=1), order_index, batch_dims=0)
        ends = op("Split", self.histogram_ends(sorted_ids), outputs=c.experts, axis=0, num_outputs=c.experts)
        ranges, start = [], zero
        for end in ends:
            end = op("Squeeze", end, i64(0))
            ranges.append(op("Range", start, end, one))
            start = end

        def product(values, bank):
            parts = op("Split", bank, outputs=c.experts, axis=0, num_outputs=c.experts)
            return self.graph.concat(*(op("MatMul", op("Gather", values, rows, axis=0), op("Squeeze", part, i64(0)))
                                       for rows, part in zip(ranges, parts)))

        y = product(self.swiglu(product(rows, self.gate_up(layer).swapaxes(1, 2))), self.w("down", layer).swapaxes(1, 2))
        y = op("Mul", y, op("Unsqueeze", shares, i64(-1)))
        empty = op("Expand", zero, op("Shape", order, start=0))
        inverse = op("ScatterND", empty, order_index, op("Range", zero, pairs, one))
        return op("GatherND", y, op("Unsqueeze", inverse, i64(-1)), batch_dims=0)

    def floor_divide(self, x, divisor):
        """Python's //: the quotient is lowered where the signs differ and a remainder is left."""
        op, divisor = self.graph.op, np.int64(divisor)
        negative = op("Equal", op("Less", x, np.int64(0)), np.bool_(True))
        remainder = op("Cast", op("Mod", x, divisor, fmod=0), to=TensorProto.BOOL)
        correction = op("Cast", op("And", negative, remainder), to=TensorProto.INT64)
        return op("Sub", op("Div", x, divisor), correction)

    def histogram_ends(self, ids):
        """torch.histc on floats, then the running sum: where each expert's range ends."""
        op, experts = self.graph.op, self.config.experts
        values = op("Reshape", op("Cast", ids, to=TensorProto.FLOAT), i64(-1), allowzero=1)
        bins = op("Cast", op("Div", values, np.float32((experts - 1) / experts)), to=TensorProto.INT64)
        bins = op("Clip", bins, np.int64(0), np.int64(experts - 1))
        ones = op("Expand", np.float32(1), op("Shape", bins, start=0))
        counts = op("ScatterElements", np.zeros(experts, np.float32), bins, ones, axis=0, reduction="add")
        ends = op("CumSum", op("Cast", counts, to=TensorProto.INT32), np.int64(0), exclusive=0, reverse=0)
        return op("Cast", ends, to=TensorProto.INT64)

    # The whole.

    def build(self):
        graph, c = self.graph, self.config
        self.sizes()
        x = graph.op("Gather", graph.constant(self.w("embed"), "model.embed_tokens.weight"), "input_ids", axis=0)
        self.mask()
        self.rotary()
        scope = "model.layers.{}.{}"
        y = self.norm(x, self.w("input_norm", 0), scope.format(0, "input_layernorm.weight"))
        for layer in range(c.layers):
            graph.scope = scope.format(layer, "self_attn")
            y = self.attention(y, layer)
            graph.scope = ""
            y, x = self.add_and_norm(y, x, self.w("post_norm", layer), scope.format(layer, "post_attention_layernorm.weight"))
            graph.scope = scope.format(layer, "mlp")
            y = self.mixture(y, layer)
            graph.scope = ""
            following = (self.w("norm"), "model.norm.weight") if layer + 1 == c.layers else (
                self.w("input_norm", layer + 1), scope.format(layer + 1, "input_layernorm.weight"))
            y, x = self.add_and_norm(y, x, *following)
        graph.op("MatMul", y, self.w("lm_head"), outputs=["logits"])
        return self.model()

    def model(self):
        """Dimensions as the exporter names them: a symbol for each cache, fixed sizes as text."""
        c, info = self.config, helper.make_tensor_value_info
        inputs = [info("input_ids", TensorProto.INT64, ["s54", "s70"]), info("attention_mask", TensorProto.INT64, ["s43", "s53"])]
        outputs = [info("logits", TensorProto.FLOAT, ["s54", "s70", c.vocab])]
        for layer in range(c.layers):
            for what in ("keys", "values"):
                past = f"s{80 + 2 * layer + (what == 'values')}"
                inputs.append(info(cache_name("input", layer, what), TensorProto.FLOAT, ["s54", str(c.kv_heads), past, str(c.head_dim)]))
                outputs.append(info(cache_name("output", layer, what), TensorProto.FLOAT, ["s54", c.kv_heads, f"s70 + {past}", c.head_dim]))
        graph = helper.make_graph(self.graph.nodes, "main_graph", inputs, outputs, self.graph.initializers)
        opsets = [helper.make_opsetid("", 20)] + ([helper.make_opsetid("com.microsoft", 1)] if self.fused else [])
        return helper.make_model(graph, opset_imports=opsets, ir_version=10, producer_name="moec test/models")
