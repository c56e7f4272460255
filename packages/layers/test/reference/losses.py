"""Writes losses.json: what PyTorch's losses give, with the gradients of their means. Run with PyTorch 1.13 or newer.

Everything is stored in Gradloom's layout: classes last, CTC batch first.
"""

import json
from pathlib import Path

import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
cases = {}


def values(t):
    t = t.detach()
    flat = t.reshape(-1).tolist()
    if not t.dtype.is_floating_point:
        return {"shape": list(t.shape), "data": flat, "integer": True}
    # JSON has no infinity and no NaN.
    return {"shape": list(t.shape), "data": [float(f"{v:.10g}") if abs(v) < 1e300 else str(v).replace("inf", "Infinity") for v in flat]}


def numbers(*shape, seed=1):
    count = torch.Size(shape).numel()
    return torch.tensor([((k * k * 37 + k * 7919) % 2003) / 500.75 - 2 for k in range(seed * 613, seed * 613 + count)]).reshape(shape)


def record(name, loss, inputs, kinds=("none", "mean", "sum"), fixed=()):
    """loss(*inputs, reduction=...), and the gradients of the mean with respect to the floats that are not fixed."""
    xs = [x.clone().requires_grad_(x.dtype.is_floating_point and i not in fixed) for i, x in enumerate(inputs)]
    case = {"inputs": [values(x) for x in inputs]}
    for kind in kinds:
        case[kind] = values(loss(*xs, reduction=kind))
    total = loss(*xs, reduction="mean")
    wanted = [x for x in xs if x.requires_grad]
    grads = list(torch.autograd.grad(total, wanted, allow_unused=True))
    case["gradients"] = [
        None if not x.requires_grad else values(torch.zeros_like(x) if (g := grads.pop(0)) is None else g) for x in xs
    ]
    cases[name] = case


def reduced(losses, reduction):
    return losses if reduction == "none" else losses.mean() if reduction == "mean" else losses.sum()


x, t = numbers(3, 4), numbers(3, 4, seed=2)
big = torch.tensor([[1e4, -1e4, 3.0, 0.0]])
zero = torch.zeros(1, 4)

# Regression
record("mseLoss", F.mse_loss, [x, t])
record("mseLoss extreme", F.mse_loss, [big, zero])
record("maeLoss", F.l1_loss, [x, t])
record("maeLoss extreme", F.l1_loss, [big, zero])
record("huberLoss", lambda x, t, reduction: F.huber_loss(x, t, delta=0.7, reduction=reduction), [x, t])
record("huberLoss extreme", F.huber_loss, [big, zero])
record("smoothL1Loss", lambda x, t, reduction: F.smooth_l1_loss(x, t, beta=0.7, reduction=reduction), [x, t])
record("smoothL1Loss extreme", F.smooth_l1_loss, [big, zero])

# Binary cross entropy
p, q = (x + 2) / 4.1 + 0.01, (t + 2) / 4
w = numbers(4, seed=3).abs() + 0.1
record("binaryCrossEntropy", lambda p, q, w, reduction: F.binary_cross_entropy(p, q, w.expand_as(p), reduction=reduction), [p, q, w], fixed=(2,))
record("binaryCrossEntropy extreme", F.binary_cross_entropy, [torch.tensor([0.0, 1.0, 0.0, 1.0]), torch.tensor([1.0, 0.0, 0.0, 1.0])], fixed=(1,))
record(
    "binaryCrossEntropyWithLogits",
    lambda x, q, w, reduction: F.binary_cross_entropy_with_logits(x, q, pos_weight=w, reduction=reduction),
    [x, q, w],
    fixed=(2,),
)
extreme = torch.tensor([1e4, -1e4, 1e4, -1e4, 100.0, -100.0])
labels = torch.tensor([1.0, 0.0, 0.0, 1.0, 1.0, 0.0])
record("binaryCrossEntropyWithLogits extreme", F.binary_cross_entropy_with_logits, [extreme, labels])

# Cross entropy, classes last
logits = numbers(2, 3, 5)
index = torch.tensor([[0, 4, -100], [2, 2, 1]])
weights = numbers(5, seed=4).abs() + 0.2
probabilities = torch.softmax(numbers(2, 3, 5, seed=5), -1)


