"""The multi-class perceptron, in exact integer arithmetic.

Pixels are multiples of 1/256 and the weights start at zero, so every weight is a multiple of 1/256 and every
score one of 1/65536. Held as integers in these units they are exact, and equal to the float64 ones of the
plain algorithm, which are exact too while scores stay below 2**53 / 65536, far beyond any reached here.

Each weight is held as two 16-bit digits, weight = low + 4096 high, because processors multiply and add
sixteen such numbers in one instruction. A score is the low digits' inner product with the pixels plus 4096
times the high digits', both summed in 32 bits over at most 784 pixels at a time, which cannot overflow
while no digit exceeds 2**31 / (784 * 255) = 10,741 in size. Updates go to the low digits alone; every 24 of
them, when a digit may have grown to 4095 + 24 * 255 = 10,215, what exceeds 12 bits is carried.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from octrepro.core import UserError
from octrepro.models.compiled import compiled
from octrepro.models.layers import Layer
from octrepro.models.sample_loops import AHEAD, digit_sums, fetch_ahead

# The constant-1 feature in units of 1/256.
_ONE = 256

_DIGIT_BITS = np.int16(12)
_LOW_BITS = np.int16(4095)
_PIXELS_AT_ONCE = 784
_UPDATES_BEFORE_CARRY = 24
_LARGEST_HIGH_DIGIT = 10_000

# Rows of digits whose inner products with an image are taken together.
_ROWS = 8
_digit_sums = digit_sums(_ROWS)

Digits = NDArray[np.int16]
Counts = NDArray[np.int64]


class Perceptron:
    """Perceptron with weights W of shape (classes, features + 1), zero at first; the last column is the bias.

    Predicts argmax W x, the first class among equals. On a mistake W[true] += x and W[predicted] -= x.

    References
    ----------
    F. Rosenblatt, "The perceptron: a probabilistic model for information storage and organization in the
    brain", *Psychological Review* 65(6), 1958.
    """

    def __init__(self, features: int, classes: int) -> None:
        # Low digits of a class, then its high ones; filled up with rows that stay zero.
        rows = -(-2 * classes // _ROWS) * _ROWS
        self._digits = np.zeros((rows, features), dtype=np.int16)
        self._bias = np.zeros(classes, dtype=np.int64)
        self.updates = 0

    def train_epoch(
        self, images: NDArray[np.uint8], labels: NDArray[np.int64], order: NDArray[np.int64]
    ) -> None:
        """Learn from each image once, in `order`, a permutation of shape (n,).

        Raises
        ------
        UserError
            When a weight passes 160,000. The squared norm of the weights grows by at most 2 (features + 1)
            with each mistake, so that 784 features need 16 million mistakes for it.
        """
        mistakes, within_range = _train(images, labels, order, self._digits, self._bias)
        if not within_range:
            raise UserError(
                "a perceptron's weight has passed 160,000", expected="fewer epochs on so many images"
            )
        self.updates += mistakes

    def count_correct(self, images: NDArray[np.uint8], labels: NDArray[np.int64]) -> int:
        """How many images are predicted as labelled."""
        return _count_correct(images, labels, self._digits, self._bias)

    def layers(self) -> list[Layer]:
        """The model in units of 1, float64."""
        low, high = (self._digits[digit : 2 * self._bias.size : 2].astype(np.int64) for digit in (0, 1))
        weights = low + high * (1 << int(_DIGIT_BITS))
        return [Layer(weights / _ONE, self._bias / _ONE)]


@compiled
def _predict(
    pixels: NDArray[np.uint8], digits: Digits, bias: Counts, sums: NDArray[np.int32], scores: Counts
) -> int:
    """The class of an image; `sums`, one for each row of digits, and `scores` are room to work in."""
    for c in range(bias.size):
        scores[c] = bias[c] * _ONE
    for start in range(0, pixels.size, _PIXELS_AT_ONCE):
        end = min(start + _PIXELS_AT_ONCE, pixels.size)
        for row in range(0, digits.shape[0], _ROWS):
            _digit_sums(digits, row, pixels, start, end, sums)
        for c in range(bias.size):
            scores[c] += np.int64(sums[2 * c]) + (np.int64(sums[2 * c + 1]) << np.int64(_DIGIT_BITS))
    best = 0
    for c in range(1, bias.size):
        if scores[c] > scores[best]:
            best = c
    return best


@compiled
def _carry(low: Digits, high: Digits) -> bool:
    """Carry from one class's low digits to its high ones; whether all stay within the safe range."""
    largest = np.int16(0)
    for j in range(low.size):
        high[j] = np.int16(high[j] + np.int16(low[j] >> _DIGIT_BITS))
        low[j] = np.int16(low[j] & _LOW_BITS)
        largest = max(largest, np.int16(abs(high[j])))
    return bool(largest <= _LARGEST_HIGH_DIGIT)


@compiled
def _train(
    images: NDArray[np.uint8],
    labels: NDArray[np.int64],
    order: NDArray[np.int64],
    digits: Digits,
    bias: Counts,
) -> tuple[int, bool]:
    """Go through the images in order; the number of mistakes, and whether the digits stayed within range."""
    mistakes = 0
    sums, scores = np.empty(digits.shape[0], dtype=np.int32), np.empty(bias.size, dtype=np.int64)
    since_carry = np.zeros(bias.size, dtype=np.int64)
    within_range = True
    for t in range(order.size):
        fetch_ahead(images, order[min(t + AHEAD, order.size - 1)])
        pixels = images[order[t]]
        label = labels[order[t]]
        predicted = _predict(pixels, digits, bias, sums, scores)
        if predicted == label:
            continue
        mistakes += 1
        towards, away = digits[2 * label], digits[2 * predicted]
        for j in range(pixels.size):
            towards[j] = np.int16(towards[j] + np.int16(pixels[j]))
            away[j] = np.int16(away[j] - np.int16(pixels[j]))
        bias[label] += _ONE
        bias[predicted] -= _ONE
        for c in (label, predicted):
            since_carry[c] += 1
            if since_carry[c] == _UPDATES_BEFORE_CARRY:
                within_range = _carry(digits[2 * c], digits[2 * c + 1]) and within_range
                since_carry[c] = 0
    for c in range(bias.size):
        within_range = _carry(digits[2 * c], digits[2 * c + 1]) and within_range
    return mistakes, within_range


@compiled
def _count_correct(images: NDArray[np.uint8], labels: NDArray[np.int64], digits: Digits, bias: Counts) -> int:
    sums, scores = np.empty(digits.shape[0], dtype=np.int32), np.empty(bias.size, dtype=np.int64)
    correct = 0
    for i in range(labels.size):
        fetch_ahead(images, min(i + AHEAD, labels.size - 1))
        if _predict(images[i], digits, bias, sums, scores) == labels[i]:
            correct += 1
    return correct
