"""Five articles about the gradients of a convolution, read with profit, and the slips that any of us could make.

Every printed equation whose indices, bounds, signs or rotations went wrong is refuted by the debugger, and its
correction is proved for all sizes. "Printed" is the article's equation in this series' letters: its own letters are
named where they differ.
"""

from typing import Any

import pytest

from lessonconv.symbolic.debugger.verdict import debug
from lessonconv.symbolic.language.equation import EquationError

TRISTAN = "Forward and backward propagations for 2D convolutional layers (Tristan)"
INTUITION = "CNN backpropagation, from intuition to derivation (after Gwardys, Pinard and Gibiansky)"
HERMOSAYHL = "Convolutional neural networks (5), the convolution layer (hermosayhl)"
BRIGHTLAMP = "The convolution function and the gradients of its backward pass (BrightLamp)"
SEO = "Only NumPy: transpose convolution in a multi-layer CNN (Jae Duk Seo)"

GUARD = "[0 ≤ u + p_h − i·s_h < K_h]·[0 ≤ v + p_w − j·s_w < K_w]"
OVERLAP = "min(⌊u/s⌋, O − 1)"  # the last window that may reach u: the article's i

# source, what it is about, printed, corrected, and settings that the article fixes
ERRATA: list[tuple[str, str, str, str, dict[str, Any]]] = [
    (
        TRISTAN,
        "∂z/∂a is not zero if and only if m' + m = i: with stride, if m' + s·m = i",
        "dx[u] = Σ(i<O, k<K) dz[i]·w[k]·[k + i = u + p]",
        "dx[u] = Σ(i<O, k<K) dz[i]·w[k]·[k + s·i = u + p]",
        {},
    ),
    (
        TRISTAN,
        "dW as the plain cross-correlation of A_pad with dZ holds for stride 1",
        "dw[k] = Σ(i<O) dz[i]·x_pad[i + k − p]",
        "dw[k] = Σ(i<O) dz[i]·x_pad[i·s + k − p]",
        {},
    ),
    (
        TRISTAN,
        "dA as a convolution with dZ as the kernel holds for stride 1",
        "dx[n,c,u,v] = Σ(f<F, i<O_h, j<O_w) dz[n,f,i,j]·w[f, c, u + p_h − i, v + p_w − j]"
        "·[0 ≤ u + p_h − i < K_h]·[0 ≤ v + p_w − j < K_w]",
        "dx[n,c,u,v] = Σ(f<F, i<O_h, j<O_w) dz[n,f,i,j]·w[f, c, u + p_h − i·s_h, v + p_w − j·s_w]·" + GUARD,
        {},
    ),
    (
        INTUITION,
        "(2) dW is dz aᵀ, not dz ⊙ a",
        "dw[m,k] = dz[m]·x[m]",
        "dw[m,k] = dz[m]·x[k]",
        {"layer": "linear"},
    ),
    (
        INTUITION,
        "(4) da is Wᵀ dz, not Wᵀ ⊙ dz",
        "dx[k] = Σ(m<M) w[m,k]·dz[k]",
        "dx[k] = Σ(m<M) w[m,k]·dz[m]",
        {"layer": "linear"},
    ),
    (
        INTUITION,
        "(7) the activation that is summed over is a_k, not a_j",
        "z[m] = Σ(k<K) w[m,k]·x[m] + b[m]",
        "z[m] = Σ(k<K) w[m,k]·x[k] + b[m]",
        {"layer": "linear"},
    ),
    (
        INTUITION,
        "mathematical convolution is not cross-correlation: it turns the kernel",
        "z[i] = Σ(k<K) w[k]·x_pad[i·s + k − p]",
        "z[i] = Σ(k<K) w[k]·x_pad[i·s + K − 1 − k − p]",
        {"forward": "convolution"},
    ),
    (
        INTUITION,
        "(8) one bias for each filter: its gradient is the sum of δ, not a pixel of it",
        "db[f] = Σ(n<N) dz[n,f,0,0]",
        "db[f] = Σ(n<N, i<O_h, j<O_w) dz[n,f,i,j]",
        {},
    ),
    (
        INTUITION,
        "(8) x' ≥ f − 1, counted from 0: at x' = x nothing is left of the first pixels",
        "z[i] = Σ(k<K) w[k]·x[i − k]",
        "z[i] = Σ(k<K) w[k]·x[i + K − 1 − k]",
        {"forward": "convolution", "stride": 1},
    ),
    (
        INTUITION,
        "(9) x' = 2 with a = b = 0 gives z_22: z_11, counted from 0, belongs to x' = 1",
        "z[i] = Σ(k<K) w[k]·x[i + 1 + k]",
        "z[i] = Σ(k<K) w[k]·x[i + k]",
        {"stride": 1},
    ),
    (
        INTUITION,
        "the backward pass is a full convolution, not a valid one",
        "dx[u] = Σ(t<K) dz[u + t]·w_rot[t]",
        "dx[u] = Σ(t<K) dz_pad[u + t − (K − 1)]·w_rot[t]",
        {"stride": 1},
    ),
    (
        INTUITION,
        "(14) w_{−x,−y} lost x' and y'",
        "dx[u,v] = Σ(i<O_h, j<O_w) dz[i,j]·w_pad[−u, −v]",
        "dx[u,v] = Σ(i<O_h, j<O_w) dz[i,j]·w_pad[K_h − 1 + i − u, K_w − 1 + j − v]",
        {"forward": "convolution", "stride": 1},
    ),
    (
        INTUITION,
        "(15) an array turned by 180° has no cell −x",
        "w_rot[k,l] = w[−k, −l]",
        "w_rot[k,l] = w[K_h − 1 − k, K_w − 1 − l]",
        {},
    ),
    (
        INTUITION,
        "dW with ROT180(z) is for a forward pass that truly convolves",
        "dw[k,l] = Σ(i<O_h, j<O_w) dz[i,j]·x[i + K_h − 1 − k, j + K_w − 1 − l]",
        "dw[k,l] = Σ(i<O_h, j<O_w) dz[i,j]·x[i + k, j + l]",
        {"stride": 1},
    ),
    (
        INTUITION,
        "… and there it is right",
        "dw[k,l] = Σ(i<O_h, j<O_w) dz[i,j]·x[i + k, j + l]",
        "dw[k,l] = Σ(i<O_h, j<O_w) dz[i,j]·x[i + K_h − 1 − k, j + K_w − 1 − l]",
        {"stride": 1, "forward": "convolution"},
    ),
    (
        HERMOSAYHL,
        "the output's size has + 2p",
        "O = ⌊(H − K − 2·p)/s⌋ + 1",
        "O = ⌊(H − K + 2·p)/s⌋ + 1",
        {},
    ),
    (
        HERMOSAYHL,
        "the output's size is rounded down",
        "O = (H − K)/s + 1",
        "O = ⌊(H − K)/s⌋ + 1",
        {},
    ),
    (
        HERMOSAYHL,
        "δ padded by k − p − 1 gives an input without its remainder: 223 for 224",
        "H = (O − 1)·s + 1 + 2·(K − p − 1) − (K − 1)",
        "H = (O − 1)·s + 1 + 2·(K − p − 1) − (K − 1) + (H + 2·p − K) % s",
        {},
    ),
    (
        HERMOSAYHL,
        "offsets −r … r around the middle, r = ⌊(k − 1)/2⌋, are not a window of even size",
        "z[i] = Σ(t=−⌊(K − 1)/2⌋..⌊(K − 1)/2⌋) w[t + ⌊(K − 1)/2⌋]·x[i·s + t + ⌊(K − 1)/2⌋]",
        "z[i] = Σ(t=−⌊(K − 1)/2⌋..⌊K/2⌋) w[t + ⌊(K − 1)/2⌋]·x[i·s + t + ⌊(K − 1)/2⌋]",
        {},
    ),
    (
        HERMOSAYHL,
        "the first listing of dW adds up what it has so far once more for every row",
        "dw[k,l] = Σ(t<O_h, i=0..t, j<O_w) dz[i,j]·x[i·s + k, j·s + l]",
        "dw[k,l] = Σ(i<O_h, j<O_w) dz[i,j]·x[i·s + k, j·s + l]",
        {},
    ),
    (
        HERMOSAYHL,
        "the printed line of dX lost the factor δ",
        "dx[u,v] = Σ(i<O_h, j<O_w) w[u − i·s, v − j·s]·[0 ≤ u − i·s < K]·[0 ≤ v − j·s < K]",
        "dx[u,v] = Σ(i<O_h, j<O_w) dz[i,j]·w[u − i·s, v − j·s]·[0 ≤ u − i·s < K]·[0 ≤ v − j·s < K]",
        {},
    ),
    (
        HERMOSAYHL,
        "dividing by the batch size after a mean loss divides twice",
        "dw[f,c,k,l] = 1/N·Σ(n<N, i<O_h, j<O_w) dz[n,f,i,j]·x[n, c, i·s + k, j·s + l]",
        "dw[f,c,k,l] = Σ(n<N, i<O_h, j<O_w) dz[n,f,i,j]·x[n, c, i·s + k, j·s + l]",
        {},
    ),
    (
        HERMOSAYHL,
        "the example of dX has one kernel; of several, all are summed over",
        "dx[n,c,u,v] = Σ(i<O_h, j<O_w) dz[n,0,i,j]·w[0, c, u − i·s, v − j·s]·[0 ≤ u − i·s < K]·[0 ≤ v − j·s < K]",
        "dx[n,c,u,v] = Σ(f<F, i<O_h, j<O_w) dz[n,f,i,j]·w[f, c, u − i·s, v − j·s]·[0 ≤ u − i·s < K]·[0 ≤ v − j·s < K]",
        {},
    ),
    (
        HERMOSAYHL,
        "the matrix identity that it quotes holds if * is cross-correlation",
        "dx[u] = Σ(t<K) dz_pad[u − t]·w_rot[t]",
        "dx[u] = Σ(t<K) dz_pad[u + t − (K − 1)]·w_rot[t]",
        {"stride": 1},
    ),
    (
        BRIGHTLAMP,
        "y_ij is not summed over i and j themselves",
        "z[i,j] = Σ(t<O_h, r<O_w, k<K, l<K) x[t + k, r + l]·w[k,l]",
        "z[i,j] = Σ(k<K, l<K) x[i + k, j + l]·w[k,l]",
        {"stride": 1},
    ),
    (
        BRIGHTLAMP,
        '"jt + s = r" is jt + s = v',
        "dx[u,v] = Σ(i<O_h, j<O_w) dz[i,j]·w[u − i·s, u − j·s]·[0 ≤ u − i·s < K]·[0 ≤ u − j·s < K]",
        "dx[u,v] = Σ(i<O_h, j<O_w) dz[i,j]·w[u − i·s, v − j·s]·[0 ≤ u − i·s < K]·[0 ≤ v − j·s < K]",
        {},
    ),
    (
        BRIGHTLAMP,
        '"i(t + 1) ≤ it + p − 1" is (i + 1)t ≤ it + p − 1: windows overlap if t ≤ p − 1',
        "[i·(s + 1) ≤ i·s + K − 1] = [s ≤ K − 1]",
        "[(i + 1)·s ≤ i·s + K − 1] = [s ≤ K − 1]",
        {},
    ),
    (
        BRIGHTLAMP,
        "∇e is numbered from 1 in an article that counts from 0",
        "dx[u] = Σ(i=1..O) dz[i]·w[u − i·s]·[0 ≤ u − i·s < K]",
        "dx[u] = Σ(i=0..O−1) dz[i]·w[u − i·s]·[0 ≤ u − i·s < K]",
        {},
    ),
    (
        BRIGHTLAMP,
        "the overlap cases: three slips, p − t, i − x·t and u − i·t",
        f"dx[u] = Σ(t=0..K−s) dz_pad[{OVERLAP} − t·s]·w[u − {OVERLAP}·s]",
        f"dx[u] = Σ(t=0..⌊(K − 1 − (u − {OVERLAP}·s))/s⌋) dz_pad[{OVERLAP} − t]·w[u − ({OVERLAP} − t)·s]",
        {},
    ),
    (
        SEO,
        "transposed is not turned by 180°",
        "w_rot[k,l] = w[l,k]",
        "w_rot[k,l] = w[K − 1 − k, K − 1 − l]",
        {},
    ),
    (
        SEO,
        "the weights are padded by o − 1, the size of δ less one, not by k − 1",
        "dx[u] = Σ(i<O) dz[i]·w_pad[H − 1 − u + i − (K − 1)]",
        "dx[u] = Σ(i<O) dz[i]·w_pad[H − 1 − u + i − (O − 1)]",
        {"forward": "convolution", "stride": 1},
    ),
    (
        SEO,
        "corr(pad(W2), δ) has the right shape, but must be turned by 180°",
        "dx[u] = Σ(i<O) dz[i]·w_pad[u + i − (O − 1)]",
        "dx[u] = Σ(i<O) dz[i]·w_pad[H − 1 − u + i − (O − 1)]",
        {"forward": "convolution", "stride": 1},
    ),
]
IDS = [f"{source.split('(')[1].split(')')[0]}: {about}" for source, about, *_ in ERRATA]

