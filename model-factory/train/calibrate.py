"""Makes the logits' probabilities mean what they say, on the part of celeba-dev's first 6,000 that was not fitted."""

import numpy as np
import torch
from torch.nn import functional as F

from faces import UNKNOWN
from measure import outputs_of

WORN = (0.6, 0.25, 0.15)
"""
Shares of faces without glasses, with transparent ones and with sunglasses for which certainties are right. Of celeba-dev's celebrities 5 %
wear transparent ones: by that share every third pair would be called none.
"""


def calibrated(net, faces, masks, bare):
    """Scales and shifts the traits' logits (Platt scaling; one scale and a shift per class) within the last layer."""
    index = np.flatnonzero(faces.calibrate)
    logits = outputs_of(net, faces.images[index], faces.view)
    layer = net.traits.conv
    for rows, key in ((range(0, 3), "glasses"), (range(3, 7), "hair"), ([7], "hat"), ([8], "bangs")):
        rows, assumed = list(rows), WORN if key == "glasses" else None
        target = torch.from_numpy(faces.labels[key][index])
        scale, shift = platt(logits[:, rows], target, assumed)
        print(f"calibrated {key}: scale {float(scale):.2f}, shift {[round(float(s), 2) for s in shift]}")
        with torch.no_grad():
            layer.weight[rows] *= scale
            layer.bias[rows] = layer.bias[rows] * scale + shift
    with torch.no_grad():
        layer.bias[9] -= mask_threshold(net, masks, faces, bare)
    return net


def mask_threshold(net, masks, *bare):
    """
    The logit that one in 500 bare faces reaches, of the calibration part of celeba-dev and the held-out people of lfw-dev: the
    fitted faces, masked and bare, lie so far apart that they do not say where between them the threshold belongs.
    """
    others = [faces.images[faces.calibrate if faces.calibrate.any() else ~faces.fit] for faces in bare]
    logits = np.concatenate([outputs_of(net, images, masks.view)[:, 9].numpy() for images in others])
    threshold = float(np.quantile(logits, 1 - 1 / 500))
    index = np.flatnonzero(masks.fit)
    masked = masks.labels["mask"][index] == 1
    right = ((outputs_of(net, masks.images[index], masks.view)[:, 9].numpy() > threshold) == masked).mean()
    print(f"mask: threshold {threshold:.2f} of {len(logits)} bare faces, {right:.4f} right on the fitted half of mask-dev")
    return threshold


def platt(logits, target, assumed=None):
    """The scale and the shifts that make logits right for faces as they are, or if classes had the shares `assumed`."""
    known = target != UNKNOWN
    logits, target = logits[known], target[known]
    weight = assumed and torch.tensor(assumed) / torch.bincount(target, minlength=len(assumed))
    scale, shift = torch.ones(1, requires_grad=True), torch.zeros(logits.shape[1], requires_grad=True)
    optimiser = torch.optim.LBFGS([scale, shift], max_iter=60, line_search_fn="strong_wolfe")

    def closure():
        optimiser.zero_grad()
        moved = logits * scale + shift
        # Few examples: the shifts stay small unless they help.
        loss = 0.001 * (shift**2).sum() + (
            F.cross_entropy(moved, target, weight)
            if logits.shape[1] > 1
            else F.binary_cross_entropy_with_logits(moved[:, 0], target.float())
        )
        loss.backward()
        return loss

    optimiser.step(closure)
    return scale.detach(), shift.detach()
