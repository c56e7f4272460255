"""Exact values of special functions, written to special.json. Needs mpmath: python3 special.py"""
import json
import math
from pathlib import Path

import mpmath as mp

mp.mp.dps = 60

whole = [-3, -2, -1, 0, 1, 2, 3]
# All inputs are exact in float32 (and most in bfloat16), so one table serves every element type.
small = [2.0**-20, 2.0**-7, 0.125, 0.25, 0.375, 0.46875, 0.484375, 0.5, 0.625, 0.75, 0.875]
medium = [1.25, 1.4375, 1.484375, 1.5, 1.75, 2.25, 2.5, 2.625, 3.5, 3.984375, 4, 4.125, 5.5]
large = [6.5, 8.25, 8.5, 8.625, 9, 12.5, 26, 100.5, 4096.25]
negative = lambda xs: [-x for x in xs]


def number(value):
    if mp.isnan(value):
        return "nan"
    rounded = float(value)
    return rounded if math.isfinite(rounded) else "inf" if rounded > 0 else "-inf"


def table(f, xs):
    return [[x, number(f(mp.mpf(x)))] for x in dict.fromkeys(map(float, xs))]


def erfinv(x):
    if abs(x) > 1:
        return mp.nan
    if abs(x) == 1:
        return mp.inf * x
    return mp.erfinv(x)


def lgamma(x):
    if x <= 0 and x == mp.floor(x):
        return mp.inf
    return mp.log(abs(mp.gamma(x)))


def polygamma(n):
    def f(x):
        if x == 0:
            return -mp.inf if n % 2 == 0 else mp.inf
        if x < 0 and x == mp.floor(x):
            return mp.nan if n == 0 else mp.inf
        return mp.polygamma(n, x)

    return f


both = whole + small + medium + negative(small + medium)
near_one = [1 - 2.0**-k for k in range(2, 25)]
everywhere = both + large + negative(large[:-1])
positive = [0.0, *small, *medium, *large, 1, 2, 3]

tables = {
    "erf": table(mp.erf, everywhere),
    "erfc": table(mp.erfc, everywhere),
    "erfinv": table(erfinv, whole + small + negative(small) + near_one + negative(near_one)),
    "lgamma": table(lgamma, everywhere + [0.9990234375, 1.0009765625, 1.9990234375, 2.0009765625]),
    "digamma": table(polygamma(0), everywhere),
    "polygamma1": table(polygamma(1), everywhere),
    "polygamma2": table(polygamma(2), [x for x in both + large if x not in (-1, -2, -3)]),
    "polygamma3": table(polygamma(3), both + large),
    "exp2": table(lambda x: mp.mpf(2) ** x, everywhere + [60.75, -60.75]),
    "expm1": table(mp.expm1, both + [2.0**-40, 20.5, -20.5]),
    "log1p": table(lambda x: mp.nan if x < -1 else (-mp.inf if x == -1 else mp.log1p(x)), both + large + [2.0**-40]),
    "sigmoid": table(lambda x: 1 / (1 + mp.exp(-x)), both + [20.5, -20.5, -60.5, 100]),
    "tan": table(mp.tan, both),
    "asin": table(lambda x: mp.nan if abs(x) > 1 else mp.asin(x), whole + small + negative(small) + near_one),
    "acos": table(lambda x: mp.nan if abs(x) > 1 else mp.acos(x), whole + small + negative(small) + near_one),
    "atan": table(mp.atan, everywhere),
    "sinh": table(mp.sinh, both + [20.5, 88.5, -88.5, 89.25]),
    "cosh": table(mp.cosh, both + [20.5, 88.5, -88.5, 89.25]),
    "asinh": table(mp.asinh, everywhere + [2.0**40, -(2.0**100)]),
    "acosh": table(lambda x: mp.nan if x < 1 else mp.acosh(x), everywhere + [1 + 2.0**-20, 2.0**40, 2.0**100]),
    "atanh": table(
        lambda x: mp.nan if abs(x) > 1 else (mp.inf * x if abs(x) == 1 else mp.atanh(x)),
        whole + small + negative(small) + near_one + negative(near_one),
    ),
    "logit": table(
        lambda x: mp.nan if x < 0 or x > 1 else (-mp.inf if x == 0 else mp.inf if x == 1 else mp.log(x / (1 - x))),
        whole + small + near_one,
    ),
    "sinc": table(lambda x: mp.mpf(1) if x == 0 else mp.sin(mp.pi * x) / (mp.pi * x), whole + small + negative(small) + [1.5, 2.25]),
    "softplus": table(lambda x: mp.log1p(mp.exp(x)), both + [15.5, -20.5, -60.5]),
}
Path(__file__).with_suffix(".json").write_text(
    "{\n" + ",\n".join(f'"{name}": {json.dumps(rows)}' for name, rows in tables.items()) + "\n}\n"
)
