"""Convolution, pooling and resizing in PyTorch, channels last, written to windows.json. Needs PyTorch: python3 windows.py"""
import json
from pathlib import Path

import torch
import torch.nn.functional as F

torch.manual_seed(1)
cases = {}


def make(*shape):
    """Multiples of 1/8, exact in every float type."""
    return torch.randint(-16, 17, shape).double() / 8


def last(x):
    """[n, c, ...] to [n, ..., c]"""
    return x.movedim(1, -1)


def first(x):
    """[n, ..., c] to [n, c, ...]"""
    return x.movedim(-1, 1)


def store(name, result, *inputs):
    values = lambda t: {"shape": list(t.shape), "data": [float(v) for v in t.flatten()]}
    cases[name] = {"inputs": [values(t) for t in inputs], "result": values(result)}


conv = {1: F.conv1d, 2: F.conv2d, 3: F.conv3d}
transposed = {1: F.conv_transpose1d, 2: F.conv_transpose2d, 3: F.conv_transpose3d}


def filter_first(f):
    """[...window, cin / groups, cout] to [cout, cin / groups, ...window]"""
    return f.movedim(-1, 0).movedim(-1, 1)


def transposed_first(f):
    """[...window, cout / groups, cin] to [cin, cout / groups, ...window]"""
    return f.movedim(-1, 0).movedim(-1, 1)


def convolution(name, x, f, **options):
    rank = x.dim() - 2
    store(name, last(conv[rank](first(x), filter_first(f), **options)), x, f)


def transposition(name, x, f, **options):
    rank = x.dim() - 2
    store(name, last(transposed[rank](first(x), transposed_first(f), **options)), x, f)


convolution("conv1d", make(2, 7, 3), make(3, 3, 2))
convolution("conv1d strided", make(2, 9, 2), make(3, 2, 2), stride=2, padding=1)
convolution("conv1d dilated", make(1, 9, 2), make(3, 2, 2), dilation=3, padding=3)
convolution("conv1d grouped", make(2, 6, 4), make(2, 2, 6), groups=2)
convolution("conv2d", make(2, 5, 6, 3), make(3, 2, 3, 4))
convolution("conv2d strided", make(1, 7, 8, 2), make(3, 3, 2, 3), stride=(2, 3), padding=(1, 0))
convolution("conv2d dilated", make(1, 7, 7, 2), make(2, 3, 2, 2), dilation=(3, 2), padding=2)
convolution("conv2d grouped", make(2, 4, 4, 6), make(3, 3, 2, 3), groups=3, padding=1)
convolution("conv2d depthwise", make(1, 5, 5, 3), make(3, 3, 1, 6), groups=3, padding=1, stride=2)
convolution("conv2d pointwise", make(2, 3, 3, 4), make(1, 1, 4, 2))
convolution("conv2d on all", make(2, 3, 4, 2), make(3, 4, 2, 3))
convolution("conv3d", make(1, 4, 5, 4, 2), make(2, 3, 2, 2, 2), stride=(1, 2, 1), padding=1, dilation=(2, 1, 1))

transposition("convTranspose1d", make(2, 4, 3), make(3, 2, 3), stride=2)
transposition("convTranspose1d padded", make(1, 5, 2), make(4, 2, 2), stride=3, padding=2, output_padding=1)
transposition("convTranspose2d", make(2, 3, 4, 2), make(3, 2, 3, 2), stride=2, padding=1, output_padding=1)
transposition("convTranspose2d dilated", make(1, 4, 3, 2), make(2, 3, 2, 2), dilation=2, padding=1)
transposition("convTranspose2d grouped", make(1, 3, 3, 4), make(2, 2, 3, 4), groups=2, stride=(2, 1))
transposition("convTranspose3d", make(1, 2, 3, 2, 2), make(2, 2, 2, 2, 2), stride=(2, 1, 2), padding=(1, 0, 0))

pools = {1: (F.max_pool1d, F.avg_pool1d, F.lp_pool1d), 2: (F.max_pool2d, F.avg_pool2d, F.lp_pool2d), 3: (F.max_pool3d, F.avg_pool3d, None)}


def pool(name, kind, x, *arguments, **options):
    store(name, last(pools[x.dim() - 2][kind](first(x), *arguments, **options)), x)


