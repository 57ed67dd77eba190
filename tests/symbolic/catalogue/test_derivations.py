"""Every derivation: its lines run and hold, a single edit in a last line is caught, published examples come out."""

import functools
import itertools
from typing import Any

import numpy as np
import pytest
from sympy import Derivative, Expr, Integer, Sum

from lessonconv.symbolic import Derivation, derive, names
from lessonconv.symbolic.brackets import Divides
from lessonconv.symbolic.catalogue.conv import ConvLayer, conv_case
from lessonconv.symbolic.check import Case, check_line
from lessonconv.symbolic.notation import symbols
from lessonconv.symbolic.run import Numbers
from tests.strategies import Array
from tests.symbolic.test_prove import edits

RULES = {"chain rule", "differentiate", "collapse", "clear brackets", "fold into limits"}


@pytest.mark.parametrize("name", names())
def test_every_line_runs_and_holds(name: str) -> None:
    derivation = derive(name)
    for seed in range(3):
        report = derivation.check(seed)
        assert report, str(report)
        assert len(report.lines) == len(derivation)
        for line in report.lines:
            assert line.agrees and not line.error and line.got is None
            assert {"loops", "layer", "layers", "finite differences"} & set(line.agrees)


@pytest.mark.parametrize("name", names())
def test_every_line_has_a_rule_a_reason_an_equation_and_its_latex(name: str) -> None:
    derivation = derive(name)
    left = derivation.lines[0].text.split(" = ")[0]
    assert derivation.name == name and derivation.lines
    for line in derivation.lines:
        assert line.rule and line.rule == line.rule.strip() and line.text.startswith(f"{left} = ")
        assert len(line.reason.split()) >= 4 and not line.reason.endswith(".")
        assert line.latex.count("{") == line.latex.count("}") and " = " in line.latex
    for one, other in itertools.pairwise(derivation.lines):
        assert one.expr != other.expr, "a line that changes nothing"
    assert not derivation.expr.atoms(Derivative)


@pytest.mark.parametrize("name", names())
def test_the_lines_are_compared_in_every_cell_that_there_is(name: str) -> None:
    """A left side that counts by strides or windows still goes through the whole tensor, but for what is left over."""
    derivation = derive(name)
    case = derivation.case(0)
    places = [case.numbers.run(index, derivation.free) for index in derivation.cell.indices]
    (shape,) = {array.shape for array in case.truths[str(derivation.cell.base.label)].values()}
    reached = set(zip(*(place.ravel().tolist() for place in places), strict=True))
    whole = set(itertools.product(*map(range, shape)))
    if name == "avg_pool2d.dx.upsample":
        cells = case.sizes["O_h"] * case.sizes["K_h"], case.sizes["O_w"] * case.sizes["K_w"]
        whole = {place for place in whole if place[2] < cells[0] and place[3] < cells[1]}
    assert reached >= whole


@pytest.mark.parametrize("name", ["conv2d.dw", "conv2d.db", "conv2d.dx"])
def test_the_gradients_of_a_convolution_go_through_the_same_steps(name: str) -> None:
    rules = [line.rule for line in derive(name).lines]
    assert rules[:3] == ["chain rule", "differentiate", "collapse"] and set(rules) <= RULES


def test_integers_stay_exact_wherever_no_function_rounds() -> None:
    rounded = {name for name in names() if not all(line.exact for line in derive(name).check().lines)}
    functions = ("arctan", "tanh", "sigmoid", "softmax", "two_conv", "conv2d.dz", "relu", "leaky")
    assert all(name.startswith(functions) for name in rounded), rounded


# --- single edits of last lines -------------------------------------------------------------------------------------

LETTERS = symbols("n c f i j u v k l s_h s_w p_h p_w d_h d_w")
AWKWARD = [((3, 2), (2, 3), (2, 3)), ((1, 3), (0, 2), (3, 1)), ((3, 4), (3, 0), (1, 2)), ((4, 5), (1, 2), (3, 3))]
KERNELS = [(2, 3), (1, 4), (3, 3), (3, 2)]


@functools.cache
def cases(name: str) -> list[Case]:
    """What the check runs on, and larger strides, paddings and dilations, with kernels of another shape."""
    rng = np.random.default_rng(0)
    awkward = [conv_case(ConvLayer(*settings), rng, kernel) for settings, kernel in zip(AWKWARD, KERNELS, strict=True)]
    return [derive(name).case(seed) for seed in range(3)] + awkward


def passes(derivation: Derivation, expr: Expr, tried: list[Case]) -> bool:
    """Would the check pass this last line?"""
    line = derivation.with_line(-1, expr).lines[-1]
    with np.errstate(all="ignore"):
        return all(check_line(0, line, derivation.free, case).passed for case in tried)


