"""Writes layers.json: what PyTorch's layers give, with their gradients. Run with PyTorch 1.13 or newer.

Everything is stored in Gradloom's layout: channels last, weights [in, out], filters [...window, in, out].
"""

import json
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import nn

torch.set_default_dtype(torch.float64)
cases = {}


def numbers(*shape, seed=1):
    """Numbers in [-2, 2) that the tests make anew instead of reading them."""
    count = torch.Size(shape).numel()
    t = torch.tensor([((k * k * 37 + k * 7919) % 2003) / 500.75 - 2 for k in range(seed * 613, seed * 613 + count)]).reshape(shape)
    t.seed = seed
    return t


def values(t):
    if hasattr(t, "seed"):
        return {"shape": list(t.shape), "seed": t.seed}
    t = t.detach()
    flat = t.reshape(-1).tolist()
    if t.dtype.is_floating_point:
        flat = [float(f"{v:.10g}") for v in flat]
    return {"shape": list(t.shape), "data": flat, **({} if t.dtype.is_floating_point else {"integer": True})}


def last(t):
    """Channels last."""
    return t.movedim(1, -1) if t.dim() > 2 else t


def first(t):
    """Channels first."""
    return t.movedim(-1, 1) if t.dim() > 2 else t


def same(t):
    return t


def filt(w):
    """[out, in, ...window] as [...window, in, out]; transposed convolutions' [in, out, ...window] alike."""
    return w.permute(*range(2, w.dim()), 1, 0)


def transposed(w):
    return w.t()


def depthwise(w):
    """[channels * multiplier, 1, h, w] as [h, w, channels, multiplier]; the multiplier is set by the caller."""
    return w


def record(name, fn, inputs, parameters=None, buffers=None, evaluate=None):
    """fn maps inputs in Gradloom's layout to the output in Gradloom's layout.

    parameters: name -> (torch parameter, to Gradloom's layout); buffers: name -> (function giving the tensor).
    """
    parameters = parameters or {}
    buffers = buffers or {}
    before = {n: values(read()) for n, read in buffers.items()}
    xs = [x.clone().requires_grad_(x.dtype.is_floating_point) for x in inputs]
    out = fn(*xs)
    cotangent = numbers(*out.shape, seed=99)
    wanted = [x for x in xs if x.requires_grad] + [p for p, _ in parameters.values()]
    grads = torch.autograd.grad(out, wanted, cotangent, allow_unused=True)
    grads = [torch.zeros_like(w) if g is None else g for w, g in zip(wanted, grads)]
    case = {"inputs": [values(x) for x in inputs]}
    case["state"] = {n: values(layout(p)) for n, (p, layout) in parameters.items()}
    case["state"].update(before)
    case["output"] = values(out)
    case["inputGradients"] = [values(grads.pop(0)) if x.requires_grad else None for x in xs]
    case["gradients"] = {n: values(layout(g)) for (n, (_, layout)), g in zip(parameters.items(), grads)}
    case["buffers"] = {n: values(read()) for n, read in buffers.items()}
    if evaluate is not None:
        with torch.no_grad():
            case["evaluated"] = values(evaluate(*inputs))
    cases[name] = case


def torch_layer(module, seed=3):
    with torch.no_grad():
        for k, p in enumerate(module.parameters()):
            p.copy_(numbers(*p.shape, seed=seed + k) * 0.4 + (1 if "Norm" in type(module).__name__ else 0))
    return module


def simple(name, module, x, layout=same, bias_layout=same, **more):
    """A channels-first layer with weight and bias."""
    module = torch_layer(module)
    parameters = {}
    if getattr(module, "weight", None) is not None:
        parameters["weight"] = (module.weight, layout)
    if getattr(module, "bias", None) is not None:
        parameters["bias"] = (module.bias, bias_layout)
    record(name, lambda x: last(module(first(x))), [x], parameters, **more)
    return module