pool("maxPool1d", 0, make(2, 7, 2), 3, stride=2)
pool("maxPool2d", 0, make(2, 5, 6, 2), 2)
pool("maxPool2d padded", 0, make(1, 5, 5, 2), 3, stride=2, padding=1)
pool("maxPool2d ceil", 0, make(1, 6, 7, 1), 3, stride=2, padding=1, ceil_mode=True)
pool("maxPool2d ceil, no last window", 0, make(1, 5, 5, 1), 2, stride=4, padding=1, ceil_mode=True)
pool("maxPool2d dilated", 0, make(1, 7, 7, 2), (2, 3), stride=1, dilation=(3, 2))
pool("maxPool3d", 0, make(1, 4, 4, 5, 2), (2, 2, 3), stride=(2, 1, 2))
pool("averagePool1d", 1, make(2, 7, 2), 3, stride=2, padding=1)
pool("averagePool2d", 1, make(2, 4, 6, 2), 2)
pool("averagePool2d padded", 1, make(1, 5, 5, 2), 3, stride=2, padding=1)
pool("averagePool2d without padding", 1, make(1, 5, 5, 2), 3, stride=2, padding=1, count_include_pad=False)
pool("averagePool2d ceil", 1, make(1, 6, 7, 2), (3, 2), stride=(2, 3), padding=1, ceil_mode=True)
pool("averagePool2d ceil without padding", 1, make(1, 6, 7, 2), (3, 2), stride=(2, 3), padding=1, ceil_mode=True, count_include_pad=False)
pool("averagePool3d", 1, make(1, 3, 4, 5, 2), 2, stride=(1, 2, 2), padding=1)
# PyTorch takes the absolute value for even powers only.
pool("lpPool1d", 2, make(2, 7, 2), 2, 3, stride=2)
pool("lpPool2d", 2, make(1, 4, 6, 2), 4, 2)
pool("lpPool2d positive", 2, make(1, 5, 5, 2).abs(), 3, (2, 3), stride=1)

for size in [3, (2, 5), (5, 7), 1]:
    name = str(size).replace(" ", "")
    x = make(2, 5, 7, 2)
    store(f"adaptiveAveragePool2d {name}", last(F.adaptive_avg_pool2d(first(x), size)), x)
    store(f"adaptiveMaxPool2d {name}", last(F.adaptive_max_pool2d(first(x), size)), x)
x = make(1, 6, 2)
store("adaptiveAveragePool1d 4", last(F.adaptive_avg_pool1d(first(x), 4)), x)
store("adaptiveAveragePool1d 3", last(F.adaptive_avg_pool1d(first(x), 3)), x)
store("adaptiveMaxPool1d 4", last(F.adaptive_max_pool1d(first(x), 4)), x)
x = make(1, 3, 4, 5, 2)
store("adaptiveAveragePool3d", last(F.adaptive_avg_pool3d(first(x), (2, 4, 3))), x)
store("adaptiveMaxPool3d", last(F.adaptive_max_pool3d(first(x), (2, 4, 3))), x)

modes = {"nearest": "nearest", "linear": "bilinear", "cubic": "bicubic"}
for mode, torch_mode in modes.items():
    for size in [(8, 12), (3, 4), (5, 5), (1, 1), (4, 9)]:
        for align in [False] if mode == "nearest" else [False, True]:
            x = make(1, 4, 6, 2)
            y = F.interpolate(first(x), size=size, mode=torch_mode, **({} if mode == "nearest" else {"align_corners": align}))
            store(f"resize {mode} {size[0]},{size[1]}{' aligned' if align else ''}", last(y), x)
x = make(2, 5, 2)
store("resize linear 1d", last(F.interpolate(first(x), size=8, mode="linear")), x)
x = make(1, 2, 3, 2, 1)
store("resize linear 3d", last(F.interpolate(first(x), size=(4, 2, 3), mode="trilinear")), x)
x = make(1, 1, 3, 1)
store("resize cubic from one row", last(F.interpolate(first(x), size=(3, 4), mode="bicubic")), x)

x = make(2, 2, 3, 8)
store("pixelShuffle", last(F.pixel_shuffle(first(x), 2)), x)
x = make(1, 4, 6, 2)
store("pixelUnshuffle", last(F.pixel_unshuffle(first(x), 2)), x)


def patches_last(y, channels, window):
    """[n, c * window, l] to [n, l, window * c]"""
    n, _, l = y.shape
    return y.reshape(n, channels, window, l).permute(0, 3, 2, 1).reshape(n, l, window * channels)


def patches_first(y, channels, window):
    n, l, _ = y.shape
    return y.reshape(n, l, window, channels).permute(0, 3, 2, 1).reshape(n, channels * window, l)


x = make(2, 5, 6, 3)
store("unfold", patches_last(F.unfold(first(x), (2, 3), stride=(2, 1), padding=(1, 0), dilation=(1, 2)), 3, 6), x)
x = make(2, 6, 8)
store("fold", last(F.fold(patches_first(x, 2, 4), (3, 4), 2)), x)
# Windows: (5 + 2 - 4) / 2 + 1 = 2 by 6 - 5 + 1 = 2.
x = make(1, 4, 12)
y = F.fold(patches_first(x, 2, 6), (5, 6), (2, 3), stride=(2, 1), padding=(1, 0), dilation=(3, 2))
store("fold strided", last(y), x)

Path(__file__).with_name("windows.json").write_text(
    "{\n" + ",\n".join(f"{json.dumps(k)}: {json.dumps(v)}" for k, v in cases.items()) + "\n}\n"
)
