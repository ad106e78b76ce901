"""Fits the last layer of face-api's expression network, and one on the shape of the mesh beside it, on all of emotion-dev.

    tsx model-factory/train/emotions-crops.ts            # after npm run build
    python model-factory/train/emotions.py               # torch and numpy; cross-validation, a minute for each division
    python model-factory/train/emotions.py --nested      # chooses the settings anew within each fold; ten minutes for each division
    python model-factory/train/emotions.py --write       # fits on all photos and on all but each fold

--write puts the layers fitted on all photos into emotions.json, which `npm run models` builds in, those of the folds into
emotions-folds.weights, and who is in which fold into emotions-folds.json; the benchmark measures with the latter. No person is
in two folds, as far as embeddings tell. Deterministic.
"""

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
CROPS = ROOT / ".cache/train"
WEIGHTS = ROOT / "node_modules/@vladmandic/face-api/model/face_expression_model"
LABELS = ["anger", "disgust", "fear", "happiness", "sadness", "surprise", "neutral"]
# The network's own classes: neutral, happy, sad, angry, fearful, disgusted, surprised.
ORDER = [3, 5, 4, 1, 2, 6, 0]
INPUT, FEATURES, EMBEDDING = 112, 256, 192
SAME_PERSON = 0.6
FOLDS = 10
# Points of the mesh whose place is a feature, beside their mirror images.
POINTS = 24
# Pull towards 0, weight of the network's own logits and of the mesh among the features.
SETTINGS = (0.1, 1.0, 2.0)
GRID = [(ridge, own, mesh) for ridge in (0.05, 0.1, 0.2) for own in (1.0, 2.0) for mesh in (1.0, 2.0, 2.8)]
BIAS_RIDGE = 1e-4


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


@torch.no_grad()
def network_features(weights, grey):
    """face-api's FaceFeatureExtractor on grey crops [n, 112, 112], 0..255: [n, 256]."""

    def padded(x, stride):
        return F.pad(x, (0, 1, 0, 1)) if stride == 2 else F.pad(x, (1, 1, 1, 1))

    def separable(x, name, stride=1):
        filters = weights[f"{name}/depthwise_filter"].permute(2, 3, 0, 1)
        x = F.conv2d(padded(x, stride), filters, stride=stride, groups=len(filters))
        return F.conv2d(x, weights[f"{name}/pointwise_filter"].permute(3, 2, 0, 1), weights[f"{name}/bias"])

    x = (grey[:, None] - torch.tensor([122.782, 117.001, 104.298]).view(1, 3, 1, 1)) / 255
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


class Canonical:
    """models/canonical-face.json in the axes of an image: y down, z away from the camera."""

    def __init__(self):
        file = json.loads((ROOT / "models/canonical-face.json").read_text())
        self.points = np.array(file["vertices"]) * [1, -1, -1]
        self.weights = np.zeros(len(self.points))
        for entry in file["weights"]:
            self.weights[entry["point"]] = entry["weight"]
        self.weights /= self.weights.sum()
        distances = ((self.points[:, None] * [-1, 1, 1] - self.points[None]) ** 2).sum(-1)
        self.mirror = distances.argmin(1)

    def pairs(self):
        """Points of one half, each as far as can be from those before it, with their mirror images."""
        half = np.flatnonzero(self.points[:, 0] >= -1e-6)
        chosen = [half[0]]
        while len(chosen) < POINTS:
            gaps = ((self.points[half][:, None] - self.points[chosen][None]) ** 2).sum(-1).min(1)
            chosen.append(half[gaps.argmax()])
        return [[int(point), int(self.mirror[point])] for point in chosen]


def shape_features(meshes, canonical, pairs):
    """As src/stages/face-shape.ts: [n, 3 · pairs]."""
    a, b = np.array(pairs).T
    weights = canonical.weights[:, None]
    middle = (weights * canonical.points).sum(0)
    rows = []
    for mesh in meshes.astype(np.float64):
        centred = mesh - (weights * mesh).sum(0)
        u, _, vt = np.linalg.svd((weights * centred).T @ (canonical.points - middle))
        turn = u @ np.diag([1, 1, np.sign(np.linalg.det(u @ vt))]) @ vt
        facing = centred @ turn / np.sqrt((weights * centred**2).sum())
        rows.append((facing[a] + facing[b] * [-1, 1, 1]).ravel() / 2)
    return np.array(rows)