# Linear layers
m = torch_layer(nn.Linear(5, 4))
record("Linear", m, [numbers(2, 3, 5)], {"weight": (m.weight, transposed), "bias": (m.bias, same)})
m = torch_layer(nn.Bilinear(3, 4, 2))
record("Bilinear", m, [numbers(2, 5, 3), numbers(2, 5, 4, seed=2)], {"weight": (m.weight, lambda w: w.permute(1, 2, 0)), "bias": (m.bias, same)})
m = nn.Embedding(6, 3, padding_idx=2)
with torch.no_grad():
    m.weight.copy_(numbers(6, 3, seed=4))
record("Embedding", m, [torch.tensor([[0, 2, 5], [2, 1, 0]])], {"weight": (m.weight, same)})

# Convolutions
simple("Conv1d", nn.Conv1d(3, 4, 3, stride=2, padding=1), numbers(2, 7, 3), filt)
simple("Conv2d", nn.Conv2d(4, 6, (3, 2), stride=(2, 1), padding=(1, 2), dilation=(1, 2), groups=2), numbers(2, 5, 6, 4), filt)
simple("Conv2d reflect", nn.Conv2d(2, 3, 3, padding=(1, 2), padding_mode="reflect", bias=False), numbers(1, 4, 5, 2), filt)
simple("Conv3d", nn.Conv3d(2, 3, 2, stride=2), numbers(1, 4, 5, 4, 2), filt)
simple("ConvTranspose1d", nn.ConvTranspose1d(3, 4, 3, stride=2, padding=1, output_padding=1), numbers(2, 4, 3), filt)
simple("ConvTranspose2d", nn.ConvTranspose2d(4, 6, (3, 2), stride=(2, 3), padding=(1, 0), dilation=(1, 2), groups=2), numbers(2, 3, 4, 4), filt)
simple("ConvTranspose3d", nn.ConvTranspose3d(2, 3, 2, stride=2), numbers(1, 2, 3, 2, 2), filt)


def multiplied(channels):
    return lambda w: w.reshape(channels, -1, *w.shape[2:]).permute(2, 3, 0, 1)


simple("DepthwiseConv2d", nn.Conv2d(3, 6, 3, padding=1, groups=3), numbers(2, 4, 5, 3), multiplied(3))
d = torch_layer(nn.Conv2d(3, 6, 3, padding=1, groups=3, bias=False))
p = torch_layer(nn.Conv2d(6, 4, 1), seed=5)
record(
    "SeparableConv2d",
    lambda x: last(p(d(first(x)))),
    [numbers(2, 4, 5, 3)],
    {"depthwise": (d.weight, multiplied(3)), "pointwise": (p.weight, filt), "bias": (p.bias, same)},
)

# Activations and other functions of one tensor
x = torch.cat([numbers(3, 5) * 2, torch.tensor([[-30.0, -6.5, 0.25, 7.5, 30.0]])])


def function(name, fn, x=x):
    record(name, fn, [x])


for name, fn in {
    "ReLU": F.relu,
    "ReLU6": F.relu6,
    "LeakyReLU": lambda x: F.leaky_relu(x, 0.2),
    "ELU": lambda x: F.elu(x, 1.5),
    "SELU": F.selu,
    "CELU": lambda x: F.celu(x, 0.5),
    "GELU": F.gelu,
    "GELU tanh": lambda x: F.gelu(x, approximate="tanh"),
    "SiLU": F.silu,
    "Mish": F.mish,
    "Sigmoid": torch.sigmoid,
    "LogSigmoid": F.logsigmoid,
    "HardSigmoid": lambda x: F.relu6(x + 3) / 6,  # F.hardsigmoid has a float32 constant in its gradient
    "HardSwish": F.hardswish,
    "Tanh": torch.tanh,
    "HardTanh": lambda x: F.hardtanh(x, -2, 0.5),
    "Tanhshrink": F.tanhshrink,
    "Hardshrink": F.hardshrink,
    "Softshrink": F.softshrink,
    "Softplus": lambda x: F.softplus(x, 2, 10),
    "Softsign": F.softsign,
    "Threshold": lambda x: F.threshold(x, 0.1, 20),
    "Softmax": lambda x: F.softmax(x, 0),
    "LogSoftmax": lambda x: F.log_softmax(x, -1),
    "Softmin": lambda x: F.softmin(x, -1),
    "Identity": lambda x: x,
    "Lambda": lambda x: x * x,
}.items():
    function(name, fn)
