"""
Fits the traits network: `python tools/train/train.py [--steps N] [--out FOLDER]`, from the repository's root, after
`tsx tools/train/crops.ts`. Seeded: the same crops and versions give the same weights.
"""

import argparse
import os
import time
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional as F

from batches import Batches
from calibrate import calibrated
from faces import celeba, lfw, masks, utkface
from measure import measure, outputs_of
from network import TraitsNet
from save import save

CACHE = Path(".cache/train")
DATA = Path(os.environ.get("NEARFACE_DATA", "../shared/data"))
SEED = 20
BATCH = 64


def loss_of(outputs, labels, covered, alpha):
    """Cross-entropies of what is known; a covered share is fitted as a probability."""
    traits, parts, seen = outputs
    glasses, hair, hat, bangs, mask = labels.unbind(1)

    def entropy(logits, target):
        return F.cross_entropy(logits, target, ignore_index=-1, reduction="sum", label_smoothing=0.02) / 32

    def binary(logits, target):
        known = (target >= 0).float()
        each = F.binary_cross_entropy_with_logits(logits, target.clamp(0, 1).float() * 0.98 + 0.01, reduction="none")
        return (each * known).sum(0) / 32

    known = (covered >= 0).float()
    each = F.binary_cross_entropy_with_logits(parts, covered.clamp(0, 1), reduction="none")
    return (
        entropy(traits[:, 0:3], glasses)
        + entropy(traits[:, 3:7], hair)
        + binary(traits[:, 7], hat)
        + binary(traits[:, 8], bangs)
        + binary(traits[:, 9], mask)
        + 14 * (each * known).sum() / len(parts) / 7
        + F.binary_cross_entropy_with_logits(seen, alpha.clamp(0, 1))
    )


def train(sets, shares, steps, workers, start_from=None, seed=SEED):
    torch.manual_seed(seed)
    net = TraitsNet()
    net.start_from("models/face-landmark.onnx")
    if start_from:
        net.load_state_dict(torch.load(start_from), strict=False)
    net = net.to(memory_format=torch.channels_last)
    trunk = {id(p) for module in (net.stem, net.blocks) for p in module.parameters()}
    groups = [
        {"params": [p for p in net.parameters() if id(p) in trunk], "lr": 1e-3},
        {"params": [p for p in net.parameters() if id(p) not in trunk], "lr": 2e-3},
    ]
    optimiser = torch.optim.AdamW(groups, weight_decay=0.02)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, [1e-3, 2e-3], total_steps=steps, pct_start=0.1)
    average = torch.optim.swa_utils.AveragedModel(net, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(0.99))
    batches = Batches(sets, shares, steps, BATCH, seed)
    loader = torch.utils.data.DataLoader(batches, batch_size=None, num_workers=workers, prefetch_factor=4 if workers else None)
    start, total = time.time(), 0.0
    for step, (x, labels, covered, alpha) in enumerate(loader):
        net.train()
        loss = loss_of(net(x.to(memory_format=torch.channels_last)), labels, covered, alpha)
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 5.0)
        optimiser.step()
        schedule.step()
        average.update_parameters(net)
        total += float(loss.detach())
        if (step + 1) % 50 == 0:
            print(f"step {step + 1}: loss {total / 50:.3f}, {time.time() - start:.0f} s", flush=True)
            total = 0.0
        if (step + 1) % 300 == 0:
            torch.save(average.module.state_dict(), CACHE / "face-traits.pt")
    return average.module.eval()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--steps", type=int, default=1500)
    parser.add_argument("--utkface", action="store_true", help="faces of utkface-dev too")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--resume", type=Path, help="go on from these weights, with other batches")
    parser.add_argument("--out", type=Path, default=Path("tools/train"))
    args = parser.parse_args()
    torch.set_num_threads(1)
    sets = {"celeba": celeba(CACHE, DATA), "lfw": lfw(CACHE), "masks": masks(CACHE)}
    shares = [0.5, 0.34, 0.16]
    if args.utkface:
        sets["utkface"] = utkface(CACHE)
        shares = [0.56, 0.18, 0.14, 0.12]
    seed = SEED + 1 if args.resume else SEED
    net = train(list(sets.values()), shares, args.steps, args.workers, args.resume, seed)
    torch.save(net.state_dict(), CACHE / "face-traits.pt")
    net = calibrated(net, sets["celeba"], sets["masks"])
    save(net, args.out)
    measure(net, sets)


if __name__ == "__main__":
    main()
