"""What a fitted network gets right on pictures it was not fitted on; tools/bench/attributes-traits.ts measures it in the library."""

import numpy as np
import torch

from augment import placed, placement
from faces import FRAME, UNKNOWN
from network import PARTS
from occluders import Painter, blend, shares, single_part


def outputs_of(net, images):
    """(traits, covered) logits of whole training crops, bytes or floats 0..255, without jitter."""
    traits, covered = [], []
    net.eval()
    with torch.no_grad():
        for start in range(0, len(images), 64):
            x = torch.from_numpy(np.asarray(images[start : start + 64], np.float32) / 255).permute(0, 3, 1, 2).contiguous()
            outputs = net(placed(x, placement(len(x), exact=True)))
            traits.append(outputs[0])
            covered.append(outputs[1])
    return torch.cat(traits), torch.cat(covered)


def auc(scores, positive):
    """Area under the ROC curve: how often a positive outranks a negative; ties count half."""
    scores, positive = np.asarray(scores), np.asarray(positive, bool)
    _, ranks, counts = np.unique(scores, return_inverse=True, return_counts=True)
    middle = np.cumsum(counts) - (counts - 1) / 2
    n = positive.sum()
    return (middle[ranks][positive].sum() - n * (n + 1) / 2) / (n * (len(scores) - n))


def measure(net, sets):
    measure_celeba(net, sets["celeba"])
    measure_masks(net, sets["masks"])
    for name in ("lfw", "utkface"):
        if name in sets:
            measure_covered(net, sets[name], name)


def measure_celeba(net, faces):
    index = np.flatnonzero(~faces.fit & ~faces.calibrate)
    logits, _ = outputs_of(net, faces.images[index])
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
    logits, covered = outputs_of(net, faces.images[index])
    masked = faces.labels["mask"][index] == 1
    right = (logits[:, 9] > 0).numpy() == masked
    print(f"mask-dev, odd numbers: {right.mean():.4f} of {len(right)} right; covered {means(covered[masked])} against {means(covered[~masked])}")


def means(logits):
    return [round(float(x), 2) for x in logits.sigmoid().mean(0)]


def measure_covered(net, faces, name, limit=400):
    """One part covered alone on held-out people: is that part the one that is named?"""
    rng = np.random.default_rng(5)
    painter = Painter(rng, faces.images)
    index = np.flatnonzero(~faces.fit)[:limit]
    _, clean = outputs_of(net, faces.images[index])
    print(f"{name}, {len(index)} held out, clean: below 0.9 {[round(float(x), 3) for x in (clean.sigmoid() > 0.1).float().mean(0)]}", end=" ")
    print(f"99th percentile {[round(float(x), 2) for x in clean.sigmoid().quantile(0.99, 0)]}")
    images, truth, targets = [], [], []
    for i in index:
        part = int(rng.integers(len(PARTS)))
        mesh, regions = faces.meshes[i] * FRAME, faces.regions(i)
        alpha, score = single_part(painter, part, regions, mesh)
        if alpha is None or score < 0.4:
            continue
        image = faces.images[i].astype(np.float32)
        images.append(blend(image, painter.texture(image, mesh), alpha))
        truth.append(part)
        targets.append(shares(alpha, regions))
    _, covered = outputs_of(net, np.stack(images))
    truth, targets = np.array(truth), np.stack(targets)
    share = covered.sigmoid().numpy()
    named = share.argmax(1)
    rates = [round(float((named == truth)[truth == k].mean()), 3) for k in range(len(PARTS))]
    print(f"  one part covered: named right {(named == truth).mean():.4f} of {len(truth)}, by part {rates}; mean error of shares {np.abs(share - targets).mean():.3f}")
    with np.errstate(all="ignore"):
        print("  falls to", [round(float(1 - share[truth == k, k].mean()), 2) for k in range(len(PARTS))])