even = numbers(3, 6, seed=6)
function("GLU", lambda x: F.glu(x, -1), even)
function("SwiGLU", lambda x: x[..., :3] * F.silu(x[..., 3:]), even)
function("GEGLU", lambda x: x[..., :3] * F.gelu(x[..., 3:]), even)
function("Maxout", lambda x: x.reshape(3, 3, 2).amax(-1), even)
m = nn.PReLU(5)
with torch.no_grad():
    m.weight.copy_(numbers(5, seed=7))
record("PReLU", m, [x], {"weight": (m.weight, same)})
record("RReLU", lambda x: F.rrelu(x, 0.1, 0.3, training=False), [x], evaluate=lambda x: F.rrelu(x, 0.1, 0.3))

# Pools
x1, x2, x3 = numbers(2, 9, 3), numbers(2, 5, 6, 3), numbers(1, 4, 5, 4, 2)


def pool(name, module, x):
    record(name, lambda x: last(module(first(x))), [x])


pool("MaxPool1d", nn.MaxPool1d(3, stride=2, padding=1), x1)
pool("MaxPool2d", nn.MaxPool2d((2, 3), stride=(2, 1), padding=(1, 1), ceil_mode=True), x2)
pool("MaxPool3d", nn.MaxPool3d(2), x3)
pool("AveragePool1d", nn.AvgPool1d(3, stride=2, padding=1, count_include_pad=False), x1)
pool("AveragePool2d", nn.AvgPool2d((2, 3), stride=2, padding=(1, 1)), x2)
pool("AveragePool3d", nn.AvgPool3d(2), x3)
pool("LpPool1d", nn.LPPool1d(2, 3), x1)
pool("LpPool2d", nn.LPPool2d(3, 2, stride=1), x2.abs())
pool("LpPool3d", lambda x: (F.avg_pool3d(x**2, 2) * 8) ** 0.5, x3)
pool("AdaptiveAveragePool1d", nn.AdaptiveAvgPool1d(4), x1)
pool("AdaptiveAveragePool2d", nn.AdaptiveAvgPool2d((2, 4)), x2)
pool("AdaptiveAveragePool3d", nn.AdaptiveAvgPool3d(2), x3)
pool("AdaptiveMaxPool1d", nn.AdaptiveMaxPool1d(4), x1)
pool("AdaptiveMaxPool2d", nn.AdaptiveMaxPool2d((2, 4)), x2)
pool("AdaptiveMaxPool3d", nn.AdaptiveMaxPool3d(2), x3)
function("GlobalAveragePool", lambda x: x.mean((1, 2)), x2)
function("GlobalMaxPool", lambda x: x.amax((1, 2)), x2)

# Shapes
function("Flatten", lambda x: x.flatten(1), x2)
function("Reshape", lambda x: x.reshape(2, 6, 15), x2)
function("Permute", lambda x: x.permute(0, 3, 1, 2), x2)
function("Pad", lambda x: F.pad(x, (0, 0, 1, 2, 2, 0)), x2)
pool("Upsample", nn.Upsample(scale_factor=2, mode="bilinear"), x2)
pool("PixelShuffle", nn.PixelShuffle(2), numbers(1, 2, 3, 8))
pool("PixelUnshuffle", nn.PixelUnshuffle(2), numbers(1, 4, 6, 2))


