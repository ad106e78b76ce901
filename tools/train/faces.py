"""The development sets as crops with labels, and which of them are for fitting."""

import csv
import json
import zlib
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional as F

from network import PARTS, SIZE
from parts import GRID, packed_regions

FRAME = round(SIZE * 1.25)
"""Side of a training crop: the network's, with room for turning, shifting and scaling."""

UNKNOWN = -1


class Faces:
    """Crops [N, FRAME, FRAME, 3] of bytes, meshes in shares of a side, regions, and labels; UNKNOWN where there is none."""

    def __init__(self, names, images, meshes, frames, regions):
        self.names, self.images, self.meshes, self.frames, self.packed = names, images, meshes, frames, regions
        n = len(names)
        self.labels = {key: np.full(n, UNKNOWN, np.int64) for key in ("glasses", "hair", "hat", "bangs", "mask")}
        self.covered = np.zeros((n, len(PARTS)), np.float32)
        """Share of each part that is covered already; UNKNOWN where nobody can say."""
        self.fit = np.ones(n, bool)
        self.calibrate = np.zeros(n, bool)

    def regions(self, index):
        return np.unpackbits(self.packed[index], axis=-1).reshape(len(PARTS), GRID, GRID).astype(np.float32)


def read_set(cache, name):
    listing = json.loads((cache / f"{name}.json").read_text())
    side, names = listing["side"], listing["found"]
    small = cache / f"{name}.{FRAME}.npz"
    meshes = np.fromfile(cache / f"{name}.mesh.f32", np.float32).reshape(-1, 468, 2) / side
    frames = np.fromfile(cache / f"{name}.frame.f32", np.float32).reshape(-1, 4, 2) / side
    if small.exists():
        stored = np.load(small)
        return Faces(names, stored["images"], meshes, frames, stored["regions"])
    pixels = np.fromfile(cache / f"{name}.u8", np.uint8).reshape(-1, side, side, 3)
    images = np.concatenate([reduced(pixels[i : i + 256]) for i in range(0, len(pixels), 256)])
    faces = Faces(names, images, meshes, frames, packed_regions(meshes))
    np.savez(small, images=images, regions=faces.packed)
    return faces


def reduced(pixels):
    x = torch.from_numpy(pixels).permute(0, 3, 1, 2).float()
    x = F.interpolate(x, (FRAME, FRAME), mode="bilinear", antialias=True, align_corners=False)
    return x.permute(0, 2, 3, 1).round().clamp(0, 255).byte().numpy()


def rows_of(data, name):
    with open(data / name / "labels.csv") as file:
        return {row["image"]: row for row in csv.DictReader(file)}


def celeba(cache, data):
    """Fitted on the first 5,500, calibrated on the next 500. Parts under hats, fringes and unclear glasses are left open."""
    faces = read_set(cache, "celeba-dev")
    rows = rows_of(data, "celeba-dev")
    marked = json.loads((Path(__file__).parent / "sunglasses.json").read_text())
    dark, unclear = set(marked["sunglasses"]), set(marked["unclear"])
    for i, name in enumerate(faces.names):
        has = {key: value == "1" for key, value in rows[name].items() if key != "image"}
        labels = faces.labels
        labels["hat"][i], labels["bangs"][i], labels["mask"][i] = has["Wearing_Hat"], has["Bangs"], 0
        labels["hair"][i] = hair_of(has)
        labels["glasses"][i] = 2 if name in dark else UNKNOWN if name in unclear else has["Eyeglasses"]
        if has["Bangs"] or has["Wearing_Hat"] or has["Eyeglasses"]:
            faces.covered[i, :2] = UNKNOWN
        if name in dark:
            faces.covered[i, 2:4] = 1
        elif name in unclear:
            faces.covered[i, 2:4] = UNKNOWN
        faces.fit[i] = int(name[:6]) <= 5500
        faces.calibrate[i] = 5500 < int(name[:6]) <= 6000
    faces.eyeglasses = np.array([rows[name]["Eyeglasses"] == "1" for name in faces.names])
    return faces


def hair_of(has):
    """0 none, 1 moustache, 2 beard, 3 sideburns; a goatee is a beard, stubble that leaves No_Beard is none."""
    if has["Goatee"]:
        return 2
    if has["Mustache"]:
        return 1
    if has["Sideburns"]:
        return 3
    return 0 if has["No_Beard"] else 2


def lfw(cache):
    """Without labels, taken as uncovered; a fifth of the people is held out."""
    faces = read_set(cache, "lfw-dev")
    faces.labels["mask"][:] = 0
    faces.fit[:] = [not held_out(name) for name in faces.names]
    return faces


def held_out(name):
    """Whether a person is for measuring; src and tools/bench/attributes-traits.ts must say the same."""
    return zlib.crc32(name.rsplit("_", 1)[0].encode()) % 5 == 0


def utkface(cache):
    faces = read_set(cache, "utkface-dev")
    faces.labels["mask"][:] = 0
    faces.fit[:] = [int(name[:4]) < 3200 for name in faces.names]
    return faces


def masks(cache):
    """Fitted on even numbers. What a mask covers is taken as the usual: some are worn under the nose."""
    faces = read_set(cache, "mask-dev")
    for i, name in enumerate(faces.names):
        masked = name.startswith("with_")
        faces.labels["mask"][i] = masked
        faces.covered[i] = [0, 0, 0, 0, 0.95, 1, 0.35] if masked else 0
        faces.fit[i] = int(name[-7:-4]) % 2 == 0
    return faces