def ce(x, t, reduction, **options):
    target = t.movedim(-1, 1) if t.dtype.is_floating_point else t
    return F.cross_entropy(x.movedim(-1, 1), target, reduction=reduction, **options)


record("crossEntropy", ce, [logits, index])
record("crossEntropy weights", lambda x, t, w, reduction: ce(x, t, reduction, weight=w), [logits, index, weights], fixed=(2,))
record(
    "crossEntropy smooth",
    lambda x, t, w, reduction: ce(x, t, reduction, weight=w, label_smoothing=0.2, ignore_index=2),
    [logits, index.clamp(0), weights],
    fixed=(2,),
)
record("crossEntropy probabilities", lambda x, t, reduction: ce(x, t, reduction), [logits, probabilities])
record(
    "crossEntropy probabilities smooth",
    lambda x, t, w, reduction: ce(x, t, reduction, weight=w, label_smoothing=0.2),
    [logits, probabilities, weights],
    fixed=(2,),
)
record("crossEntropy extreme", ce, [torch.tensor([[1e4, -1e4, 0.0], [0.0, 1e4, -1e4], [-500.0, -500.0, 500.0]]), torch.tensor([1, 1, 2])])
record("crossEntropy masked", ce, [torch.tensor([[1.0, float("-inf"), 0.5]]), torch.tensor([0])], kinds=("mean",))
logs = torch.log_softmax(logits, -1)
record(
    "nllLoss",
    lambda x, t, w, reduction: F.nll_loss(x.movedim(-1, 1), t, weight=w, reduction=reduction),
    [logs, index, weights],
    fixed=(2,),
)
record("nllLoss extreme", lambda x, t, reduction: F.nll_loss(x, t, reduction=reduction), [torch.tensor([[-1e4, 0.0], [-0.0, -1e4]]), torch.tensor([0, 0])])

# Likelihoods
sparse = torch.where(probabilities < 0.1, torch.zeros(()), probabilities)
record("klDivergence", F.kl_div, [logs, sparse.detach()], fixed=(1,))
record(
    "klDivergence log target",
    lambda x, t, reduction: F.kl_div(x, t, reduction={"mean": "batchmean"}.get(reduction, reduction), log_target=True),
    [logs, torch.log(probabilities)],
)
record("klDivergence extreme", F.kl_div, [torch.tensor([[-1e4, 0.0]]), torch.tensor([[1.0, 0.0]])], fixed=(1,))
counts = torch.tensor([[0.0, 1.0, 2.0, 7.0]]).expand(3, 4).clone()
record("poissonNllLoss", F.poisson_nll_loss, [x, counts])
record(
    "poissonNllLoss full",
    lambda x, t, reduction: F.poisson_nll_loss(x, t, log_input=False, full=True, reduction=reduction),
    [x.abs() + 0.1, counts],
    fixed=(1,),
)
record("poissonNllLoss extreme", F.poisson_nll_loss, [torch.tensor([-1e4, 50.0]), torch.tensor([0.0, 3.0])])
variance = numbers(3, 1, seed=6).abs() + 0.3
record("gaussianNllLoss", lambda x, t, v, reduction: F.gaussian_nll_loss(x, t, v, full=True, reduction=reduction), [x, t, variance])
record("gaussianNllLoss extreme", F.gaussian_nll_loss, [torch.tensor([1e3, 1.0]), torch.tensor([0.0, 1.0]), torch.tensor([1e-9, 0.0])])