@pytest.mark.parametrize(("name", "step"), [("conv2d.z", 3), ("conv2d.dw", 3), ("conv2d.dx", 11)])
def test_a_last_line_with_one_edit_is_caught_or_proved_equal(name: str, step: int) -> None:
    """Every third edit of z and dw, every eleventh of dx, which has more: an index, a sign, a limit, a bracket."""
    derivation = derive(name)
    caught = equal = 0
    for edit in itertools.islice(edits(derivation.expr, LETTERS), 0, None, step):
        edited = edit()
        if not all(end.is_integer for total in edited.atoms(Sum) for _, *ends in total.limits for end in ends):
            continue  # a floor or ceiling dropped from a limit: for an integer index the same
        if passes(derivation, edited, cases(name)):
            assert derivation.known.equal(derivation.expr, edited), f"neither caught nor proved: {edited}"
            equal += 1
        else:
            caught += 1
    assert caught > 60 and equal < caught / 10


# --- published examples ---------------------------------------------------------------------------------------------


def evaluated(name: str, arrays: dict[str, Any], sizes: dict[str, int], **settings: Any) -> Array:
    """The last line on arrays."""
    derivation = derive(name, **settings)
    return Numbers(sizes, arrays).run(derivation.expr, derivation.free)


def square(H: int, K: int, s: int, p: int = 0) -> dict[str, int]:
    """One picture, one channel, one filter; a square window."""
    O = (H + 2 * p - K) // s + 1
    both = {"H": H, "K": K, "O": O, "s": s, "p": p, "d": 1}
    names = {"H": ("H", "W")}
    sizes = {"N": 1, "C": 1, "F": 1}
    for letter, value in both.items():
        sizes |= dict.fromkeys(names.get(letter, (f"{letter}_h", f"{letter}_w")), value)
    return sizes


@functools.cache
def five_by_five() -> tuple[Array, Array, Array]:
    """δ, w, I of hermosayhl's example: 5×5 input, k = 3, s = 2. Powers of 7, so that a sum shows its products."""
    δ, w, image = (
        np.arange(1, 5).reshape(2, 2),
        7 ** np.arange(9).reshape(3, 3),
        7 ** np.arange(25).reshape(5, 5) % 10007,
    )
    return δ, w, image


@pytest.mark.parametrize("name", ["conv2d.dx", "conv2d.dx.scatter", "trilinear.dx"])
def test_the_second_sources_input_gradient_comes_out(name: str) -> None:
    """dI_33 = δ11·w33 + δ12·w31 + δ21·w13 + δ22·w11, indices from 1."""
    δ, w, _ = five_by_five()
    dx = evaluated(name, {"dz": δ[None, None], "w": w[None, None]}, square(5, 3, 2))
    by_hand = δ[0, 0] * w[2, 2] + δ[0, 1] * w[2, 0] + δ[1, 0] * w[0, 2] + δ[1, 1] * w[0, 0]
    assert dx[0, 0, 2, 2] == by_hand
    assert dx[0, 0, 0, 0] == δ[0, 0] * w[0, 0] and dx[0, 0, 4, 4] == δ[1, 1] * w[2, 2]


@pytest.mark.parametrize("name", ["conv2d.dw", "trilinear.dw"])
def test_the_second_sources_weight_gradient_comes_out(name: str) -> None:
    """dw_32 = δ11·I32 + δ12·I34 + δ21·I52 + δ22·I54, indices from 1."""
    δ, _, image = five_by_five()
    dw = evaluated(name, {"dz": δ[None, None], "x": image[None, None]}, square(5, 3, 2))
    by_hand = δ[0, 0] * image[2, 1] + δ[0, 1] * image[2, 3] + δ[1, 0] * image[4, 1] + δ[1, 1] * image[4, 3]
    assert dw[0, 0, 2, 1] == by_hand


DELTA = np.array([[2, 8], [4, 6]])


@pytest.mark.parametrize("name", ["avg_pool2d.dx", "avg_pool2d.dx.upsample"])
def test_the_first_sources_average_pooling_comes_out(name: str) -> None:
    """δ = [[2,8],[4,6]] through windows of 2×2, side by side."""
    found = evaluated(name, {"dz": DELTA[None, None]}, square(4, 2, 2))
    if name.endswith("upsample"):  # its axes are window row, row within, window column, column within
        found = found.reshape(4, 4)
    rows = [[0.5, 0.5, 2, 2], [0.5, 0.5, 2, 2], [1, 1, 1.5, 1.5], [1, 1, 1.5, 1.5]]
    assert found.reshape(4, 4).tolist() == rows


