"""
Fits a network: `python model-factory/train/train.py traits|occlusion [--steps N] [--out FOLDER]`, from the repository's root, after
`tsx model-factory/train/crops.ts`. Seeded: the same crops and versions give the same weights.
"""

import argparse
import time
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional as F

from batches import traits_batches
from calibrate import calibrated
from faces import DATA, EITHER, OCCLUSION_VIEW, TRAITS_VIEW, UNKNOWN, celeba, lfw, masks, utkface
from measure import measure_occlusion, measure_traits
from network import TraitsNet
from occlusion_batches import occlusion_batches
from occlusion_network import OcclusionNet
from save import rounded, save_occlusion, save_traits, stored_state

CACHE = Path(".cache/train")
SEED = 20


def traits_loss(net, batch):
    """Cross-entropies of what is known."""
    x, labels = batch
    traits = net(x.to(memory_format=torch.channels_last))
    glasses, hair, hat, bangs, mask = labels.unbind(1)
    half = len(x) / 2
    either = glasses == EITHER
    worn = traits[:, 0:3].logsumexp(1) - traits[:, 1:3].logsumexp(1)

    def entropy(logits, target):
        return F.cross_entropy(logits, target, ignore_index=-1, reduction="sum", label_smoothing=0.02) / half

    def binary(logits, target):
        known = (target >= 0).float()
        each = F.binary_cross_entropy_with_logits(logits, target.clamp(0, 1).float() * 0.98 + 0.01, reduction="none")
        return (each * known).sum(0) / half

    return (
        entropy(traits[:, 0:3], glasses.masked_fill(either, UNKNOWN))
        + worn[either].sum() / half
        + entropy(traits[:, 3:7], hair)
        + binary(traits[:, 7], hat)
        + binary(traits[:, 8], bangs)
        + binary(traits[:, 9], mask)
    )


def occlusion_loss(net, batch):
    """Cross-entropy of the cells, over the face and again part by part, and of the parts' shares where cells are unknown."""
    x, target, weight, regions, parts = batch
    logits = net(x.to(memory_format=torch.channels_last))
    each = F.binary_cross_entropy_with_logits(logits, target, reduction="none") * weight
    face = each.sum() / weight.sum()
    inside = regions * weight[:, None]
    of_parts = ((inside * each[:, None]).sum((2, 3)) / (regions.sum((2, 3)) + 1)).mean()
    share = (regions * logits.sigmoid()[:, None]).sum((2, 3)) / (regions.sum((2, 3)) + 1e-3)
    wanted = torch.where(parts >= 0, parts, (inside * target[:, None]).sum((2, 3)) / (inside.sum((2, 3)) + 1e-3))
    known = (parts >= 0) | (inside.sum((2, 3)) > 0.9 * regions.sum((2, 3)))
    of_shares = (F.smooth_l1_loss(share, wanted.detach(), reduction="none", beta=0.1) * known).mean()
    return face + of_parts + 4 * of_shares


def fit(net, batches, loss_of, rate, workers, start_from=None):
    """The mean of the later weights (EMA), fitted with AdamW and one cycle; the trunk learns at half the rate."""
    if start_from:
        net.load_state_dict(stored_state(net, start_from) if start_from.suffix == ".weights" else torch.load(start_from))
    net = net.to(memory_format=torch.channels_last)
    trunk = {id(p) for module in (net.stem, net.blocks) for p in module.parameters()}
    groups = [
        {"params": [p for p in net.parameters() if id(p) in trunk], "lr": rate / 2},
        {"params": [p for p in net.parameters() if id(p) not in trunk], "lr": rate},
    ]
    optimiser = torch.optim.AdamW(groups, weight_decay=0.02)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, [rate / 2, rate], total_steps=batches.steps, pct_start=0.1)
    average = torch.optim.swa_utils.AveragedModel(net, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(0.99))
    loader = torch.utils.data.DataLoader(batches, batch_size=None, num_workers=workers, prefetch_factor=4 if workers else None)
    start, total = time.time(), 0.0
    for step, batch in enumerate(loader):
        net.train()
        loss = loss_of(net, batch)
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 5.0)
        optimiser.step()
        schedule.step()
        average.update_parameters(net)
        total += float(loss.detach())
        if (step + 1) % 50 == 0:
            print(f"step {step + 1}: loss {total / 50:.4f}, {time.time() - start:.0f} s", flush=True)
            total = 0.0
        if (step + 1) % 300 == 0 or step + 1 == batches.steps:
            torch.save(average.module.state_dict(), fitted_file(net))
    return average.module.eval()


def fitted_file(net):
    return CACHE / f"{type(net).__name__}.pt"


def fitted(net, args):
    """With --fitted, the weights of the last fit."""
    if args.fitted:
        net.load_state_dict(torch.load(fitted_file(net)))
        return net.eval()


def train_traits(args, seed):
    sets = {"celeba": celeba(CACHE, DATA, TRAITS_VIEW), "lfw": lfw(CACHE, TRAITS_VIEW), "masks": masks(CACHE, TRAITS_VIEW)}
    torch.manual_seed(seed)
    net = TraitsNet()
    net.start_from("models/face-landmark.onnx")
    batches = traits_batches(list(sets.values()), [0.7, 0.12, 0.18], args.steps, 64, seed)
    net = fitted(net, args) or fit(net, batches, traits_loss, 2e-3, args.workers, args.resume)
    net = rounded(calibrated(net, sets["celeba"], sets["masks"], sets["lfw"]))
    save_traits(net, args.out)
    measure_traits(net, sets)


def train_occlusion(args, seed):
    view = OCCLUSION_VIEW
    sets = {"lfw": lfw(CACHE, view), "utkface": utkface(CACHE, view), "celeba": celeba(CACHE, DATA, view), "masks": masks(CACHE, view)}
    torch.manual_seed(seed)
    net = OcclusionNet()
    net.start_from("models/face-landmark.onnx")
    batches = occlusion_batches(list(sets.values()), [0.5, 0.2, 0.2, 0.1], args.steps, 48, seed)
    net = rounded(fitted(net, args) or fit(net, batches, occlusion_loss, 3e-3, args.workers, args.resume))
    save_occlusion(net, args.out)
    measure_occlusion(net, sets)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("network", choices=["traits", "occlusion"])
    parser.add_argument("--steps", type=int, default=2500)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--resume", type=Path, help="go on from these weights, a .pt of the cache or the .weights of the traits")
    parser.add_argument("--seed", type=int, default=SEED, help="another gives other batches, for a run that goes on")
    parser.add_argument("--fitted", action="store_true", help="do not fit: calibrate, write and measure the last fit")
    parser.add_argument("--out", type=Path, default=Path("model-factory/train"))
    args = parser.parse_args()
    torch.set_num_threads(1)
    {"traits": train_traits, "occlusion": train_occlusion}[args.network](args, args.seed)


if __name__ == "__main__":
    main()