# Margins
sign = torch.sign(numbers(3, 4, seed=7))
record("hingeLoss", lambda x, t, reduction: reduced(F.relu(1 - t * x), reduction), [x, sign])
record("hingeLoss extreme", lambda x, t, reduction: reduced(F.relu(1 - t * x), reduction), [big, torch.ones(1, 4)])
record("squaredHingeLoss", lambda x, t, reduction: reduced(F.relu(1 - t * x) ** 2, reduction), [x, sign])
record("squaredHingeLoss extreme", lambda x, t, reduction: reduced(F.relu(1 - t * x) ** 2, reduction), [big, torch.ones(1, 4)])
record("marginRankingLoss", lambda a, b, t, reduction: F.margin_ranking_loss(a, b, t, margin=0.3, reduction=reduction), [x, t, sign])
record("marginRankingLoss extreme", F.margin_ranking_loss, [big, -big, torch.ones(1, 4)])
pairs = torch.tensor([1.0, -1.0, 1.0])
record("cosineEmbeddingLoss", lambda a, b, t, reduction: F.cosine_embedding_loss(a, b, t, margin=-0.4, reduction=reduction), [x, t, pairs])
record("cosineEmbeddingLoss extreme", F.cosine_embedding_loss, [big, big * 0.5 + 1, torch.tensor([-1.0])])
n = numbers(3, 4, seed=8)
record("tripletMarginLoss", F.triplet_margin_loss, [x, t, n])
record("tripletMarginLoss swap", lambda a, b, c, reduction: F.triplet_margin_loss(a, b, c, margin=3, p=3, swap=True, reduction=reduction), [x, t, n])
record("tripletMarginLoss extreme", F.triplet_margin_loss, [big, zero, -big])


def nt_xent(a, b, reduction, temperature=0.3):
    z = F.normalize(torch.cat([a, b]), dim=1)
    similarities = (z @ z.t() / temperature).masked_fill(torch.eye(len(z), dtype=torch.bool), float("-inf"))
    n = len(a)
    return F.cross_entropy(similarities, torch.cat([torch.arange(n) + n, torch.arange(n)]), reduction=reduction)


record("ntXentLoss", nt_xent, [x, t])
record("ntXentLoss extreme", lambda a, b, reduction: nt_xent(a, b, reduction, 1e-3), [x * 1e4, t * 1e-4])


# Segmentation
def focal(x, t, reduction, alpha=0.25, gamma=2.0):
    p = torch.sigmoid(x)
    ce = F.binary_cross_entropy_with_logits(x, t, reduction="none")
    p_t = p * t + (1 - p) * (1 - t)
    return reduced((alpha * t + (1 - alpha) * (1 - t)) * ce * (1 - p_t) ** gamma, reduction)


binary = (sign + 1) / 2
record("focalLoss", focal, [x, binary.detach()])
record("focalLoss gamma", lambda x, t, reduction: focal(x, t, reduction, 0.6, 1.5), [x, binary])
record("focalLoss extreme", focal, [extreme, labels])


def dice(p, t, reduction):
    losses = 1 - (2 * (p * t).sum((1, 2)) + 1) / (p.sum((1, 2)) + t.sum((1, 2)) + 1)
    return reduced(losses, reduction)


record("diceLoss", dice, [torch.softmax(numbers(2, 3, 4, 2), -1), F.one_hot(torch.arange(24).reshape(2, 3, 4) % 2, 2).double()])
record("diceLoss extreme", dice, [torch.zeros(1, 2, 2, 2), torch.zeros(1, 2, 2, 2)])

# CTC: gradients by logits, as PyTorch's own gradient takes the softmax before for granted
spoken = numbers(3, 6, 4, seed=9)
words = torch.tensor([[1, 1, 3], [2, 3, 0], [3, 0, 0]])


def ctc(logits, words, reduction, lengths=(6, 5, 6), targets=(3, 2, 1), **options):
    log_probabilities = F.log_softmax(logits, -1).transpose(0, 1)
    return F.ctc_loss(log_probabilities, words, torch.tensor(lengths), torch.tensor(targets), reduction=reduction, **options)


record("ctcLoss", ctc, [spoken, words])
record("ctcLoss blank", lambda x, w, reduction: ctc(x, w, reduction, (6, 6, 6), (2, 2, 0), blank=3), [spoken, torch.tensor([[1, 0], [2, 2], [0, 0]])])
record("ctcLoss unfit", lambda x, w, reduction: ctc(x, w, reduction, (3, 5, 6), zero_infinity=True), [spoken, words])
record("ctcLoss extreme", ctc, [spoken * 500, words])

Path(__file__).with_name("losses.json").write_text(json.dumps(cases, separators=(",", ":")) + "\n")
