"""Fits the last layer of face-api's expression network on emotion-dev, and prints how well folds that it was not fitted on are told.

    tsx tools/train/emotions-crops.ts            # after npm run build
    python tools/train/emotions.py [--write]     # torch and numpy; some minutes on one core

Ten folds, every emotion spread over them, no person in two, as far as embeddings tell (photos joined by a cosine above 0.6).
Deterministic. --write puts the layer fitted on all photos into emotions.json, which `npm run models` builds in, and the folds with
the ten layers that were fitted without them into emotions-folds.json, by which `npm run bench:attributes` measures.
"""
import base64
import json
import sys
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

torch.set_num_threads(1)
HERE = Path(__file__).parent
ROOT = HERE.parent.parent
DATA = ROOT.parent / "shared/data/emotion-dev"
WEIGHTS = ROOT / "node_modules/@vladmandic/face-api/model/face_expression_model"
LABELS = ["anger", "disgust", "fear", "happiness", "sadness", "surprise", "neutral"]
# The network's own classes: neutral, happy, sad, angry, fearful, disgusted, surprised.
ORDER = [3, 5, 4, 1, 2, 6, 0]
SIDE, ENLARGE, INPUT = 192, 1.6, 112
# Looks at each face that are fitted on, each also mirrored; the library looks at 1.2.
LOOKS = (1.1, 1.2, 1.3)
USED = 1
RIDGE, BIAS_RIDGE = 1e-1, 1e-4
FOLDS = 10
SAME_PERSON = 0.6


def read_weights():
    manifest = json.loads(WEIGHTS.with_name(WEIGHTS.name + "-weights_manifest.json").read_text())
    data, at, weights = WEIGHTS.with_suffix(".bin").read_bytes(), 0, {}
    for spec in (spec for group in manifest for spec in group["weights"]):
        count = int(np.prod(spec["shape"]))
        scale = spec.get("quantization")
        if scale:
            values = np.frombuffer(data, np.uint8, count, at).astype(np.float32) * scale["scale"] + scale["min"]
        else:
            values = np.frombuffer(data, np.float32, count, at)
        at += count * (1 if scale else 4)
        weights[spec["name"]] = torch.tensor(values.reshape(spec["shape"]).copy())
    return weights


def features(weights, x):
    """face-api's FaceFeatureExtractor: x is [n, 3, 112, 112], 0..255; 256 numbers each."""

    def padded(x, stride):
        return F.pad(x, (0, 1, 0, 1)) if stride == 2 else F.pad(x, (1, 1, 1, 1))

    def separable(x, name, stride=1):
        filters = weights[f"{name}/depthwise_filter"].permute(2, 3, 0, 1)
        x = F.conv2d(padded(x, stride), filters, stride=stride, groups=len(filters))
        return F.conv2d(x, weights[f"{name}/pointwise_filter"].permute(3, 2, 0, 1), weights[f"{name}/bias"])

    x = (x - torch.tensor([122.782, 117.001, 104.298]).view(1, 3, 1, 1)) / 255
    for block in range(4):
        name = f"dense{block}"
        if block == 0:
            filters = weights[f"{name}/conv0/filters"].permute(3, 2, 0, 1)
            first = F.conv2d(padded(x, 2), filters, weights[f"{name}/conv0/bias"], stride=2)
        else:
            first = separable(x, f"{name}/conv0", 2)
        total = x = F.relu(first)
        for layer in (1, 2, 3):
            total = total + separable(x, f"{name}/conv{layer}")
            x = F.relu(total)
    return x.mean((2, 3))


def look(crops, enlarge):
    """Crops [n, 192, 192, 3] cut down to `enlarge` and reduced to the network's input."""
    x = torch.from_numpy(crops).permute(0, 3, 1, 2).float()
    width = SIDE * enlarge / ENLARGE
    low, high = round(SIDE / 2 - width / 2), round(SIDE / 2 + width / 2)
    x = x[:, :, low:high, low:high]
    return F.interpolate(x, (INPUT, INPUT), mode="bilinear", antialias=True, align_corners=False)


@torch.no_grad()
def all_features(weights, crops):
    """[looks, mirrored, photos, 256]"""
    found = []
    for enlarge in LOOKS:
        parts = [look(np.ascontiguousarray(crops[i : i + 64]), enlarge) for i in range(0, len(crops), 64)]
        found.append(
            torch.stack([torch.cat([features(weights, x.flip(3) if m else x) for x in parts]) for m in (0, 1)])
        )
    return torch.stack(found)


