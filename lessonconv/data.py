"""Handwritten digits to train on: 5,000 of MNIST in the package, and a reader for the whole of it. And a photograph.

The 5,000 are in digits/mnist_5000.npz, with licence (CC BY-SA 3.0) and credits in digits/LICENSE.txt beside it;
tools/build_digits.py made the file. Nothing here needs a network.

Source: LeCun, Bottou, Bengio & Haffner 1998, "Gradient-based learning applied to document recognition".
"""

import gzip
import math
import os
import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
Examples = tuple[Array, Array]  # images (N, 1, H, W) and labels (N,)

CLASSES, PER_CLASS = 10, 500
IDX_TYPES = {0x08: ">u1", 0x09: ">i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}


def digits(  # np.random.Generator is quoted because naming it would load numpy.random on import, a good 10 ms
    seed: "int | np.random.Generator" = 0, *, test: int = 1000, dtype: npt.DTypeLike = np.float32
) -> tuple[Examples, Examples]:
    """Real handwritten digits in two halves that share no image: `(x, y), (x_test, y_test) = digits()`.

    x: (5000 − test, 1, 28, 28), brightness from 0 (paper) to 1 (ink); y: (5000 − test,), the digits 0 to 9 as int64;
    x_test: (test, 1, 28, 28); y_test: (test,). Both halves hold equally many of each digit, in an order drawn from the
    seed. The same seed gives the same arrays; they are the caller's own to change.
    Raises ValueError if test is not a multiple of 10 from 10 to 4,990, TypeError if dtype is not float32 or float64.
    Source: 5,000 images of MNIST, LeCun et al. 1998.
    """
    if test not in range(CLASSES, CLASSES * PER_CLASS, CLASSES):
        raise ValueError(
            f"test={test!r} cannot be shared out: it must be a multiple of 10 from 10 to 4,990, so that each of the "
            f"10 digits gives equally many images and some are left to train on; the default is test=1000"
        )
    images, labels = _stored()
    rng = np.random.default_rng(seed)
    by_class = np.arange(CLASSES * PER_CLASS).reshape(CLASSES, PER_CLASS)  # the file is sorted: a row is a class
    held_out, kept = np.split(rng.permuted(by_class, axis=1), [int(test) // CLASSES], axis=1)
    test_order, order = rng.permutation(held_out.ravel()), rng.permutation(kept.ravel())
    return (
        (_brightness(images[order], dtype), labels[order].astype(np.int64)),
        (_brightness(images[test_order], dtype), labels[test_order].astype(np.int64)),
    )


def photograph() -> Array:
    """A real photograph, in grey: (192, 180), float32, brightness from 0 (black) to 1 (white).

    Head and shoulders of Grace Hopper, admiral and pioneer of compilers, cut out and shrunk. The array is the
    caller's own to change. Raises FileNotFoundError if Matplotlib was installed without its sample data.
    Source: James S. Davis, US Navy, 1984, in the public domain; Matplotlib's sample data, grace_hopper.jpg.
    """
    from matplotlib.cbook import get_sample_data  # on demand: both cost more than this whole module
    from PIL import Image

    with Image.open(get_sample_data("grace_hopper.jpg", asfileobj=False)) as image:
        grey = image.convert("L").resize((180, 192), Image.Resampling.LANCZOS, box=(40, 8, 460, 456))
    return np.asarray(grey, np.float32) / 255


def read_mnist(folder: str | os.PathLike[str], *, dtype: npt.DTypeLike = np.float32) -> tuple[Examples, Examples]:
    """The full MNIST, or a set in the same four files such as Fashion-MNIST: `(x, y), (x_test, y_test)` as `digits`.

    folder: where train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-images-idx3-ubyte and t10k-labels-idx1-ubyte
    lie, as they are or with .gz behind the name, with "-idx" or ".idx". The order is that of the files.
    x: (N, 1, H, W), brightness from 0 to 1 (60,000 images of 28×28 take 188 MB in float32); y: (N,), int64.
    Raises FileNotFoundError if a file is missing, ValueError if one is damaged or images and labels do not match,
    TypeError if dtype is not float32 or float64.
    Source: LeCun et al. 1998; the files are described with `read_idx`.
    """
    names = [f"{half}-{part}" for half in ("train", "t10k") for part in ("images-idx3-ubyte", "labels-idx1-ubyte")]
    x_path, y_path, x_test_path, y_test_path = _find(Path(folder).expanduser(), names)
    return _examples(x_path, y_path, dtype), _examples(x_test_path, y_test_path, dtype)


def read_idx(path: str | os.PathLike[str]) -> Array:
    """The array in an IDX file, the format of MNIST; a gzipped file is unpacked on the way.

    An IDX file is: two zero bytes, a byte for the type, a byte for the number of axes, the size of each axis as four
    bytes, the values in C order, all with the highest byte first. Returns an array of any rank in the native byte
    order: uint8, int8, int16, int32, float32 or float64.
    Raises FileNotFoundError if there is no such file, ValueError if it is not IDX, damaged, cut off or too long.
    Source: the format's description on the home page of MNIST, http://yann.lecun.com/exdb/mnist/.
    """
    path = Path(path).expanduser()
    content = _unpacked(path)
    dtype, shape = _idx_header(path, content)
    start = 4 + 4 * len(shape)
    size = start + math.prod(shape) * dtype.itemsize
    if len(content) != size:
        raise ValueError(
            f"{path} is {'cut off' if len(content) < size else 'too long'}: an array of shape {shape} and "
            f"type {dtype.name} makes {size:,} bytes, but there are {len(content):,}; download it again"
        )
    return np.frombuffer(content, dtype, offset=start).reshape(shape).astype(dtype.newbyteorder("="))


def _stored() -> tuple[Array, Array]:
    """The file in the package: images (5000, 28, 28) and labels (5000,), both uint8, sorted by class."""
    from importlib import resources  # here, so that importing this module stays cheap

    packed = resources.files("lessonconv") / "digits" / "mnist_5000.npz"
    with packed.open("rb") as file, np.load(file, allow_pickle=False) as archive:
        return archive["images"], archive["labels"]


def _brightness(images: Array, dtype: npt.DTypeLike) -> Array:
    """Pixels 0 … 255, (N, H, W), as brightness 0 … 1 with one channel, (N, 1, H, W)."""
    if np.dtype(dtype) not in (np.float32, np.float64):
        raise TypeError(
            f"dtype {np.dtype(dtype)} will not do for images: brightness from 0 to 1 is float32 or float64; "
            f"take np.float32 to train, np.float64 to check gradients"
        )
    return np.divide(images, 255, dtype=dtype)[:, None]


def _find(folder: Path, names: list[str]) -> list[Path]:
    """The file in the folder for each name, whichever way it is spelled; one that is not packed is preferred."""

    def spellings(name: str) -> list[Path]:
        return [folder / (spelled + end) for end in ("", ".gz") for spelled in (name, name.replace("-idx", ".idx"))]

    found = [next(filter(Path.is_file, spellings(name)), None) for name in names]
    paths = [path for path in found if path]
    if len(paths) < len(names):
        missing = [name for name, path in zip(names, found, strict=True) if path is None]
        raise FileNotFoundError(
            f"{folder} lacks {', '.join(missing)} (also looked for with .idx and with .gz); {_contents(folder)}; "
            f"give the folder that holds all four files of MNIST"
        )
    return paths


def _contents(folder: Path, most: int = 12) -> str:
    """What a folder holds, in words, cut short after `most` names."""
    if not folder.is_dir():
        return "there is no such folder"
    names = sorted(entry.name + "/" * entry.is_dir() for entry in folder.iterdir())
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return f"it holds {', '.join(names[:most])}{more}" if names else "it is empty"


def _examples(images_path: Path, labels_path: Path, dtype: npt.DTypeLike) -> Examples:
    """Images and labels of one half, read and held against each other."""
    images, labels = read_idx(images_path), read_idx(labels_path)
    if images.ndim != 3 or images.dtype != np.uint8:
        raise ValueError(
            f"{images_path} holds {images.dtype} of shape {images.shape}, but images are uint8 of shape (N, H, W); "
            f"check that images and labels were not swapped"
        )
    if labels.ndim != 1 or labels.dtype.kind not in "iu":
        raise ValueError(
            f"{labels_path} holds {labels.dtype} of shape {labels.shape}, but labels are integers of shape (N,); "
            f"check that images and labels were not swapped"
        )
    if len(images) != len(labels):
        raise ValueError(
            f"{images_path.name} holds {len(images):,} images, {labels_path.name} {len(labels):,} labels, but every "
            f"image needs its label; check that both files come from the same set"
        )
    return _brightness(images, dtype), labels.astype(np.int64)


def _unpacked(path: Path) -> bytes:
    """A file's content, unpacked if it is gzipped: told by its first bytes, as a name can be wrong."""
    if not path.is_file():
        raise FileNotFoundError(f"{path} is not a file; look into {path.parent}: {_contents(path.parent)}")
    content = path.read_bytes()
    if not content.startswith(b"\x1f\x8b"):
        return content
    try:
        return gzip.decompress(content)
    except (OSError, EOFError, zlib.error) as error:
        raise ValueError(f"{path} is a damaged gzip file ({error}); download it again") from error


def _idx_header(path: Path, content: bytes) -> tuple[np.dtype[Any], tuple[int, ...]]:
    """The type and the shape that an IDX file begins with."""
    if len(content) < 4 or content[:2] != b"\0\0" or content[2] not in IDX_TYPES:
        types = ", ".join(f"{code:02x}" for code in IDX_TYPES)
        raise ValueError(
            f"{path} is not an IDX file: it begins with {content[:4].hex(' ') or 'nothing'}, where IDX has 00 00, "
            f"a type ({types}) and the number of axes; check which file this is, or download it again"
        )
    rank = content[3]
    if len(content) < 4 + 4 * rank:
        raise ValueError(
            f"{path} is cut off: the sizes of its {rank} axes end at byte {4 + 4 * rank}, but there are "
            f"{len(content)} bytes; download it again"
        )
    return np.dtype(IDX_TYPES[content[2]]), struct.unpack_from(f">{rank}I", content, 4)
