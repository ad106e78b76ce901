"""Training batches of the occlusion network: crops with things painted over them, and a map of what is covered."""

import numpy as np
import torch

from augment import degraded, placed, placement, recoloured
from batches import Batches, framed
from faces import OCCLUSION_VIEW, UNKNOWN
from occluders import Painter, occlude
from occlusion_network import MAP_SIZE
from parts import FOREHEAD, HULLS, OVAL, PARTS, Cells

PAINTED = 0.8
"""Share of crops with something in front."""
MASKED = np.array([0, 0, 0, 0, 0.95, 1, UNKNOWN], np.float32)
"""What a mask covers of the parts: some are worn under the nose."""
EYES = HULLS["leftEye"] + HULLS["rightEye"] + HULLS["leftEyeBrow"] + HULLS["rightEyeBrow"]


def occlusion_batches(sets, shares_of_sets, steps, size, seed):
    """
    Batches of (input [N, 3, size, size], map [N, MAP_SIZE, MAP_SIZE] covered shares of cells, its weights, the parts' regions
    [N, 7, MAP_SIZE, MAP_SIZE], the parts' covered shares [N, 7] where the map does not say them, else UNKNOWN).
    """
    return Batches(sets, shares_of_sets, steps, size, seed, example, collated, even)


def even(_faces, index):
    return np.full(len(index), 1 / len(index))


def example(faces, i, painter, rng):
    """One crop, painted or not: (image, [map, known, face, *regions], shares)."""
    image = faces.images[i].astype(np.float32)
    mesh = faces.meshes[i] * faces.view.frame
    regions, face = faces.regions(i)
    target, known, parts = known_of(faces, i, regions)
    if rng.random() < 0.25:
        image = np.clip(painter.shadow(image, mesh), 0, 255)
    if rng.random() < PAINTED:
        image, alpha, _ = occlude(painter, image, mesh, regions)
        cell = faces.view.frame // faces.view.grid
        alpha = alpha.reshape(faces.view.grid, cell, faces.view.grid, cell).mean((1, 3))
        target, known = np.maximum(target, alpha), np.maximum(known, alpha > 0.6)
        parts = np.where((regions * alpha).sum((1, 2)) > 0.02 * regions.sum((1, 2)), UNKNOWN, parts)
    maps = np.concatenate([[target, known, face], regions]).astype(np.float32)
    return framed(image, mesh, rng).astype(np.float32), maps, parts.astype(np.float32)


def known_of(faces, i, regions):
    """What the labels say of a face as it is: (map, where it is known, shares of parts whose map is not)."""
    cells, mesh = Cells(faces.view.grid), faces.meshes[i]
    shape = regions.shape[1:]
    target, known = np.zeros(shape, np.float32), np.ones(shape, np.float32)
    parts = np.full(len(PARTS), UNKNOWN, np.float32)
    labels = {key: values[i] for key, values in faces.labels.items()}
    if labels["mask"] == 1:
        known[cells.inside_hull(mesh[list(OVAL + (6,))], 0.05).reshape(shape)] = 0
        target[regions[5] > 0], known[regions[5] > 0] = 1, 1
        parts = MASKED.copy()
    if getattr(faces, "fringes", None) is not None and (faces.fringes[i] or faces.eyeglasses[i]):
        brows = HULLS["leftEyeBrow"] + HULLS["rightEyeBrow"]
        known[cells.inside_hull(mesh[list(brows + FOREHEAD)], 0.03).reshape(shape)] = 0
    if labels["glasses"] in (2, UNKNOWN) and getattr(faces, "eyeglasses", None) is not None:
        known[cells.inside_hull(mesh[list(EYES)], 0.05).reshape(shape)] = 0
        if labels["glasses"] == 2:
            eyes = regions[2:4].max(0) > 0
            target[eyes], known[eyes] = 1, 1
    return target, known, parts


def collated(columns):
    images, maps, parts = columns
    x = torch.from_numpy(images).permute(0, 3, 1, 2).contiguous() / 255
    maps, parts = torch.from_numpy(maps), torch.from_numpy(parts)
    theta = placement(len(x))
    x, maps = placed(x, theta, OCCLUSION_VIEW.size), placed(maps, theta, MAP_SIZE)
    which = torch.rand(len(x)) < 0.5
    x = torch.where(which[:, None, None, None], x.flip(-1), x)
    swapped = [0, 1, 2, 4, 3, 6, 5, 7, 8, 9]
    maps = torch.where(which[:, None, None, None], maps[:, swapped].flip(-1), maps)
    parts = torch.where(which[:, None], parts[:, [1, 0, 3, 2, 4, 5, 6]], parts)
    x = degraded(recoloured(x))
    target, known, face, regions = maps[:, 0], maps[:, 1], maps[:, 2], maps[:, 3:]
    return x, target, (known > 0.99).float() * face, regions, parts
