"""What a fitted network gets right on pictures it was not fitted on; bench/attributes/traits.ts measures it in the library."""

import numpy as np
import torch

from augment import placed, placement
from faces import UNKNOWN
from occluders import Painter, blend, shares, single_part
from occlusion_network import MAP_SIZE
from parts import PARTS


def outputs_of(net, images, view):
    """What `net` gives of whole training crops, bytes or floats 0..255, without jitter."""
    outputs = []
    net.eval()
    with torch.no_grad():
        for start in range(0, len(images), 64):
            x = torch.from_numpy(np.asarray(images[start : start + 64], np.float32) / 255).permute(0, 3, 1, 2).contiguous()
            x = placed(x, placement(len(x), exact=True), view.size)
            outputs.append((net(x) + mirrored_back(net(x.flip(-1)))) / 2)
    return torch.cat(outputs)


def mirrored_back(outputs):
    """Maps are turned back; traits have no sides."""
    return outputs.flip(-1) if outputs.dim() == 3 else outputs


def auc(scores, positive):
    """Area under the ROC curve: how often a positive outranks a negative; ties count half."""
    scores, positive = np.asarray(scores), np.asarray(positive, bool)
    _, ranks, counts = np.unique(scores, return_inverse=True, return_counts=True)
    middle = np.cumsum(counts) - (counts - 1) / 2
    n = positive.sum()
    return (middle[ranks][positive].sum() - n * (n + 1) / 2) / (n * (len(scores) - n))


def measure_traits(net, sets):
    measure_celeba(net, sets["celeba"])
    measure_masks(net, sets["masks"])


def measure_celeba(net, faces):
    index = np.flatnonzero(~faces.fit & ~faces.calibrate)
    logits = outputs_of(net, faces.images[index], faces.view)
    labels = {key: values[index] for key, values in faces.labels.items()}
    glasses, hair = logits[:, :3].softmax(1), logits[:, 3:7].softmax(1)
    worn = faces.eyeglasses[index]
    print(f"celeba-dev, last 2,000 ({len(index)}): AUC glasses {auc(1 - glasses[:, 0], worn):.4f}")
    print(f"  hat {auc(logits[:, 7], labels['hat'] == 1):.4f}, bangs {auc(logits[:, 8], labels['bangs'] == 1):.4f}")
    print(f"  facial hair {auc(1 - hair[:, 0], labels['hair'] > 0):.4f}")
    for key, chosen in (("glasses", glasses), ("hair", hair)):
        known = labels[key] != UNKNOWN
        right = chosen.argmax(1).numpy()[known] == labels[key][known]
        classes = [f"{right[labels[key][known] == k].mean():.3f}" for k in range(chosen.shape[1])]
        print(f"  {key}: {right.mean():.4f} right, by class {classes}")


def measure_masks(net, faces):
    index = np.flatnonzero(~faces.fit)
    logits = outputs_of(net, faces.images[index], faces.view)
    masked = faces.labels["mask"][index] == 1
    right = (logits[:, 9] > 0).numpy() == masked
    print(f"mask-dev, odd numbers: {right.mean():.4f} of {len(right)} right")


def measure_occlusion(net, sets):
    for name in ("lfw", "utkface"):
        measure_covered(net, sets[name], name)
    faces = sets["masks"]
    index = np.flatnonzero(~faces.fit)
    shares = shares_of(net, faces, faces.images[index], index)
    masked = faces.labels["mask"][index] == 1
    print(f"mask-dev, odd numbers: covered {shares[masked].mean(0).round(2)} against {shares[~masked].mean(0).round(2)}")


def shares_of(net, faces, images, index):
    """[N, 7]: the covered share of each part, from the network's map over the part's region."""
    regions = torch.from_numpy(np.stack([faces.regions(i)[0] for i in index]))
    regions = placed(regions, placement(len(regions), exact=True), MAP_SIZE)
    covered = outputs_of(net, images, faces.view).sigmoid()
    return ((regions * covered[:, None]).sum((2, 3)) / (regions.sum((2, 3)) + 1e-3)).numpy()


def measure_covered(net, faces, name, limit=400):
    """One part covered alone on held-out people: is that part the one that is named?"""
    rng = np.random.default_rng(5)
    painter = Painter(rng, faces.images, faces.view)
    index = np.flatnonzero(~faces.fit)[:limit]
    clean = shares_of(net, faces, faces.images[index], index)
    print(f"{name}, {len(index)} held out, clean: covered less than 0.1 in {(clean < 0.1).mean(0).round(3)}", end=" ")
    print(f"90th, 99th percentile {np.quantile(clean, 0.9, 0).round(2)} {np.quantile(clean, 0.99, 0).round(2)}")
    images, truth, targets, chosen = [], [], [], []
    for i in index:
        part = int(rng.integers(len(PARTS)))
        mesh, (regions, _) = faces.meshes[i] * faces.view.frame, faces.regions(i)
        alpha, score = single_part(painter, part, regions, mesh)
        if alpha is None or score < 0.4:
            continue
        image = faces.images[i].astype(np.float32)
        images.append(blend(image, painter.texture(image, mesh), alpha))
        truth.append(part)
        targets.append(shares(alpha, regions))
        chosen.append(i)
    share = shares_of(net, faces, np.stack(images), chosen)
    truth, targets = np.array(truth), np.stack(targets)
    named = share.argmax(1)
    rates = [round(float((named == truth)[truth == k].mean()), 3) for k in range(len(PARTS))]
    print(f"  one part covered: named right {(named == truth).mean():.4f} of {len(truth)}, by part {rates}; mean error of shares {np.abs(share - targets).mean():.3f}")
    with np.errstate(all="ignore"):
        print("  covered", [round(float(targets[truth == k, k].mean()), 2) for k in range(len(PARTS))], end="; ")
        print("estimated", [round(float(share[truth == k, k].mean()), 2) for k in range(len(PARTS))])
