import numpy as np
import pytest

from octrepro.models.pixels import gather, scaled


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_scaling_is_exact(dtype: type) -> None:
    pixels = np.arange(256, dtype=np.uint8)[None]
    x = scaled(pixels, dtype)
    assert x.dtype == dtype
    assert (x * 256 == pixels).all()


def test_gathers_in_order_and_nothing_else() -> None:
    images = np.arange(30, dtype=np.uint8).reshape(5, 6)
    features = np.full((3, 7), -1.0)
    gather(images, np.array([4, 0]), features)
    assert (features[:2, :6] * 256 == images[[4, 0]]).all()
    assert (features[2] == -1).all()
    assert (features[:, 6] == -1).all()