def fit(x, y, weights, bias):
    """Softmax regression, every emotion counting the same, drawn towards the network's own layer times a factor."""
    share = 1 / torch.bincount(y, minlength=7).double()
    importance = (share / share[y].mean())[y].float()
    change = torch.zeros(256, 7, requires_grad=True)
    shift = torch.zeros(7, requires_grad=True)
    factor = torch.ones(1, requires_grad=True)
    own = x @ weights + bias
    optimiser = torch.optim.LBFGS([change, shift, factor], max_iter=120, line_search_fn="strong_wolfe")

    def closure():
        optimiser.zero_grad()
        loss = (F.cross_entropy(own * factor + x @ change + shift, y, reduction="none") * importance).mean()
        loss = loss + RIDGE * (change**2).sum() + BIAS_RIDGE * (shift**2).sum()
        loss.backward()
        return loss

    optimiser.step(closure)
    return (weights * factor + change).detach(), (bias * factor + shift).detach()


def folds_of(y, embeddings):
    """The fold of each photo: people, those of rare emotions first, go where their emotions are scarcest."""
    n = len(y)
    parents = list(range(n))

    def root(i):
        while parents[i] != i:
            i = parents[i]
        return i

    for i, j in zip(*np.where(np.triu(embeddings @ embeddings.T, 1) > SAME_PERSON)):
        parents[root(i)] = root(j)
    people = {}
    for i in range(n):
        people.setdefault(root(i), []).append(i)
    totals = np.bincount(y)
    fold, load = np.zeros(n, int), np.zeros((FOLDS, len(totals)))
    for photos in sorted(people.values(), key=lambda photos: min(totals[y[photos]])):
        more = np.bincount(y[photos], minlength=len(totals))
        crowding = (((load + more) / totals) ** 2).sum(1) - ((load / totals) ** 2).sum(1)
        chosen = int(crowding.argmin())
        load[chosen] += more
        fold[photos] = chosen
    return fold


def rounded(layer):
    return [float(f"{value:.4g}") for value in layer.flatten().tolist()]


def main():
    rows = (DATA / "labels.csv").read_text().strip().split("\n")[1:]
    y = torch.tensor([LABELS.index(row.split(",")[1]) for row in sorted(rows)])
    cache = ROOT / ".cache/train"
    crops = np.memmap(cache / "emotion-crops.u8", np.uint8, "r").reshape(-1, SIDE, SIDE, 3)
    embeddings = np.fromfile(cache / "emotion-embedding.f32", np.float32).reshape(len(y), -1)
    fold = torch.from_numpy(folds_of(y.numpy(), embeddings))
    weights = read_weights()
    found = all_features(weights, crops)
    has_face = torch.from_numpy(crops.reshape(len(y), -1).any(1))
    own, own_bias = weights["fc/weights"][:, ORDER], weights["fc/bias"][ORDER]

    def fitted_on(chosen):
        return fit(found[:, :, chosen].reshape(-1, 256), y[chosen].repeat(2 * len(LOOKS)), own, own_bias)

    layers, said = [], torch.full_like(y, -1)
    for k in range(FOLDS):
        head, bias = fitted_on(fold != k)
        layers.append(np.concatenate([head.flatten().numpy(), bias.numpy()]).astype("<f2"))
        out = fold == k
        said[out] = (found[USED][:, out].mean(0) @ head + bias).argmax(1)
    said[~has_face] = -1
    recalls = np.array([(said[y == k] == k).float().mean().item() for k in range(7)])
    by_fold = [np.nanmean([(said[(y == k) & (fold == f)] == k).float().mean().item() for k in range(7)]) for f in range(FOLDS)]
    print(f"balanced accuracy out of fold, a face not found being wrong: {recalls.mean():.4f}; by emotion {recalls.round(2)}")
    print(f"folds {np.round(by_fold, 2)}; {(~has_face).sum()} faces not found")
    if "--write" in sys.argv:
        head, bias = fitted_on(torch.ones(len(y), dtype=torch.bool))
        (HERE / "emotions.json").write_text(json.dumps({"weights": rounded(head), "bias": rounded(bias)}) + "\n")
        what = "emotion-dev's photos in the order of their names, a digit each: the fold. Layers: base64 of halves, [256, 7] and 7, fitted without the fold."
        digits = "".join(str(int(f)) for f in fold)
        texts = [base64.b64encode(layer.tobytes()).decode() for layer in layers]
        folds = {"what": what, "photos": len(y), "folds": digits, "layers": texts}
        (HERE / "emotions-folds.json").write_text(json.dumps(folds, indent=1) + "\n")


main()
