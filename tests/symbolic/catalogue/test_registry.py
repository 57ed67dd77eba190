"""Names and settings: what there is, what a docstring cites, what a setting does, and what is refused."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sympy import KroneckerDelta, floor
from sympy.tensor.indexed import Indexed

import lessonconv
from lessonconv.symbolic import derive, names
from lessonconv.symbolic.brackets import Divides
from lessonconv.symbolic.catalogue.registry import Entry, derivation
from lessonconv.symbolic.notation import name_of, symbols, without_hat

DEMANDED = """
    conv2d.z conv2d.z.meetings conv2d.dw conv2d.db conv2d.dx conv2d.dz conv2d.dx.rot180 conv2d.dx.scatter
    conv2d.dx.polyphase
    convolve.flip convolve.commutes convolve.associates correlate.twice convolve.flip.dw
    trilinear.z trilinear.dw trilinear.dx conv2d.flip conv2d.dense conv2d.matrix.z conv2d.matrix.dx
    conv2d.matrix.dw linear.z linear.dw linear.db linear.dx conv_transpose2d.z conv_transpose2d.dx
    conv_transpose2d.dw conv_transpose2d.db avg_pool2d.z avg_pool2d.dx avg_pool2d.dx.upsample max_pool2d.z
    max_pool2d.dx relu.dz leaky_relu.dz sigmoid.dz tanh.dz arctan.dz softmax_cross_entropy.dlogits two_conv.dw1
    two_conv.dw2
