"""The workloads in PyTorch, eager or compiled (the whole of forward and loss), float32, its own optimizers."""

import math

import numpy
import torch
import torch.nn.functional as F

version = torch.__version__


def textbook(w, x, y, c):
    penalty = c["decay"] / 2 * (w["W1"].square().sum() + w["W2"].square().sum())
    return F.cross_entropy(F.relu(x @ w["W1"].T) @ w["W2"].T, y) + penalty


def deep(w, x, y, c):
    for k in range(c["layers"]):
        x = F.linear(x if k == 0 else F.relu(x), w[f"W{k}"], w[f"b{k}"])
    return F.cross_entropy(x, y)


def lenet(w, x, y, c):
    x = F.avg_pool2d(F.relu(F.conv2d(x, w["K1"], w["k1"], padding=2)), 2)
    x = F.avg_pool2d(F.relu(F.conv2d(x, w["K2"], w["k2"])), 2).flatten(1)
    x = F.relu(F.linear(x, w["W1"], w["b1"]))
    x = F.relu(F.linear(x, w["W2"], w["b2"]))
    return F.cross_entropy(F.linear(x, w["W3"], w["b3"]), y)


def gpt(w, x, y, c):
    batch, context, heads, width = c["batch"], c["context"], c["heads"], c["width"]

    def norm(node, name):
        return F.layer_norm(node, [width], w[f"g{name}"], w[f"b{name}"])

    def dense(node, name):
        return F.linear(node, w[f"W{name}"], w[f"b{name}"])

    stream = w["token"][x] + w["position"]
    for k in range(c["layers"]):
        joint = dense(norm(stream, f"first{k}"), f"qkv{k}").split(width, -1)
        q, keys, v = (part.view(batch, context, heads, width // heads).transpose(1, 2) for part in joint)
        seen = F.scaled_dot_product_attention(q, keys, v, is_causal=True)
        stream = stream + dense(seen.transpose(1, 2).reshape(batch, context, width), f"out{k}")
        stream = stream + dense(F.gelu(dense(norm(stream, f"second{k}"), f"up{k}"), approximate="tanh"), f"down{k}")
    logits = norm(stream, "last") @ w["head"].T
    return F.cross_entropy(logits.view(-1, c["vocabulary"]), y.view(-1))


def curved(t, x, y, c):
    d, h, q = c["d"], c["h"], c["q"]
    w1, w2 = t[: h * d].view(h, d), t[h * d :].view(q, h)
    return F.cross_entropy(F.relu(x @ w1.T) @ w2.T, y) + c["decay"] / 2 * t.square().sum()


def optimizer(parameters, c):
    if c["optimizer"] == "sgd":
        return torch.optim.SGD(parameters, lr=c["rate"])
    if c["optimizer"] == "adam":
        return torch.optim.Adam(parameters, lr=c["rate"])
    return torch.optim.AdamW(parameters, lr=c["rate"], weight_decay=c["decay"])


def given(array):
    tensor = torch.from_numpy(array)
    return tensor.long() if array.dtype == numpy.int32 else tensor


def load(framework, workload, arrays, feeds, threads):
    torch.set_num_threads(threads)
    model, c = workload["model"], workload["constants"]
    wrap = torch.compile if framework == "torch.compile" else lambda f: f
    last = [None]
    objectives = {"textbook": textbook, "deep": deep, "lenet": lenet, "gpt": gpt}
    if model in objectives:
        weights = {name: torch.tensor(array, requires_grad=True) for name, array in arrays.items()}
        descent = optimizer(list(weights.values()), c)
        objective = wrap(lambda w, x, y: objectives[model](w, x, y, c))

        def step():
            descent.zero_grad(set_to_none=True)
            loss = objective(weights, given(feeds["x"]), given(feeds["y"]))
            loss.backward()
            descent.step()
            last[0] = numpy.array([loss.item()])

        return step, lambda: last[0]
    weights = {name: torch.tensor(array) for name, array in arrays.items()}
    if model == "product":
        f = wrap(lambda: weights["A"] @ weights["B"])
    elif model == "map":
        a, b, shift = (weights[name] for name in "abc")
        f = wrap(lambda: F.gelu(weights["x"] * a + b, approximate="tanh") + shift)
    elif model == "hvp":
        slope = torch.func.grad(lambda t, x, y: curved(t, x, y, c))
        product = wrap(lambda t, v, x, y: torch.func.jvp(lambda at: slope(at, x, y), (t,), (v,))[1])

        def f():
            return product(weights["t"], given(feeds["v"]), given(feeds["x"]), given(feeds["y"]))

    elif model == "hessian":
        whole = wrap(torch.func.hessian(lambda t, x, y: curved(t, x, y, c)))

        def f():
            return whole(weights["t"], given(feeds["x"]), given(feeds["y"]))

    else:
        raise NotImplementedError("not written down for it")

    def step():
        with torch.no_grad():
            last[0] = f()

    return step, lambda: last[0].detach().numpy()
