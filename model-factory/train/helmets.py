"""
Fits the helmet's layers of the traits network, everything else of it left as it is: `python model-factory/train/helmets.py [--write]`, from
the repository's root, after `tsx model-factory/train/crops.ts celeba-dev lfw-dev` and `tsx model-factory/train/helmet-crops.ts`.

Cross-validates over thirds of what is fitted on. --write puts layers fitted on all of it behind the others in face-traits.weights,
those of the thirds into helmets-folds.weights, and which photo of helmet-dev is in which third into helmets-folds.json; the benchmark
measures with the latter. Photos that show the same face (helmet-dev has many twice, turned or mirrored) are in one third. Deterministic.
"""

import csv
import json
import sys
import zlib
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional as F

from augment import degraded, placed, placement, recoloured
from faces import DATA, TRAITS_VIEW, UNKNOWN, celeba, lfw, read_set
from measure import auc
from network import HelmetBranch, TraitsNet
from save import rounded, save_traits, stored_state

CACHE = Path(".cache/train")
HERE = Path(__file__).parent
FOLDS = 3
TEST = -1
"""The fold of faces that nothing is fitted on: celeba-dev's last 2,000 and the held-out people of lfw-dev."""
SAME_FACE = 0.85
"""Correlation of two grey crops of 30 × 30, or of one with the other's mirror image, from which on they are one photo's."""
COPIES = 4
"""How often each face is looked at: as it is, and placed, coloured and degraded in another way each time."""
HELMET, BARE, HAT, PLAIN = range(4)
"""A helmet and a bare head of helmet-dev; a hat and none of celeba-dev and lfw-dev, where nobody wears a helmet."""
DRAWN = {HELMET: 0.35, BARE: 0.2, HAT: 0.25, PLAIN: 0.2}
"""Shares of a batch."""
SHARES = {HELMET: 0.2, BARE: 0.35, HAT: 0.1, PLAIN: 0.35}
"""Shares of faces for which certainties are right, but for what HATS asks for."""
HATS = 0.03
"""Share of hats that may be called helmets, of those that were not fitted on."""
STEPS, BATCH, RATE, DECAY = 1000, 128, 3e-3, 0.05


def helmets_of(names, boxes):
    """HELMET, BARE or UNKNOWN: as bench/attributes/helmets.ts, which says what the numbers mean."""
    rows = {}
    with open(DATA / "helmet-dev/labels.csv") as file:
        for j, row in enumerate(csv.DictReader(file)):
            box = [float(row[key]) for key in ("left", "top", "width", "height")]
            rows.setdefault(row["image"], []).append((j, row["kind"], *box))
    matches = []
    for i, (name, (left, top, width, height)) in enumerate(zip(names, boxes)):
        x, y = left + width / 2, top + height / 2
        for j, kind, l, t, w, h in rows.get(name, []):
            aside, below, size = abs(l + w / 2 - x) / width, (t + h - top) / height, w / width
            if kind == "helmet":
                fits = aside < 0.6 and -0.1 < below < 1.1 and t + h / 2 < y + 0.05 * height and 0.9 < size < 2.3
            else:
                fits = l < x < l + w and t < y < t + h and 0.7 < size < 2.4
            if fits:
                matches.append((aside, i, j, kind))
    labels, used = np.full(len(names), UNKNOWN), set()
    for _, i, j, kind in sorted(matches):
        if j not in used and labels[i] == UNKNOWN:
            used.add(j)
            labels[i] = HELMET if kind == "helmet" else BARE
    return labels


def thirds(faces):
    """The third of each photo, by name: photos that share a face lie in one."""
    x = F.interpolate(torch.from_numpy(faces.images).float().mean(-1)[:, None], (30, 30), mode="area")

    def unit(pictures):
        flat = pictures.flatten(1) - pictures.mean((1, 2, 3))[:, None]
        return (flat / flat.norm(dim=1, keepdim=True)).numpy()

    alike = np.maximum(unit(x) @ unit(x).T, unit(x) @ unit(x.flip(-1)).T) > SAME_FACE
    same_photo = np.array(faces.names)[:, None] == np.array(faces.names)[None]
    group = np.arange(len(x))
    for i, j in zip(*np.nonzero(np.triu(alike | same_photo, 1))):
        group[group == group[j]] = group[i]
    order = np.random.default_rng(0).permutation(np.unique(group))
    fold_of = {g: k % FOLDS for k, g in enumerate(order)}
    return {name: fold_of[g] for name, g in zip(faces.names, group)}