class Data:
    """Photos in the order of their names; looks [photos, 2, 256] (as it is, mirrored) and shapes of those with a face."""

    def __init__(self):
        rows = (DATA / "labels.csv").read_text().strip().split("\n")[1:]
        self.y = np.array([LABELS.index(row.split(",")[1]) for row in sorted(rows)])
        n = len(self.y)
        grey = np.fromfile(CROPS / "emotion-crops.u8", np.uint8).reshape(n, INPUT, INPUT)
        mesh = np.fromfile(CROPS / "emotion-mesh.f32", np.float32).reshape(n, -1, 3)
        embedding = np.fromfile(CROPS / "emotion-embedding.f32", np.float32).reshape(n, EMBEDDING)
        self.found = mesh.any((1, 2))
        weights = read_weights()
        x = torch.from_numpy(grey[self.found]).float()
        looks = [torch.cat([network_features(weights, part) for part in side.split(64)]) for side in (x, x.flip(2))]
        self.looks = np.zeros((n, 2, FEATURES))
        self.looks[self.found] = torch.stack(looks, 1).numpy()
        self.own = weights["fc/weights"][:, ORDER].numpy().astype(np.float64), weights["fc/bias"][ORDER].numpy()
        canonical = Canonical()
        self.pairs = canonical.pairs()
        self.shapes = np.zeros((n, 3 * POINTS))
        self.shapes[self.found] = shape_features(mesh[self.found], canonical, self.pairs)
        self.people = joined(embedding)


def joined(embedding):
    """The same number for photos that a chain of embeddings with a cosine above SAME_PERSON joins."""
    unit = embedding / np.maximum(np.linalg.norm(embedding, axis=1, keepdims=True), 1e-9)
    parent = np.arange(len(unit))

    def root(i):
        while parent[i] != i:
            i = parent[i]
        return i

    for i, j in zip(*np.nonzero(np.triu(unit @ unit.T > SAME_PERSON, 1))):
        parent[root(i)] = root(j)
    return np.array([root(i) for i in range(len(unit))])


def divide(data, among, seed, count=FOLDS):
    """Folds of the photos `among`: whole people, those of fear and with many photos first, where their emotions are missed most."""
    random = np.random.default_rng(seed)
    people = random.permutation(np.unique(data.people[among]))
    emotions = {person: np.bincount(data.y[among & (data.people == person)], minlength=7) for person in people}
    wanted = np.maximum(np.bincount(data.y[among], minlength=7) / count, 1e-9)
    have, fold = np.zeros((count, 7)), np.full(len(data.y), -1)
    for person in sorted(people, key=lambda person: (-emotions[person][2], -emotions[person].sum())):
        missed = ((wanted - have) / wanted * emotions[person] / emotions[person].sum()).sum(1)
        best = (missed + 1e-6 * random.random(count)).argmax()
        have[best] += emotions[person]
        fold[among & (data.people == person)] = best
    return fold


def fit(data, photos, settings):
    """
    Softmax regression, every emotion counting the same: features of the network, its own logits (less held back) and the shape.
    Returns the layer on the features [256, 7], that on the shape and the bias.
    """
    ridge, own_scale, mesh_scale = settings
    own, own_bias = data.own
    photos = photos & data.found
    y = torch.from_numpy(np.repeat(data.y[photos], 2))
    features = data.looks[photos].reshape(-1, FEATURES)
    mean, deviation = features.mean(0), features.std(0)
    scale = 1 / (deviation + 0.1 * deviation.mean())
    shapes = data.shapes[photos]
    shape_mean, shape_scale = shapes.mean(0), mesh_scale / np.sqrt(((shapes - shapes.mean(0)) ** 2).mean())
    x = [
        (features - mean) * scale,
        np.repeat(shapes - shape_mean, 2, 0) * shape_scale,
        (features @ own + own_bias) * own_scale,
    ]
    x = torch.from_numpy(np.concatenate(x, 1)).float()
    importance = (1 / torch.bincount(y, minlength=7).float())[y]
    importance /= importance.mean()
    weights, bias = torch.zeros(x.shape[1], 7, requires_grad=True), torch.zeros(7, requires_grad=True)
    optimiser = torch.optim.LBFGS(
        [weights, bias], max_iter=60, tolerance_change=1e-6, line_search_fn="strong_wolfe"
    )

    def closure():
        optimiser.zero_grad()
        loss = (F.cross_entropy(x @ weights + bias, y, reduction="none") * importance).mean()
        loss = loss + ridge * (weights**2).sum() + BIAS_RIDGE * (bias**2).sum()
        loss.backward()
        return loss

    optimiser.step(closure)
    w, b = weights.detach().double().numpy(), bias.detach().double().numpy()
    of_features, of_shape, of_own = np.split(w, [FEATURES, FEATURES + len(shape_mean)])
    layer = of_features * scale[:, None] + own_scale * own @ of_own
    shape_layer = of_shape * shape_scale
    bias = b - mean * scale @ of_features - shape_mean @ shape_layer + own_scale * own_bias @ of_own
    return layer, shape_layer, bias


