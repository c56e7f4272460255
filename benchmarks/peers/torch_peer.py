"""The benchmark's cases in PyTorch: prints one JSON line per case. Usage: torch_peer.py THREADS CASE..."""

import json
import math
import os
import sys
import time

import torch
import torch.nn as nn
import torch.nn.functional as F

threads = int(sys.argv[1])
torch.set_num_threads(threads)
torch.manual_seed(1)


# How to sample, as ../src/measure.ts decides; thorough when this is run by hand.
sampling = {"warmMs": 500, "warmRuns": 2, "samples": 11, "sampleMs": 50, "leastSamples": 3, "budgetMs": 6000}
sampling.update(json.loads(os.environ.get("SAMPLING", "{}")))


def measure(run):
    warmed, runs = time.perf_counter(), 0
    while runs < sampling["warmRuns"] or (time.perf_counter() - warmed) * 1000 < sampling["warmMs"]:
        run()
        runs += 1
    once = (time.perf_counter() - warmed) / runs * 1000
    per_sample = max(1, round(sampling["sampleMs"] / once))
    began, times = time.perf_counter(), []
    elapsed = lambda: (time.perf_counter() - began) * 1000
    while len(times) < sampling["samples"] and (len(times) < sampling["leastSamples"] or elapsed() < sampling["budgetMs"]):
        start = time.perf_counter()
        for _ in range(per_sample):
            run()
        times.append((time.perf_counter() - start) / per_sample * 1000)
    times.sort()
    return times[len(times) // 2], len(times)


def matmul(n):
    a, b = torch.randn(n, n), torch.randn(n, n)
    return lambda: a @ b


def conv(backward):
    x = torch.randn(64, 64, 32, 32, requires_grad=backward)
    w = torch.randn(64, 64, 3, 3, requires_grad=backward)
    g = torch.randn(64, 64, 32, 32)
    if not backward:
        return lambda: F.conv2d(x, w, padding=1)
    return lambda: torch.autograd.grad(F.conv2d(x, w, padding=1), [x, w], g)


def gelu_chain():
    """Op by op, as eager code writes it."""
    x = torch.randn(10_000_000)
    return lambda: 0.5 * x * (1 + torch.tanh(0.7978845608028654 * (x + 0.044715 * x * x * x)))


def training(model, optimizer, x, y, loss=F.cross_entropy):
    def step():
        optimizer.zero_grad(set_to_none=True)
        value = loss(model(x), y)
        value.backward()
        optimizer.step()
        return value.item()

    return step


def mlp():
    model = nn.Sequential(nn.Linear(784, 512), nn.ReLU(), nn.Linear(512, 512), nn.ReLU(), nn.Linear(512, 10))
    return training(model, torch.optim.Adam(model.parameters()), torch.randn(128, 784), torch.randint(10, (128,)))


def lenet():
    model = nn.Sequential(
        nn.Conv2d(1, 32, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(32, 64, 3), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(1600, 128), nn.ReLU(), nn.Dropout(0.5), nn.Linear(128, 10),
    )
    return training(model, torch.optim.Adam(model.parameters()), torch.randn(128, 1, 28, 28), torch.randint(10, (128,)))


class Block(nn.Module):
    def __init__(self, cin, cout, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(cin, cout, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(cout)
        self.conv2 = nn.Conv2d(cout, cout, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(cout)
        self.short = nn.Sequential(nn.Conv2d(cin, cout, 1, stride, bias=False), nn.BatchNorm2d(cout)) if cin != cout else nn.Identity()

    def forward(self, x):
        y = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
        return F.relu(y + self.short(x))


def resnet20():
    layers, cin = [nn.Conv2d(3, 16, 3, 1, 1, bias=False), nn.BatchNorm2d(16), nn.ReLU()], 16
    for cout in (16, 32, 64):
        for i in range(3):
            layers.append(Block(cin, cout, 2 if i == 0 and cout > 16 else 1))
            cin = cout
    model = nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, 10))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    return training(model, optimizer, torch.randn(128, 3, 32, 32), torch.randint(10, (128,)))


class GPT(nn.Module):
    def __init__(self, layers=4, width=128, heads=4, context=64, vocabulary=65):
        super().__init__()
        self.heads = heads
        self.tokens, self.places = nn.Embedding(vocabulary, width), nn.Parameter(torch.zeros(context, width))
        self.blocks = nn.ModuleList(
            nn.ModuleDict({
                "norm1": nn.LayerNorm(width), "qkv": nn.Linear(width, 3 * width), "out": nn.Linear(width, width),
                "norm2": nn.LayerNorm(width), "up": nn.Linear(width, 4 * width), "down": nn.Linear(4 * width, width),
            })
            for _ in range(layers)
        )
        self.last, self.head = nn.LayerNorm(width), nn.Linear(width, vocabulary)
        self.register_buffer("mask", torch.ones(context, context).triu(1).bool())

    def forward(self, x):
        b, t = x.shape
        h = self.tokens(x) + self.places
        for block in self.blocks:
            q, k, v = (z.view(b, t, self.heads, -1).transpose(1, 2) for z in block["qkv"](block["norm1"](h)).chunk(3, -1))
            scores = (q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])).masked_fill(self.mask, -math.inf)
            h = h + block["out"]((scores.softmax(-1) @ v).transpose(1, 2).reshape(b, t, -1))
            h = h + block["down"](F.gelu(block["up"](block["norm2"](h)), approximate="tanh"))
        return self.head(self.last(h))


def gpt():
    model = GPT()
    loss = lambda logits, y: F.cross_entropy(logits.view(-1, 65), y.view(-1))
    return training(model, torch.optim.AdamW(model.parameters()), torch.randint(65, (32, 64)), torch.randint(65, (32, 64)), loss)


def rows(fn):
    x = torch.randn(4096, 1024)
    return lambda: fn(x)


def tiny():
    a, b = torch.randn(4), torch.randn(4)
    return lambda: a + b


def total():
    x = torch.randn(10_000_000)
    return lambda: x.sum().item()


cases = {
    "matmul_256": lambda: matmul(256),
    "matmul_512": lambda: matmul(512),
    "matmul_1024": lambda: matmul(1024),
    "conv2d_fwd": lambda: conv(False),
    "conv2d_fwdbwd": lambda: conv(True),
    "gelu_chain_1e7": gelu_chain,
    "softmax_4096x1024": lambda: rows(lambda x: torch.softmax(x, -1)),
    "layernorm_4096x1024": lambda: rows(lambda x: F.layer_norm(x, (1024,), torch.ones(1024), torch.zeros(1024))),
    "sum_1e7": total,
    "dispatch_tiny_add": tiny,
    "train_mlp": mlp,
    "train_lenet": lenet,
    "train_resnet20": resnet20,
    "train_gpt": gpt,
}

for name in sys.argv[2:]:
    if name not in cases:
        continue
    ms, repeats = measure(cases[name]())
    print(json.dumps({"case": name, "ms": ms, "repeats": repeats, "version": f"torch {torch.__version__}"}), flush=True)