# what the articles have right, and one might doubt
RIGHT: list[tuple[str, str, str, dict[str, Any]]] = [
    (TRISTAN, "da_prev is da_prev_pad from p on", "dx[u] = Σ(i<O) dz[i]·w_pad[u + p − i·s]", {}),
    (
        BRIGHTLAMP,
        "dw, with stride",
        "dw[k,l] = Σ(i<O_h, j<O_w) dz[i,j]·x[i·s + k, j·s + l]",
        {},
    ),
    (
        HERMOSAYHL,
        "count the outputs that an input reaches",
        "dx[u] = Σ(i=max(0, ⌈(u + p − K + 1)/s⌉)..min(O − 1, ⌊(u + p)/s⌋)) dz[i]·w[u + p − i·s]",
        {},
    ),
    (
        HERMOSAYHL,
        "δ with s − 1 zeros inserted, padded by k − p − 1, correlated with the turned kernel",
        "dx[u] = Σ(t<K) [s | u + t − (K − p − 1)]·dz_pad[(u + t − (K − p − 1))/s]·w_rot[t]",
        {},
    ),
    (
        SEO,
        "why dw2 is turned at last: the forward pass turned the kernel",
        "dw[k] = Σ(i<O) dz[i]·x[i + K − 1 − k]",
        {"forward": "convolution", "stride": 1},
    ),
]