"""


def test_every_derivation_that_was_asked_for_has_a_name() -> None:
    assert set(DEMANDED.split()) <= set(names())
    assert list(names()) == sorted(set(names()))


def test_every_derivation_that_a_docstring_cites_has_a_name() -> None:
    folder = Path(lessonconv.__file__).parent
    cited = set()
    for path in [*folder.glob("functional/*.py"), *folder.glob("nn/*.py"), *folder.glob("*.py")]:
        for citation in re.findall(r"derivations?((?:,?\s+\"[\w.]+\")+)", path.read_text(encoding="utf-8")):
            cited |= set(re.findall(r"\"([\w.]+)\"", citation))
    assert {"conv2d.z", "conv2d.dx", "conv2d.dw", "conv2d.db", "softmax_cross_entropy.dlogits"} <= cited
    assert cited <= set(names())


# --- settings -------------------------------------------------------------------------------------------------------


def test_a_derivation_is_made_once() -> None:
    assert derive("conv2d.dw") is derive("conv2d.dw")
    assert derive("conv2d.dw", stride=2) is derive("conv2d.dw", stride=(2, 2))
    assert derive("conv2d.dw", stride=2, padding=1) is derive("conv2d.dw", padding=(1, 1), stride=np.array([2, 2]))
    assert derive("conv2d.dw", stride=None, padding=None) is derive("conv2d.dw")
    assert derive("conv2d.dw", padding=0) is not derive("conv2d.dw")


def test_the_least_settings_make_the_equations_shorter() -> None:
    """Stride 1 needs no divisibility, padding 0 no hats that bite, dilation 1 no factor."""
    plain = derive("conv2d.dx", stride=1, padding=0, dilation=1)
    assert len(plain.lines[-1].text) < len(derive("conv2d.dx").lines[-1].text) / 1.5
    for line in plain.lines:
        assert not line.expr.atoms(Divides, floor)
        assert not line.expr.free_symbols & set(symbols("s_h s_w p_h p_w d_h d_w"))
    assert derive("conv2d.dx").expr.atoms(Divides)
    assert not derive("conv2d.dx", dilation=1).expr.atoms(Divides)
    assert not derive("conv2d.dx", stride=1).expr.atoms(Divides)  # with s or d = 1 every cell has a partner
    assert derive("conv2d.dw", stride=1, padding=0, dilation=1).lines[-1].text == (
        "dw[f,c,k,l] = Σ(n<N, i<O_h, j<O_w) dz[n,f,i,j]·x[n, c, i + k, j + l]".replace("x[", "x̂[")
    )


def test_a_pair_sets_height_and_width_apart() -> None:
    derivation = derive("conv2d.dx", stride=(3, 5), dilation=(2, 1))
    assert {bracket.args[0] for bracket in derivation.expr.atoms(Divides)} == {2}
    derivation = derive("conv2d.dx", stride=(5, 3), dilation=(1, 2))
    assert {bracket.args[0] for bracket in derivation.expr.atoms(Divides)} == {2}
    text = derive("conv2d.dw", stride=(2, 3), padding=(1, 0)).lines[-1].text
    assert "2·i + k·d_h − 1" in text and "3·j + l·d_w" in text


@pytest.mark.parametrize(
    "settings", [{"stride": 1, "padding": 0, "dilation": 1}, {"stride": (3, 2)}, {"padding": (0, 1)}]
)
@pytest.mark.parametrize(
    "name", [name for name in names() if name.startswith(("conv2d", "conv_", "avg", "max", "trilinear"))]
)
def test_every_layer_holds_for_settings_in_numbers(name: str, settings: dict[str, Any]) -> None:
    if name in ("conv2d.dense", "conv2d.dz", "avg_pool2d.dx.upsample"):  # these take none
        with pytest.raises(TypeError, match="which takes no settings"):
            derive(name, **settings)
        return
    known = {"stride", "padding"} | ({"dilation"} if "pool" not in name and "polyphase" not in name else set())
    derivation = derive(name, **{key: value for key, value in settings.items() if key in known})
    report = derivation.check(seed=1)
    assert report, str(report)
    for key in settings.keys() & known:
        assert not derivation.expr.free_symbols & set(symbols(f"{key[0]}_h {key[0]}_w"))
        value = settings[key] if isinstance(settings[key], tuple) else (settings[key],) * 2
        assert value == (report.sizes[f"{key[0]}_h"], report.sizes[f"{key[0]}_w"])


def test_a_setting_leaves_the_others_open() -> None:
    free = derive("conv2d.dx", stride=2).expr.free_symbols
    assert set(symbols("p_h p_w d_h d_w")) <= free and not free & set(symbols("s_h s_w"))
    assert not derive("conv2d.dx").expr.atoms(KroneckerDelta)


# --- refusals -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "near"), [("conv2d.dwx", "conv2d.dw"), ("conv2.dx", "conv2d.dx"), ("maxpool2d.dx", "max_pool2d.dx")]
)
def test_an_unknown_name_is_refused_with_near_ones(name: str, near: str) -> None:
    with pytest.raises(
        ValueError, match=f"no derivation is called '{name}'; did you mean .*{re.escape(near)}"
    ) as refusal:
        derive(name)
    assert str(refusal.value).endswith("? names() lists them all")


@pytest.mark.parametrize("name", ["", "qqqqqq", 3, None])
def test_a_name_like_no_other_is_refused_without_advice(name: Any) -> None:
    with pytest.raises(ValueError) as refusal:
        derive(name)
    assert str(refusal.value) == f"no derivation is called {name!r}; names() lists them all"


@pytest.mark.parametrize(
    ("name", "settings", "sentence"),
    [
        ("conv2d.dw", {"strid": 1}, "strid is not a setting of conv2d.dw, which takes stride, padding, dilation"),
        ("conv2d.dw", {"kernel_size": 3}, "kernel_size is not a setting"),
        ("max_pool2d.dx", {"dilation": 2}, "dilation is not a setting of max_pool2d.dx, which takes stride, padding"),
        ("conv2d.dx.polyphase", {"dilation": 1}, "which takes stride, padding"),
        ("linear.dw", {"stride": 1}, "stride is not a setting of linear.dw, which takes no settings"),
        ("conv2d.dw", {"stride": True}, "stride is True; give an int or a pair"),
        ("conv2d.dw", {"stride": "2"}, "stride is '2'; give an int or a pair"),
        ("conv2d.dw", {"padding": "same"}, "padding is 'same'; give an int or a pair"),
        ("conv2d.dw", {"dilation": 1.5}, "dilation is 1.5; give an int or a pair"),
    ],
)
def test_settings_of_the_wrong_kind_are_refused(name: str, settings: dict[str, Any], sentence: str) -> None:
    with pytest.raises(TypeError) as refusal:
        derive(name, **settings)
    assert sentence in str(refusal.value)


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"stride": 0}, "stride is 0, but must be at least 1"),
        ({"stride": (2, 0)}, "stride is (2, 0), but must be at least 1"),
        ({"padding": -1}, "padding is -1, but must be at least 0"),
        ({"dilation": 0}, "dilation is 0, but must be at least 1"),
        ({"stride": (1, 2, 3)}, "with 3 entries; give an int or a pair"),
    ],
)
def test_settings_that_cannot_be_are_refused(settings: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValueError) as refusal:
        derive("conv2d.dx", **settings)
    assert sentence in str(refusal.value)


def test_entering_a_derivation_leaves_its_function_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    from lessonconv.symbolic.catalogue import registry

    entries: dict[str, Entry] = {}
    monkeypatch.setattr(registry, "_ENTRIES", entries)

    def steps(layer: Any) -> Any:
        raise AssertionError("not called yet")

    assert derivation("mine", dict, dict, "stride")(steps) is steps  # type: ignore[arg-type]
    assert registry.names() == ("mine",) and entries["mine"].settings == ("stride",)


@pytest.mark.parametrize("name", names())
def test_what_is_given_speaks_of_this_layer_and_is_not_what_is_derived(name: str) -> None:
    derivation = derive(name)
    for cell, body in derivation.given:
        assert cell != derivation.cell
        assert {without_hat(name_of(part)) for part in body.atoms(Indexed)} <= derivation.known.shapes.keys()
    assert not (derivation.given and name.endswith(".z") and derivation.lines[0].rule == "definition")


# --- awkward settings -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["avg_pool2d.z", "avg_pool2d.dx", "max_pool2d.z"])
def test_a_pool_is_checked_with_the_padding_it_was_given(name: str) -> None:
    assert derive(name, padding=2).check()


def test_a_transposed_convolution_is_checked_with_any_padding() -> None:
    assert derive("conv_transpose2d.db", padding=5).check()


@pytest.mark.parametrize(
    ("name", "settings"),
    [
        ("conv_transpose2d.dx", {"stride": 4}),
        ("conv_transpose2d.dx", {"dilation": 3}),
        ("conv2d.matrix.dw", {"padding": 5}),
    ],
)
def test_larger_settings_can_be_checked(name: str, settings: dict[str, int]) -> None:
    assert derive(name, **settings).check()


def test_a_list_is_refused_as_a_name() -> None:
    with pytest.raises(ValueError, match="no derivation is called"):
        derive(["conv2d.dw"])  # type: ignore[arg-type]
