"""From painted crops to the network's input, as cameras, codecs and imprecise meshes would change them."""

import math

import torch
from torch.nn import functional as F

from faces import ROOM


def placement(n, exact=False):
    """[n, 2, 3]: where the network's crop lies in the training crop; jittered unless `exact`."""

    def spread(width):
        return torch.zeros(n) if exact else torch.randn(n).clamp(-2, 2) * width

    scale = torch.exp(spread(0.06)) / ROOM
    angle = spread(math.radians(4))
    stretch = torch.exp(spread(0.03))
    theta = torch.zeros(n, 2, 3)
    theta[:, 0, 0], theta[:, 0, 1] = scale * stretch * angle.cos(), -scale * angle.sin()
    theta[:, 1, 0], theta[:, 1, 1] = scale * angle.sin(), scale / stretch * angle.cos()
    theta[:, 0, 2], theta[:, 1, 2] = spread(0.035), spread(0.035)
    return theta


def placed(x, theta, size):
    grid = F.affine_grid(theta, (len(x), x.shape[1], size, size), align_corners=False)
    return F.grid_sample(x, grid, align_corners=False)


def recoloured(x):
    """x in 0..1: exposure, contrast, white balance, saturation, now and then grey."""
    n = len(x)

    def each(low, high, channels=1):
        return torch.empty(n, channels, 1, 1).uniform_(low, high)

    grey = x.mean(1, keepdim=True)
    saturation = each(0.5, 1.4) * (torch.rand(n, 1, 1, 1) > 0.06)
    x = grey + (x - grey) * saturation
    x = x * each(0.9, 1.1, 3) * each(0.65, 1.35) + each(-0.06, 0.06)
    return x.clamp(0, 1) ** each(0.75, 1.35)


def degraded(x):
    """Downscaled and blurred, noisy, through a codec: each now and then, a whole batch part at a time."""
    parts = list(x.split(16))
    for i, part in enumerate(parts):
        if torch.rand(()) < 0.4:
            small = int(torch.empty(()).uniform_(0.33, 0.95) * part.shape[-1])
            part = F.interpolate(part, (small, small), mode="bilinear", antialias=True, align_corners=False)
            part = F.interpolate(part, x.shape[-2:], mode="bilinear", align_corners=False)
        if torch.rand(()) < 0.3:
            part = part + torch.randn_like(part) * torch.rand(()) * 0.05
        if torch.rand(()) < 0.3:
            part = through_jpeg(part, float(torch.empty(()).uniform_(0.02, 0.12)))
        parts[i] = part
    return torch.cat(parts).clamp(0, 1)


def through_jpeg(x, step):
    """Quantises 8 × 8 cosine transforms, coarser for higher frequencies: the look of JPEG without its chroma."""
    k = torch.arange(8.0)
    dct = torch.cos((2 * k[None] + 1) * k[:, None] * math.pi / 16) * 0.5
    dct[0] *= 0.5**0.5
    n, c, h, w = x.shape
    blocks = x.view(n, c, h // 8, 8, w // 8, 8).permute(0, 1, 2, 4, 3, 5)
    coefficients = dct @ blocks @ dct.T
    quantum = step * (1 + 0.6 * (k[:, None] + k[None]))
    blocks = dct.T @ ((coefficients / quantum).round() * quantum) @ dct
    return blocks.permute(0, 1, 2, 4, 3, 5).reshape(n, c, h, w)
