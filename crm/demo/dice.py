"""Chance that falls the same way every time: one generator for each subject, from the company's seed.

A subject that draws more or less than before changes nothing in the others.
"""

from typing import Any
from zlib import crc32

import numpy as np
from numpy.typing import ArrayLike, NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.floating[Any]]
Mask = NDArray[np.bool_]
Generator = np.random.Generator


class Dice:
    """Generators by subject, from one seed."""

    def __init__(self, seed: int) -> None:
        self._seed = seed

    def of(self, subject: str) -> Generator:
        """A new generator, always the same for the same subject."""
        return np.random.default_rng([self._seed, crc32(subject.encode())])


def draw(rng: Generator, weights: ArrayLike, size: int) -> Ints:
    """`size` positions within `weights`, each as often as it weighs."""
    heights = np.cumsum(np.asarray(weights, dtype=np.float64))
    found: Ints = np.minimum(np.searchsorted(heights, rng.random(size) * heights[-1], side="right"), len(heights) - 1)
    return found


def quota(rng: Generator, eligible: Mask, share: float, least: int) -> Mask:
    """Exactly `share` of the eligible, but `least` of them where there are as many: so that a rare case exists in a small company too."""
    candidates = np.flatnonzero(eligible)
    wanted = min(len(candidates), max(least, round(share * len(candidates))))
    picked = np.zeros(len(eligible), dtype=np.bool_)
    picked[rng.choice(candidates, wanted, replace=False)] = True
    return picked


def tailed(rng: Generator, median: float | Floats, spread: float, size: int) -> Floats:
    """Long-tailed positive numbers around a median."""
    return median * np.exp(rng.normal(0.0, spread, size))


def spread_out(low: Ints, high: Ints) -> tuple[Ints, Ints]:
    """For ranges [low, high) one after the other: the number of the range, and the position, of every position in them."""
    counts = np.maximum(high - low, 0)
    owner = np.repeat(np.arange(len(low)), counts)
    first = np.repeat(np.cumsum(counts) - counts, counts)
    return owner, np.arange(len(owner)) - first + np.repeat(low, counts)


def within(group: Ints) -> Ints:
    """The position of each row within its group, counted from 0; equal groups stand together."""
    if not len(group):
        return np.zeros(0, dtype=np.int64)
    starts = np.flatnonzero(np.r_[True, group[1:] != group[:-1]])
    return np.arange(len(group)) - np.repeat(starts, np.diff(np.r_[starts, len(group)]))


def sums(group: Ints, values: Ints, groups: int) -> Ints:
    """The exact sum of whole `values` for each of so many groups."""
    total = np.zeros(groups, dtype=np.int64)
    np.add.at(total, group, values)
    return total
