"""One small MoE decoder: its sizes, its weights, and what it computes, in float64.

Grouped-query attention with rotary positions and a KV cache, RMS norms, and in each layer a mixture of SwiGLU experts with
softmax routing, top-k and renormalised weights (the Mixtral architecture).
"""
import dataclasses

import numpy as np


@dataclasses.dataclass(frozen=True)
class Config:
    layers: int = 2
    hidden: int = 32
    heads: int = 4
    kv_heads: int = 2
    head_dim: int = 8
    experts: int = 6
    top_k: int = 2
    inter: int = 24
    vocab: int = 96
    epsilon: float = 1e-5
    rope_theta: float = 10000.0

    def inverse_frequencies(self):
        return (1.0 / self.rope_theta ** (np.arange(0, self.head_dim, 2) / self.head_dim)).astype(np.float32)


def make_weights(config, seed):
    """Float32 arrays by name; linear weights are [in, out], banks of experts [E, out, in]."""
    rng = np.random.default_rng(seed)
    h, d, e, i = config.hidden, config.head_dim, config.experts, config.inter

    def normal(*shape, fan_in):
        return (rng.standard_normal(shape) / np.sqrt(fan_in)).astype(np.float32)

    def norm():  # ones would all be merged into one initializer, and hide a wrong norm
        return rng.uniform(0.5, 1.5, h).astype(np.float32)

    weights = {"embed": normal(config.vocab, h, fan_in=1), "norm": norm(), "lm_head": normal(h, config.vocab, fan_in=h)}
    for layer in range(config.layers):
        weights |= {f"{layer}.{name}": value for name, value in {
            "input_norm": norm(), "q": normal(h, config.heads * d, fan_in=h), "k": normal(h, config.kv_heads * d, fan_in=h),
            "v": normal(h, config.kv_heads * d, fan_in=h), "o": normal(config.heads * d, h, fan_in=config.heads * d),
            "post_norm": norm(), "router": 2 * normal(e, h, fan_in=h),  # [E, H]: the exporter writes Gemm with transB
            "gate": normal(e, i, h, fan_in=h), "up": normal(e, i, h, fan_in=h), "down": normal(e, h, i, fan_in=i)}.items()}
    return weights


def rms_norm(x, scale, epsilon):
    return x / np.sqrt(np.mean(x * x, axis=-1, keepdims=True) + epsilon) * scale


def rotate(x, positions, config):
    """x: [B, heads, S, D]; halves are rotated against each other."""
    angles = positions[:, None] * config.inverse_frequencies().astype(np.float64)
    cos, sin = np.cos(angles), np.sin(angles)
    first, second = np.split(x, 2, axis=-1)
    return np.concatenate([first * cos - second * sin, second * cos + first * sin], axis=-1)


def softmax(x):
    x = np.exp(x - x.max(axis=-1, keepdims=True))
    return x / x.sum(axis=-1, keepdims=True)


def attention(x, mask, past_key, past_value, w, config):
    """x: [B, S, H]; mask: [B, P + S] of 0 and 1. Returns output, keys and values with the new ones appended."""
    batch, new, _ = x.shape
    past = past_key.shape[2]
    positions = past + np.arange(new)

    def heads(y, count):
        return y.reshape(batch, new, count, config.head_dim).transpose(0, 2, 1, 3)

    query = rotate(heads(x @ w("q"), config.heads), positions, config)
    key = np.concatenate([past_key, rotate(heads(x @ w("k"), config.kv_heads), positions, config)], axis=2)
    value = np.concatenate([past_value, heads(x @ w("v"), config.kv_heads)], axis=2)
    group = config.heads // config.kv_heads
    scores = query @ np.repeat(key, group, axis=1).swapaxes(2, 3) / np.sqrt(config.head_dim)
    visible = (np.arange(past + new) <= positions[:, None])[None, None] & (mask[:, None, None, :] != 0)
    probabilities = softmax(np.where(visible, scores, -1e30))
    probabilities = np.where(visible.any(axis=-1, keepdims=True), probabilities, 0.0)  # a query that sees nothing
    out = (probabilities @ np.repeat(value, group, axis=1)).transpose(0, 2, 1, 3).reshape(batch, new, -1)
    return out @ w("o"), key, value


def mixture(x, w, config):
    """x: [N, H]. Returns the output and the smallest distance of any token from another choice of experts."""
    scores = softmax(x @ w("router").T)
    order = np.argsort(-scores, axis=-1, kind="stable")
    ranked = np.take_along_axis(scores, order, axis=-1)
    chosen, weights = order[:, :config.top_k], ranked[:, :config.top_k]
    weights = weights / weights.sum(axis=-1, keepdims=True)
    out = np.zeros_like(x)
    for token, (experts, shares) in enumerate(zip(chosen, weights)):
        for expert, share in zip(experts, shares):
            gate, up = w("gate")[expert] @ x[token], w("up")[expert] @ x[token]
            out[token] += share * (w("down")[expert] @ (gate / (1 + np.exp(-gate)) * up))
    return out, (ranked[:, config.top_k - 1] - ranked[:, config.top_k]).min()


def run(weights, config, input_ids, attention_mask, caches):
    """caches: keys and values of each layer in turn, [B, kv_heads, P, D]. Returns logits, new caches, routing margin."""
    exact = {name: value.astype(np.float64) for name, value in weights.items()}
    x = exact["embed"][input_ids]
    new_caches, margin = [], np.inf
    for layer in range(config.layers):
        def w(name):
            return exact[f"{layer}.{name}"]
        attended, key, value = attention(rms_norm(x, w("input_norm"), config.epsilon), attention_mask,
                                         caches[2 * layer].astype(np.float64), caches[2 * layer + 1].astype(np.float64), w, config)
        x = x + attended
        mixed, layer_margin = mixture(rms_norm(x, w("post_norm"), config.epsilon).reshape(-1, config.hidden), w, config)
        x = x + mixed.reshape(x.shape)
        new_caches += [key, value]
        margin = min(margin, layer_margin)
    return rms_norm(x, exact["norm"], config.epsilon) @ exact["lm_head"], new_caches, margin
