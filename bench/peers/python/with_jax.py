"""The workloads in JAX: one `jit` per step, the state donated, waited for; float32. Adam is written out."""

import functools

import jax
import jax.numpy as np
import numpy
from jax import lax, nn

version = jax.__version__


def cross_entropy(logits, y):
    chosen = np.take_along_axis(nn.log_softmax(logits), y[..., None], -1)
    return -chosen.mean()


def textbook(w, x, y, c):
    penalty = c["decay"] / 2 * (np.square(w["W1"]).sum() + np.square(w["W2"]).sum())
    return cross_entropy(nn.relu(x @ w["W1"].T) @ w["W2"].T, y) + penalty


def deep(w, x, y, c):
    for k in range(c["layers"]):
        x = (x if k == 0 else nn.relu(x)) @ w[f"W{k}"].T + w[f"b{k}"]
    return cross_entropy(x, y)


def lenet(w, x, y, c):
    def layer(node, k, pad):
        z = lax.conv(node, w[f"K{k}"], (1, 1), [(pad, pad)] * 2) + w[f"k{k}"][:, None, None]
        n, channels, height, width = z.shape
        return nn.relu(z).reshape(n, channels, height // 2, 2, width // 2, 2).mean((3, 5))

    x = layer(layer(x, 1, 2), 2, 0).reshape(x.shape[0], -1)
    x = nn.relu(x @ w["W1"].T + w["b1"])
    x = nn.relu(x @ w["W2"].T + w["b2"])
    return cross_entropy(x @ w["W3"].T + w["b3"], y)


def gpt(w, x, y, c):
    batch, context, heads, width = c["batch"], c["context"], c["heads"], c["width"]

    def norm(node, name):
        centered = node - node.mean(-1, keepdims=True)
        scale = lax.rsqrt(np.square(centered).mean(-1, keepdims=True) + 1e-5)
        return centered * scale * w[f"g{name}"] + w[f"b{name}"]

    def dense(node, name):
        return node @ w[f"W{name}"].T + w[f"b{name}"]

    stream = w["token"][x] + w["position"]
    for k in range(c["layers"]):
        joint = np.split(dense(norm(stream, f"first{k}"), f"qkv{k}"), 3, -1)
        q, keys, v = (part.reshape(batch, context, heads, width // heads) for part in joint)
        seen = nn.dot_product_attention(q, keys, v, is_causal=True)
        stream = stream + dense(seen.reshape(batch, context, width), f"out{k}")
        inner = nn.gelu(dense(norm(stream, f"second{k}"), f"up{k}"), approximate=True)
        stream = stream + dense(inner, f"down{k}")
    return cross_entropy(norm(stream, "last") @ w["head"].T, y)


def curved(t, x, y, c):
    d, h, q = c["d"], c["h"], c["q"]
    w1, w2 = t[: h * d].reshape(h, d), t[h * d :].reshape(q, h)
    return cross_entropy(nn.relu(x @ w1.T) @ w2.T, y) + c["decay"] / 2 * np.square(t).sum()


def trained(objective, c):
    """A step: (weights, first moments, second moments, count, x, y) to the loss and the next four."""

    @functools.partial(jax.jit, donate_argnums=(0, 1, 2, 3))
    def step(w, m, v, count, x, y):
        loss, slopes = jax.value_and_grad(objective)(w, x, y, c)
        if c["optimizer"] == "sgd":
            return loss, jax.tree.map(lambda p, g: p - c["rate"] * g, w, slopes), m, v, count
        count = count + 1
        m = jax.tree.map(lambda old, g: 0.9 * old + 0.1 * g, m, slopes)
        v = jax.tree.map(lambda old, g: 0.999 * old + 0.001 * g * g, v, slopes)
        keep = 1 - c["rate"] * c["decay"] if c["optimizer"] == "adamW" else 1

        def moved(p, mean, square):
            scale = np.sqrt(square / (1 - 0.999**count)) + 1e-8
            return keep * p - c["rate"] * mean / (1 - 0.9**count) / scale

        return loss, jax.tree.map(moved, w, m, v), m, v, count

    return step


def load(framework, workload, arrays, feeds, threads):
    model, c = workload["model"], workload["constants"]
    weights = {name: np.array(array) for name, array in arrays.items()}
    last = [None]
    objectives = {"textbook": textbook, "deep": deep, "lenet": lenet, "gpt": gpt}
    if model in objectives:
        advance = trained(objectives[model], c)
        zeros = {} if c["optimizer"] == "sgd" else {name: np.zeros_like(w) for name, w in weights.items()}
        state = [(weights, zeros, jax.tree.map(np.zeros_like, zeros), np.float32(0))]

        def step():
            loss, *state[0] = advance(*state[0], feeds["x"], feeds["y"])
            jax.block_until_ready(state[0])
            last[0] = numpy.array([float(loss)])

        return step, lambda: last[0]
    if model == "product":
        run, given = jax.jit(lambda w: w["A"] @ w["B"]), []
    elif model == "map":
        run = jax.jit(lambda w: nn.gelu(w["x"] * w["a"] + w["b"], approximate=True) + w["c"])
        given = []
    elif model == "hvp":
        slope = jax.grad(curved)
        run = jax.jit(lambda w, v, x, y: jax.jvp(lambda t: slope(t, x, y, c), (w["t"],), (v,))[1])
        given = ["v", "x", "y"]
    elif model == "hessian":
        run = jax.jit(lambda w, x, y: jax.hessian(curved)(w["t"], x, y, c))
        given = ["x", "y"]
    else:
        raise NotImplementedError("not written down for it")

    def step():
        last[0] = jax.block_until_ready(run(weights, *(feeds[name] for name in given)))

    return step, lambda: numpy.asarray(last[0])
