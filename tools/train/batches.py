"""Training batches: crops drawn from the sets, things painted over them, what is then true of them."""

import numpy as np
import torch

from augment import degraded, flipped, placed, placement, recoloured
from faces import FRAME, UNKNOWN
from occluders import Painter, occlude, shares

LABELS = ("glasses", "hair", "hat", "bangs", "mask")
PAINTED = 0.75
"""Share of crops with something in front."""


class Batches(torch.utils.data.IterableDataset):
    """`steps` batches of (input, labels [N, 5], covered [N, 7], map [N, 1, 6, 6], weight of the map)."""

    def __init__(self, sets, shares_of_sets, steps, size, seed):
        self.sets, self.steps, self.size, self.seed = sets, steps, size, seed
        self.draws = [(faces, np.flatnonzero(faces.fit), share) for faces, share in zip(sets, shares_of_sets)]
        self.chances = [chances_of(faces, index) for faces, index, _ in self.draws]

    def __iter__(self):
        info = torch.utils.data.get_worker_info()
        worker, workers = (info.id, info.num_workers) if info else (0, 1)
        torch.set_num_threads(1)
        for step in range(worker, self.steps, workers):
            # A batch depends on its number alone, whoever makes it.
            rng = np.random.default_rng([self.seed, step])
            torch.manual_seed(self.seed * 1_000_003 + step)
            yield self.batch(rng)

    def batch(self, rng):
        images, labels, covered, alphas = [], [], [], []
        counts = rng.multinomial(self.size, [share for *_, share in self.draws])
        for (faces, index, _), chances, count in zip(self.draws, self.chances, counts):
            painter = Painter(rng, faces.images)
            for i in rng.choice(index, count, p=chances):
                image, label, cover, alpha = example(faces, i, painter, rng)
                images.append(image)
                labels.append(label)
                covered.append(cover)
                alphas.append(alpha)
        order = rng.permutation(len(images))
        x = torch.from_numpy(np.stack(images)[order]).permute(0, 3, 1, 2).contiguous() / 255
        covered = torch.from_numpy(np.stack(covered)[order])
        alpha = torch.from_numpy(np.stack(alphas)[order])[:, None]
        theta = placement(len(x))
        x, alpha = placed(torch.cat([x, alpha], 1), theta).split([3, 1], 1)
        which = torch.rand(len(x)) < 0.5
        x, mirrored = flipped(x, covered, which)
        alpha = torch.where(which[:, None, None, None], alpha.flip(-1), alpha)
        x = degraded(recoloured(x))
        grid = torch.nn.functional.adaptive_avg_pool2d(alpha, 6)
        return x, torch.from_numpy(np.stack(labels)[order]), mirrored, grid


def chances_of(faces, index):
    """Rarer labels are drawn more often."""
    labels = faces.labels
    weight = np.ones(len(index))
    weight += 2.5 * (labels["glasses"][index] > 0) + 2.5 * (labels["hat"][index] == 1)
    weight += 2 * (labels["hair"][index] > 0) + 0.5 * (labels["bangs"][index] == 1)
    return weight / weight.sum()


def example(faces, i, painter, rng):
    """One crop, painted or not, with its labels and covered shares."""
    image = faces.images[i].astype(np.float32)
    label = {key: int(faces.labels[key][i]) for key in LABELS}
    covered = faces.covered[i].copy()
    alpha = np.zeros((FRAME, FRAME), np.float32)
    mesh = faces.meshes[i] * FRAME
    if rng.random() < PAINTED:
        regions = faces.regions(i)
        image, alpha, kind = occlude(painter, image, mesh, regions)
        own = shares(alpha, regions)
        known = np.maximum(np.maximum(covered, 0), own)
        covered = np.where((covered == UNKNOWN) & (own < 0.6), UNKNOWN, known).astype(np.float32)
        label = labels_behind(label, own, kind, forehead_of(alpha, mesh))
    return framed(image, mesh, rng).astype(np.float32), np.array([label[key] for key in LABELS]), covered, alpha.astype(np.float32)


def labels_behind(label, own, kind, forehead):
    """What is still true, or still to be seen, behind a thing that covers the shares `own` of the parts."""
    label = dict(label)
    mouth, nose, eyes = own[5], own[4], own[2:4].max()
    if kind == "sunglasses":
        label["glasses"] = 2
    elif eyes > 0.3:
        label["glasses"] = UNKNOWN
    if mouth > 0.25 or own[6] > 0.25:
        label["hair"] = UNKNOWN
    if kind == "mask":
        label["mask"] = 1
    elif mouth > 0.6 and nose > 0.5:
        label["mask"] = UNKNOWN
    if kind == "hair" or forehead > 0.3 or own[:2].max() > 0.5:
        label["bangs"] = UNKNOWN
    if kind == "hair" or forehead > 0.5:
        label["hat"] = UNKNOWN
    return label


def forehead_of(alpha, mesh):
    x, y = np.clip(mesh[[10, 151, 109, 338]], 0, FRAME - 1).astype(int).T
    return alpha[y, x].mean()


def framed(image, mesh, rng):
    """Now and then the picture ends beside the face."""
    if rng.random() < 0.2:
        low, high = np.clip(mesh.min(0) - 2, 0, FRAME), np.clip(mesh.max(0) + 2, 0, FRAME)
        side = rng.integers(4)
        image = image.copy()
        if side == 0:
            image[: int(rng.uniform(0, low[1]))] = 0
        elif side == 1:
            image[int(rng.uniform(high[1], FRAME)) :] = 0
        elif side == 2:
            image[:, : int(rng.uniform(0, low[0]))] = 0
        else:
            image[:, int(rng.uniform(high[0], FRAME)) :] = 0
    return image