def test_the_first_sources_max_pooling_comes_out() -> None:
    winners = np.array([[0, 1 * 4 + 3], [2 * 4 + 1, 3 * 4 + 2]])
    found = evaluated("max_pool2d.dx", {"dz": DELTA[None, None], "argmax": winners[None, None]}, square(4, 2, 2))
    assert found[0, 0].tolist() == [[2, 0, 0, 0], [0, 0, 0, 8], [0, 4, 0, 0], [0, 0, 6, 0]]


@pytest.mark.parametrize("name", ["conv2d.dx", "conv2d.dx.scatter"])
def test_two_or_three_windows_overlap_in_the_third_sources_example(name: str) -> None:
    """Kernel 5, stride 2: with all numbers 1, the gradient counts the terms of each cell."""
    sizes = square(13, 5, 2) | {"W": 1, "K_w": 1, "O_w": 1}
    found = evaluated(name, {"dz": np.ones((1, 1, 5, 1), int), "w": np.ones((1, 1, 5, 1), int)}, sizes)
    assert found[0, 0, :, 0].tolist() == [1, 1, 2, 2, 3, 2, 3, 2, 3, 2, 2, 1, 1]


def test_overlapping_windows_of_a_pool_add_up() -> None:
    found = evaluated("avg_pool2d.dx", {"dz": np.full((1, 1, 3, 1), 3)}, square(5, 3, 1) | {"W": 1, "K_w": 1, "O_w": 1})
    assert found[0, 0, :, 0].tolist() == [1, 2, 3, 2, 1]


def test_rows_that_no_window_reads_get_no_gradient() -> None:
    found = evaluated("conv2d.dx", {"dz": np.ones((1, 1, 2, 2), int), "w": np.ones((1, 1, 3, 3), int)}, square(6, 3, 2))
    assert found.shape == (1, 1, 6, 6) and not found[..., 5, :].any() and not found[..., 5].any()
    assert found[0, 0, :5, :5].all()


# --- PyTorch --------------------------------------------------------------------------------------------------------


def gradients(torch: Any, forward: Any, dz: Array, **arrays: Array) -> tuple[Array, dict[str, Array]]:
    """The layer's output, and PyTorch's gradients of Σ dz·z."""
    tensors = {name: torch.tensor(array, requires_grad=True) for name, array in arrays.items()}
    z = forward(**tensors)
    z.backward(torch.tensor(dz))
    return z.detach().numpy(), {name: tensor.grad.numpy() for name, tensor in tensors.items()}


SETTINGS = [
    {"stride": (2, 3), "padding": (1, 0), "dilation": (1, 2)},
    {"stride": (1, 1), "padding": (0, 0), "dilation": (1, 1)},
    {"stride": (2, 2), "padding": (2, 1), "dilation": (2, 1)},
]