@pytest.mark.parametrize(("source", "about", "printed", "corrected", "settings"), ERRATA, ids=IDS)
def test_the_printed_equation_is_refuted_and_its_correction_proved(
    source: str, about: str, printed: str, corrected: str, settings: dict[str, Any]
) -> None:
    verdict = debug(printed, **settings)
    assert verdict.holds is False
    assert verdict.counterexample
    assert debug(corrected, **settings).holds is True


@pytest.mark.parametrize(("source", "about", "equation", "settings"), RIGHT, ids=[about for _, about, *_ in RIGHT])
def test_what_is_right_is_proved(source: str, about: str, equation: str, settings: dict[str, Any]) -> None:
    assert debug(equation, **settings).holds is True


def test_a_bias_for_every_pixel_does_not_fit_the_layer() -> None:
    """From intuition to derivation, (8): b_{x,y}."""
    with pytest.raises(EquationError, match="mismatched ranks: b has 3 indices here, but is F"):
        debug("z[n,f,i,j] = b[f,i,j] + Σ(c<C, k<K, l<K) w[f,c,k,l]·x[n, c, i·s + k, j·s + l]")


def test_overlap_cases_have_as_many_terms_as_the_correction_says() -> None:
    """The convolution function and its gradients, p = 5 and t = 2: two or three terms, where p − t says four."""
    u, K, s, O = 8, 5, 2, 9
    i = min(u // s, O - 1)
    assert [(K - 1 - (u - i * s)) // s + 1, (K - 1 - (u + 1 - i * s)) // s + 1] == [3, 2]
    assert K - s + 1 == 4
