"""Training batches of the traits network: crops drawn from the sets, things painted over them, what is then true of them."""

import numpy as np
import torch

from augment import degraded, placed, placement, recoloured
from faces import TRAITS_VIEW, UNKNOWN
from occluders import Painter, occlude, shares
from spectacles import spectacles

LABELS = ("glasses", "hair", "hat", "bangs", "mask")
PAINTED = 0.4
"""Share of crops with something in front."""
SPECTACLED = {0: 0.24, UNKNOWN: 0.12}
"""
Share of the crops without glasses, and of those of which it is not known, that are given some: celeba-dev has 360 pairs to fit on. If
most crops of a set wore drawn ones, the set would tell of them.
"""


class Batches(torch.utils.data.IterableDataset):
    """`steps` batches of `size` examples that `collate` makes of lists of what `example(faces, i, painter, rng)` gives."""

    def __init__(self, sets, shares_of_sets, steps, size, seed, example, collate, weigh):
        self.steps, self.size, self.seed = steps, size, seed
        self.example, self.collate = example, collate
        self.draws = [(faces, np.flatnonzero(faces.fit), share) for faces, share in zip(sets, shares_of_sets)]
        self.chances = [weigh(faces, index) for faces, index, _ in self.draws]

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
        examples = []
        counts = rng.multinomial(self.size, [share for *_, share in self.draws])
        for (faces, index, _), chances, count in zip(self.draws, self.chances, counts):
            painter = Painter(rng, faces.images, faces.view)
            examples += [self.example(faces, i, painter, rng) for i in rng.choice(index, count, p=chances)]
        rng.shuffle(examples)
        return self.collate([np.stack(column) for column in zip(*examples)])


def traits_batches(sets, shares_of_sets, steps, size, seed):
    """Batches of (input [N, 3, size, size], labels [N, 5])."""
    return Batches(sets, shares_of_sets, steps, size, seed, example, collated, chances_of)


def collated(columns):
    images, labels = columns
    x = torch.from_numpy(images).permute(0, 3, 1, 2).contiguous() / 255
    x = placed(x, placement(len(x)), TRAITS_VIEW.size)
    x = torch.where((torch.rand(len(x)) < 0.5)[:, None, None, None], x.flip(-1), x)
    return degraded(recoloured(x)), torch.from_numpy(labels)


def chances_of(faces, index):
    """Rarer labels are drawn more often."""
    labels = faces.labels
    weight = np.ones(len(index))
    weight += 2.5 * (labels["glasses"][index] > 0) + 2.5 * (labels["hat"][index] == 1)
    weight += 2 * (labels["hair"][index] > 0) + 0.5 * (labels["bangs"][index] == 1)
    return weight / weight.sum()


def example(faces, i, painter, rng):
    """One crop, painted or not, with its labels."""
    image = faces.images[i].astype(np.float32)
    label = {key: int(faces.labels[key][i]) for key in LABELS}
    mesh = faces.meshes[i] * faces.view.frame
    if rng.random() < SPECTACLED.get(label["glasses"], 0):
        image, label["glasses"] = spectacles(painter, image, mesh)
    if rng.random() < PAINTED:
        regions, _ = faces.regions(i)
        image, alpha, kind = occlude(painter, image, mesh, regions)
        label = labels_behind(label, shares(alpha, regions), kind, forehead_of(alpha, mesh))
    return framed(image, mesh, rng).astype(np.float32), np.array([label[key] for key in LABELS])


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
    x, y = np.clip(mesh[[10, 151, 109, 338]], 0, len(alpha) - 1).astype(int).T
    return alpha[y, x].mean()


def framed(image, mesh, rng):
    """Now and then the picture ends beside the face."""
    if rng.random() < 0.2:
        frame = len(image)
        low, high = np.clip(mesh.min(0) - 2, 0, frame), np.clip(mesh.max(0) + 2, 0, frame)
        side = rng.integers(4)
        image = image.copy()
        if side == 0:
            image[: int(rng.uniform(0, low[1]))] = 0
        elif side == 1:
            image[int(rng.uniform(high[1], frame)) :] = 0
        elif side == 2:
            image[:, : int(rng.uniform(0, low[0]))] = 0
        else:
            image[:, int(rng.uniform(high[0], frame)) :] = 0
    return image