def agree(found: Array, wanted: Array) -> None:
    assert found.shape == wanted.shape
    np.testing.assert_allclose(found, wanted, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("settings", SETTINGS, ids=str)
def test_the_convolutions_last_lines_are_pytorchs_gradients(settings: dict[str, Any]) -> None:
    torch, rng = pytest.importorskip("torch"), np.random.default_rng(0)
    x, w, b = rng.normal(size=(2, 2, 8, 7)), rng.normal(size=(3, 2, 3, 2)), rng.normal(size=3)
    shape = torch.nn.functional.conv2d(torch.tensor(x), torch.tensor(w), **settings).shape
    dz = rng.normal(size=tuple(shape))
    z, wanted = gradients(torch, lambda x, w, b: torch.nn.functional.conv2d(x, w, b, **settings), dz, x=x, w=w, b=b)
    agree(derive("conv2d.z").function()(x, w, b, z.shape, **settings), z)
    agree(derive("conv2d.dx").function()(dz, w, x.shape, **settings), wanted["x"])
    agree(derive("conv2d.dx.scatter").function()(dz, w, x.shape, **settings), wanted["x"])
    agree(derive("conv2d.dw").function()(dz, x, w.shape, **settings), wanted["w"])
    agree(derive("conv2d.dw").function("einsum")(dz, x, w.shape, **settings), wanted["w"])
    agree(derive("conv2d.db").function()(dz), wanted["b"])


@pytest.mark.parametrize("settings", SETTINGS, ids=str)
def test_the_transposed_convolutions_last_lines_are_pytorchs_gradients(settings: dict[str, Any]) -> None:
    torch, rng = pytest.importorskip("torch"), np.random.default_rng(1)
    x, w, b = rng.normal(size=(2, 2, 4, 3)), rng.normal(size=(2, 3, 3, 4)), rng.normal(size=3)
    forward = torch.nn.functional.conv_transpose2d
    dz = rng.normal(size=tuple(forward(torch.tensor(x), torch.tensor(w), **settings).shape))
    z, wanted = gradients(torch, lambda x, w, b: forward(x, w, b, **settings), dz, x=x, w=w, b=b)
    agree(derive("conv_transpose2d.z").function()(x, w, b, z.shape, **settings), z)
    agree(derive("conv_transpose2d.dx").function()(dz, w, x.shape, **settings), wanted["x"])
    agree(derive("conv_transpose2d.dw").function()(dz, x, w.shape, **settings), wanted["w"])
    agree(derive("conv_transpose2d.db").function()(dz), wanted["b"])


def test_the_pools_last_lines_are_pytorchs_gradients() -> None:
    torch, rng = pytest.importorskip("torch"), np.random.default_rng(2)
    x, settings = rng.normal(size=(2, 3, 7, 6)), {"stride": (2, 1), "padding": (1, 0)}
    pool = torch.nn.functional
    z, argmax = pool.max_pool2d(torch.tensor(x), (3, 2), **settings, return_indices=True)
    dz = rng.normal(size=tuple(z.shape))
    _, wanted = gradients(torch, lambda x: pool.max_pool2d(x, (3, 2), **settings), dz, x=x)
    agree(derive("max_pool2d.dx").function()(dz, argmax.numpy(), x.shape), wanted["x"])
    z, wanted = gradients(torch, lambda x: pool.avg_pool2d(x, (3, 2), **settings), dz, x=x)
    agree(derive("avg_pool2d.dx").function()(dz, x.shape, (3, 2), **settings), wanted["x"])
    agree(derive("avg_pool2d.z").function()(x, z.shape, (3, 2), **settings), z)


def test_softmax_with_cross_entropy_is_pytorchs() -> None:
    torch, rng = pytest.importorskip("torch"), np.random.default_rng(3)
    logits, labels = rng.normal(size=(5, 4)), rng.integers(0, 4, 5)
    tensor = torch.tensor(logits, requires_grad=True)
    torch.nn.functional.cross_entropy(tensor, torch.tensor(labels)).backward()
    p = torch.softmax(tensor, 1).detach().numpy()
    agree(derive("softmax_cross_entropy.dlogits").function()(labels, p), tensor.grad.numpy())


@pytest.mark.parametrize("name", ["tanh", "sigmoid", "arctan", "relu"])
def test_an_activations_last_line_is_pytorchs(name: str) -> None:
    torch, rng = pytest.importorskip("torch"), np.random.default_rng(4)
    z, da = rng.normal(size=(2, 3, 4, 2)), rng.normal(size=(2, 3, 4, 2))
    a, wanted = gradients(torch, lambda z: getattr(torch, name)(z), da, z=z)
    of_a = name in ("tanh", "sigmoid")
    agree(derive(f"{name}.dz").function()(da, a if of_a else z), wanted["z"])


# --- cases that tell every symbol from every other ------------------------------------------------------------------

n, i, u, N, C, K_w = symbols("n i u N C K_w")
s_h, p_h, d_h, O_h = symbols("s_h p_h d_h O_h")


def all_of_the_check(name: str) -> list[Case]:
    return [derive(name).case(seed) for seed in range(12)]


@pytest.mark.parametrize("dividend", [u + p_h, u + p_h + i * s_h, p_h - u - i * s_h, u - u * s_h + p_h], ids=str)
def test_the_check_catches_a_wrong_divisibility(dividend: Expr) -> None:
    """[d_h ∣ u + p_h − i·s_h] with i·s_h forgotten, added or replaced: twelve seeds find it."""
    derivation = derive("conv2d.dx")
    wrong = derivation.expr.xreplace({Divides(d_h, u + p_h - i * s_h): Divides(d_h, dividend)})
    assert wrong != derivation.expr and not passes(derivation, wrong, cases("conv2d.dx")), "this one is right"
    assert not passes(derivation, wrong, all_of_the_check("conv2d.dx"))


@pytest.mark.parametrize("value", [N, C, K_w], ids=str)
def test_the_check_tells_the_stride_from_the_other_sizes(value: Expr) -> None:
    derivation = derive("conv2d.z")
    wrong = derivation.expr.xreplace({i * s_h: i * value})
    assert wrong != derivation.expr and not passes(derivation, wrong, cases("conv2d.z"))
    assert not passes(derivation, wrong, all_of_the_check("conv2d.z"))


@pytest.mark.parametrize("name", ["conv2d.z", "conv2d.dw"])
def test_the_check_tells_the_padding_from_one(name: str) -> None:
    derivation = derive(name)
    assert not passes(derivation, derivation.expr.xreplace({p_h: Integer(1)}), all_of_the_check(name))