def builders():
    """helmet-dev's faces that have a label: pictures, kinds, folds; and the third of each photo."""
    faces = read_set(CACHE, "helmet-dev", TRAITS_VIEW)
    labels = helmets_of(faces.names, json.loads((CACHE / "helmet-dev.json").read_text())["boxes"])
    third = thirds(faces)
    known = labels != UNKNOWN
    folds = np.array([third[name] for name in faces.names])
    print(f"helmet-dev: {(labels == HELMET).sum()} helmets, {(labels == BARE).sum()} bare heads, {(~known).sum()} faces without a label")
    return (faces.images[known], labels[known], folds[known]), third


def celebrities():
    """celeba-dev: all hats, of the others a third of those that may be fitted on."""
    faces = celeba(CACHE, DATA, TRAITS_VIEW)
    numbers = np.arange(len(faces.names))
    kinds = np.where(faces.labels["hat"] == 1, HAT, PLAIN)
    fitted = faces.fit | faces.calibrate
    taken = (kinds == HAT) | ~fitted | (numbers % 3 == 0)
    return faces.images[taken], kinds[taken], np.where(fitted, numbers // 3 % FOLDS, TEST)[taken]


def people():
    """lfw-dev, whose hats were marked by eye, as its labels have none; unclear ones are left out."""
    faces = lfw(CACHE, TRAITS_VIEW)
    marked = json.loads((HERE / "hats.json").read_text())
    kinds = np.array([HAT if name in marked["hats"] else PLAIN for name in faces.names])
    person = np.array([zlib.crc32(name.rsplit("_", 1)[0].encode()) // 5 % FOLDS for name in faces.names])
    taken = ~np.isin(faces.names, marked["unclear"])
    return faces.images[taken], kinds[taken], np.where(faces.fit, person, TEST)[taken]


@torch.no_grad()
def looks(net, images, copy=0):
    """[N, 2, features] in half precision: what the branch sees of each face and of its mirror image."""
    torch.manual_seed(copy)
    seen = []
    for start in range(0, len(images), 64):
        x = torch.from_numpy(images[start : start + 64]).permute(0, 3, 1, 2).float().contiguous() / 255
        x = placed(x, placement(len(x), exact=copy == 0), TRAITS_VIEW.size)
        if copy > 0:
            x = degraded(recoloured(x))
        seen.append(torch.stack([net.seen_by_helmet(side).half() for side in (x, x.flip(-1))], 1))
    return torch.cat(seen)


class Examples:
    """Features of all faces, copy by copy, with kinds and folds."""

    def __init__(self, net):
        own, self.third = builders()
        images, kinds, folds = zip(own, celebrities(), people())
        self.kinds, self.folds = np.concatenate(kinds), np.concatenate(folds)
        self.celeba = np.repeat([False, True, False], [len(part) for part in kinds])
        store = CACHE / "helmets.pt"  # Of these crops and the network's other layers: to be deleted if they change.
        if not store.exists():
            shuffled = np.random.default_rng(0).permutation(len(self.kinds))
            # Faces that are degraded alike, a part of a batch at a time, are of all kinds.
            pictures, back = np.concatenate(images)[shuffled], torch.from_numpy(np.argsort(shuffled))
            torch.save([looks(net, pictures, copy)[back] for copy in range(COPIES)], store)
        self.copies = torch.load(store)


def fit(data, chosen, seed):
    """The branch, fitted on the faces `chosen`."""
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    branch = HelmetBranch()
    faces = {kind: np.flatnonzero(chosen & (data.kinds == kind)) for kind in DRAWN}
    counts = {kind: round(share * BATCH) for kind, share in DRAWN.items()}
    target = torch.cat([torch.full((count,), 0.98 if kind == HELMET else 0.02) for kind, count in counts.items()])
    optimiser = torch.optim.AdamW(branch.parameters(), lr=RATE, weight_decay=DECAY)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, RATE, total_steps=STEPS)
    for _ in range(STEPS):
        index = np.concatenate([rng.choice(faces[kind], count) for kind, count in counts.items()])
        copy, side = rng.integers(COPIES, size=len(index)), rng.integers(2, size=len(index))
        x = torch.stack([data.copies[c][i, s] for c, i, s in zip(copy, index, side)]).float()
        loss = F.binary_cross_entropy_with_logits(branch(x).flatten(), target)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()
    return branch.eval()


@torch.no_grad()
def said(branch, x):
    """The mean of the logits of each face and of its mirror image."""
    return np.concatenate([branch(part.flatten(0, 1).float()).view(-1, 2).mean(1).numpy() for part in x.split(256)])


def calibrated(branch, scores, kinds):
    """
    Scales and shifts the logit (Platt scaling) by scores of faces that nothing was fitted on, and shifts it on where more than HATS of the
    hats would be called helmets.
    """
    weight = np.zeros(len(kinds))
    for kind, share in SHARES.items():
        weight[kinds == kind] = share / (kinds == kind).sum()
    raw, weight, target = (torch.tensor(values, dtype=torch.float64) for values in (scores, weight, kinds == HELMET))
    scale, shift = torch.ones(1, dtype=torch.float64, requires_grad=True), torch.zeros(1, dtype=torch.float64, requires_grad=True)
    optimiser = torch.optim.LBFGS([scale, shift], max_iter=60, line_search_fn="strong_wolfe")

    def closure():
        optimiser.zero_grad()
        loss = F.binary_cross_entropy_with_logits(raw * scale + shift, target, weight, reduction="sum")
        loss.backward()
        return loss

    optimiser.step(closure)
    scale, shift = float(scale), float(shift)
    excess = max(0.0, float(np.quantile(scale * scores[kinds == HAT] + shift, 1 - HATS)))
    print(f"calibrated: scale {scale:.2f}, shift {shift:.2f}, for hats {-excess:.2f}")
    with torch.no_grad():
        branch.last.conv.weight *= scale
        branch.last.conv.bias.mul_(scale).add_(shift - excess)
    return rounded(branch)


def measure(data, scores, shipped):
    """`scores`: of each face by the layers fitted without its third; of those of TEST by `shipped`."""
    of = {kind: data.kinds == kind for kind in DRAWN}
    known = of[HELMET] | of[BARE]
    apart = [auc(scores[known & (data.folds == k)], of[HELMET][known & (data.folds == k)]) for k in range(FOLDS)]
    print(f"helmet-dev: AUC {auc(scores[known], of[HELMET][known]):.4f}, by third {[round(a, 4) for a in apart]}")
    fitted = data.folds != TEST
    hats = fitted & (of[HELMET] | of[HAT])
    print(f"helmets against hats, by thirds: AUC {auc(scores[hats], of[HELMET][hats]):.4f}")
    for kind, name in ((HELMET, "helmets"), (BARE, "bare heads"), (HAT, "hats"), (PLAIN, "faces without")):
        said_so = scores[of[kind] & fitted] > 0
        print(f"{name}, by thirds: {said_so.mean():.4f} of {len(said_so)} are called helmets")
    for name, where in (("celeba-dev", data.celeba), ("lfw-dev", ~data.celeba)):
        for kind in (HAT, PLAIN):
            said_so = shipped[of[kind] & ~fitted & where] > 0
            print(f"{name}, not fitted on, {'hats' if kind == HAT else 'without'}: {said_so.mean():.4f} of {len(said_so)}")
    for threshold in np.arange(-2, 3, 0.5):
        called = [f"{(scores[of[kind] & fitted] > threshold).mean():.4f}" for kind in DRAWN]
        print(f"  at {threshold:+.1f}: helmets, bare, hats, without {called}")


def main():
    torch.set_num_threads(1)
    weights = HERE / "face-traits.weights"
    net = TraitsNet()
    net.load_state_dict(stored_state(net, weights))
    data = Examples(net.eval())
    scores = np.zeros(len(data.kinds))
    branches = [fit(data, ~np.isin(data.folds, (k, TEST)), 1 + k) for k in range(FOLDS)]
    raw = [said(branch, data.copies[0]) for branch in branches]
    for k in range(FOLDS):
        scores[data.folds == k] = raw[k][data.folds == k]
    # A third's own layers are calibrated by what is said of the other thirds, by layers fitted without these.
    for k, branch in enumerate(branches):
        others = ~np.isin(data.folds, (k, TEST))
        calibrated(branch, scores[others], data.kinds[others])
    final = fit(data, data.folds != TEST, 1)
    calibrated(final, scores[data.folds != TEST], data.kinds[data.folds != TEST])
    for k in range(FOLDS):
        scores[data.folds == k] = said(branches[k], data.copies[0])[data.folds == k]
    measure(data, scores, said(final, data.copies[0]))
    if "--write" in sys.argv:
        net.helmet = final
        save_traits(net, HERE)
        write_folds(branches, data.third)


def write_folds(branches, third):
    parts = [p.detach().numpy().astype("<f2").tobytes() for branch in branches for p in branch.state_dict().values()]
    (HERE / "helmets-folds.weights").write_bytes(b"".join(parts))
    photos = sorted(path.name for path in (DATA / "helmet-dev/images").iterdir())
    folds = "".join(str(third.get(name, "-")) for name in photos)
    what = (
        "The third of each of helmet-dev's photos, in the order of their names, - where no face was found: no face is in two. "
        "helmets-folds.weights has, for each third, the helmet's layers fitted on the other two, in place of the last of face-traits.weights."
    )
    (HERE / "helmets-folds.json").write_text(json.dumps({"what": what, "count": FOLDS, "folds": folds}, indent=2) + "\n")


if __name__ == "__main__":
    main()