def logits(data, photos, fitted):
    layer, shape_layer, bias = fitted
    return data.looks[photos].mean(1) @ layer + data.shapes[photos] @ shape_layer + bias


def cross_validated(data, fold, settings_of):
    """Logits of each photo by the layers that its fold had no part in; `settings_of(photos)` chooses from the others."""
    said = np.zeros((len(data.y), 7))
    for k in range(fold.max() + 1):
        others = (fold >= 0) & (fold != k)
        said[fold == k] = logits(data, fold == k, fit(data, others, settings_of(others)))
    return said


def recalls(data, said):
    """By emotion; a face not found is wrong."""
    right = (said.argmax(1) == data.y) & data.found
    return np.array([right[data.y == k].mean() for k in range(7)])


def loss(data, said, photos):
    """Mean over the emotions of the mean cross-entropy of faces found."""
    of = -torch.log_softmax(torch.from_numpy(said), 1).numpy()[np.arange(len(said)), data.y]
    return np.mean([of[photos & data.found & (data.y == k)].mean() for k in range(7)])


def best_settings(data, photos):
    """Of the grid, by the loss in a cross-validation of five folds among `photos`."""
    fold = divide(data, photos, 99, 5)
    losses = [loss(data, cross_validated(data, fold, lambda _, s=settings: s), photos) for settings in GRID]
    return GRID[int(np.argmin(losses))]


def bootstrap(data, said, times=2000):
    """Standard deviation of the mean recall when the people are drawn anew."""
    random, right = np.random.default_rng(5), (said.argmax(1) == data.y) & data.found
    _, person = np.unique(data.people, return_inverse=True)
    hits, counts = np.zeros((person.max() + 1, 7)), np.zeros((person.max() + 1, 7))
    np.add.at(hits, (person, data.y), right)
    np.add.at(counts, (person, data.y), 1)
    drawn = random.multinomial(len(hits), np.full(len(hits), 1 / len(hits)), times)
    return np.nanstd((drawn @ hits / np.where(drawn @ counts > 0, drawn @ counts, np.nan)).mean(1))


def write(data, settings):
    fold = divide(data, np.ones(len(data.y), bool), 0)
    everyone = fold >= 0
    layer, shape_layer, bias = fit(data, everyone, settings)

    def short(values):
        return [float(f"{value:.4g}") for value in np.ravel(values)]

    shape = {"points": data.pairs, "weights": short(shape_layer)}
    head = {"weights": short(layer), "bias": short(bias), "shape": shape}
    (HERE / "emotions.json").write_text(json.dumps(head) + "\n")
    fits = [fit(data, fold != k, settings) for k in range(FOLDS)]
    numbers = np.concatenate([np.ravel(part) for layers in fits for part in (layers[0], layers[2], layers[1])])
    (HERE / "emotions-folds.weights").write_bytes(numbers.astype("<f2").tobytes())
    what = (
        "The fold of each of emotion-dev's photos, in the order of their names: no person is in two, as far as embeddings tell. "
        "emotions-folds.weights has, for each fold, the layers fitted on the other nine in half precision: weights [256, 7], bias "
        "[7], and the shape's weights, as in emotions.json."
    )
    folds = {"what": what, "photos": len(fold), "count": FOLDS, "folds": "".join(map(str, fold))}
    (HERE / "emotions-folds.json").write_text(json.dumps(folds, indent=2) + "\n")


def main():
    data = Data()
    everyone = np.ones(len(data.y), bool)
    print(f"{len(data.y)} photos, {len(np.unique(data.people))} people or groups, no face in {(~data.found).sum()}")
    nested = "--nested" in sys.argv
    rows = []
    for seed in range(3 if nested else 10):
        fold = divide(data, everyone, seed)
        if nested:
            chosen = []
            said = cross_validated(data, fold, lambda photos: chosen.append(best_settings(data, photos)) or chosen[-1])
            print(chosen)
        else:
            said = cross_validated(data, fold, lambda _: SETTINGS)
        rows.append(recalls(data, said))
        share = f"{rows[-1].mean():.3f} ± {bootstrap(data, said):.3f}"
        print(f"division {seed}: balanced accuracy {share}, loss {loss(data, said, everyone):.3f}", rows[-1].round(2), flush=True)
    means = np.mean(rows, 1)
    print(f"mean {means.mean():.3f}, deviation {means.std(ddof=1):.3f}", np.mean(rows, 0).round(3))
    if "--write" in sys.argv:
        write(data, SETTINGS)


main()