# Normalisation
def norm(name, module, x):
    torch_layer(module)
    parameters, buffers = {}, {}
    if getattr(module, "weight", None) is not None:
        parameters = {"weight": (module.weight, same), "bias": (module.bias, same)}
    if getattr(module, "running_mean", None) is not None:
        with torch.no_grad():
            module.running_mean.copy_(numbers(*module.running_mean.shape, seed=8))
            module.running_var.copy_(numbers(*module.running_var.shape, seed=9) ** 2 + 0.5)
        buffers = {"runningMean": lambda: module.running_mean, "runningVar": lambda: module.running_var}
        if module.momentum is None:
            buffers["batchesTracked"] = lambda: module.num_batches_tracked.double()

    def evaluate(x):
        module.eval()
        return last(module(first(x)))

    record(name, lambda x: last(module(first(x))), [x], parameters, buffers, evaluate)


norm("BatchNorm", nn.BatchNorm2d(3), x2)
norm("BatchNorm 1d", nn.BatchNorm1d(3, eps=1e-3, momentum=0.3, affine=False), numbers(6, 3))
norm("BatchNorm 3d", nn.BatchNorm3d(2, momentum=None), x3)
norm("BatchNorm untracked", nn.BatchNorm2d(3, track_running_stats=False), x2)
norm("InstanceNorm", nn.InstanceNorm2d(3, affine=True, track_running_stats=True), x2)
norm("InstanceNorm plain", nn.InstanceNorm1d(3), x1)
norm("GroupNorm", nn.GroupNorm(2, 4), numbers(2, 3, 3, 4))
m = torch_layer(nn.LayerNorm([4, 3]))
record("LayerNorm", m, [numbers(2, 5, 4, 3)], {"weight": (m.weight, same), "bias": (m.bias, same)})
w = (numbers(6, seed=3) * 0.5 + 1).requires_grad_()
record("RMSNorm", lambda x: x * (x.square().mean(-1, keepdim=True) + 1e-6).rsqrt() * w, [numbers(2, 3, 6)], {"weight": (w, same)})
pool("LocalResponseNorm", nn.LocalResponseNorm(3, alpha=0.5, beta=0.6, k=2), numbers(2, 3, 3, 6))
pool("LocalResponseNorm even", nn.LocalResponseNorm(4, alpha=0.5), numbers(2, 3, 5))

# Weight and spectral normalisation
m = nn.utils.weight_norm(torch_layer(nn.Conv1d(3, 4, 2, bias=False)))
with torch.no_grad():
    m.weight_g.copy_(numbers(4, 1, 1, seed=10))
record(
    "weightNorm",
    lambda x: last(m(first(x))),
    [numbers(2, 5, 3)],
    {"weight.magnitude": (m.weight_g, filt), "weight.direction": (m.weight_v, filt)},
)
s = nn.utils.parametrizations.spectral_norm(torch_layer(nn.Linear(5, 3, bias=False)), n_power_iterations=2)
q = s.parametrizations.weight[0]
with torch.no_grad():
    q._u.copy_(F.normalize(numbers(3, seed=11), dim=0))
    q._v.copy_(F.normalize(numbers(5, seed=12), dim=0))


def spectral_eval(x):
    s.eval()
    return s(x)


record(
    "spectralNorm",
    s,
    [numbers(2, 5)],
    {"weight.original": (s.parametrizations.weight.original, transposed)},
    {"weight.u": lambda: q._u, "weight.v": lambda: q._v},
    spectral_eval,
)

# Containers
a, b = torch_layer(nn.Linear(4, 4)), torch_layer(nn.Linear(4, 4), seed=5)
both = {
    "weight": (a.weight, transposed),
    "bias": (a.bias, same),
}


def named(prefix, layer):
    return {f"{prefix}.weight": (layer.weight, transposed), f"{prefix}.bias": (layer.bias, same)}


record("Sequential", lambda x: b(F.relu(a(x))), [numbers(3, 4)], {**named("0", a), **named("2", b)})
record("Residual", lambda x: a(x) + b(x), [numbers(3, 4)], {**named("body", a), **named("shortcut", b)})
record("Concat", lambda x: torch.cat([a(x), b(x)], -1), [numbers(3, 4)], {**named("branches.0", a), **named("branches.1", b)})

Path(__file__).with_name("layers.json").write_text(json.dumps(cases, separators=(",", ":")) + "\n")
