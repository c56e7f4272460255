"""Values and derivatives of activations, written to activations.json. Needs PyTorch: python3 activations.py"""
import json
import math
from pathlib import Path

import torch
import torch.nn.functional as F

# Kinks (0, the bounds 1, 3 and 6, lambda = 0.5, threshold = 20) are among the points.
points = [-60.5, -6, -3.5, -3, -1.5, -1, -0.75, -0.5, -0.25, -(2.0**-10), 0, 2.0**-10, 0.25, 0.5, 0.75, 1, 1.5, 3, 3.5, 6, 8.25, 20, 20.5]

functions = {
    "relu": F.relu,
    "relu6": F.relu6,
    "leakyRelu": F.leaky_relu,
    "leakyRelu slope": lambda x: F.leaky_relu(x, 0.25),
    "elu": F.elu,
    "elu alpha": lambda x: F.elu(x, 0.5),
    "selu": F.selu,
    "celu": F.celu,
    "celu alpha": lambda x: F.celu(x, 0.5),
    "gelu": F.gelu,
    "gelu tanh": lambda x: F.gelu(x, approximate="tanh"),
    "silu": F.silu,
    "softplus": F.softplus,
    "softplus beta": lambda x: F.softplus(x, beta=2, threshold=10),
    "logSigmoid": F.logsigmoid,
    "mish": F.mish,
    "hardTanh": F.hardtanh,
    "hardTanh bounds": lambda x: F.hardtanh(x, -0.5, 3),
    "hardSigmoid": F.hardsigmoid,
    "hardSwish": F.hardswish,
    "softsign": F.softsign,
    "tanhshrink": F.tanhshrink,
    "hardshrink": F.hardshrink,
    "softshrink": F.softshrink,
    "threshold": lambda x: F.threshold(x, 0.5, 7),
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
}


def number(value):
    return value if math.isfinite(value) else "nan" if math.isnan(value) else "inf" if value > 0 else "-inf"


def row(f):
    x = torch.tensor(points, dtype=torch.float64, requires_grad=True)
    y = f(x)
    y.sum().backward()
    # PyTorch 1.13 rounds the slope of hardsigmoid to float32.
    slopes = [1 / 6 if abs(v - 1 / 6) < 1e-8 else v for v in x.grad.tolist()]
    return {"y": [number(v) for v in y.tolist()], "dy": [number(v) for v in slopes]}


result = {"x": points, **{name: row(f) for name, f in functions.items()}}
Path(__file__).with_suffix(".json").write_text(
    "{\n" + ",\n".join(f'"{name}": {json.dumps(values)}' for name, values in result.items()) + "\n}\n"
)
