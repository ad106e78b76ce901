"""The development sets as crops with labels, and which of them are for fitting."""

import csv
import json
import os
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional as F

from parts import packed_regions

UNKNOWN = -1

DATA = Path(os.environ.get("NEARFACE_DATA", "../shared/data"))

EITHER = 3
"""Glasses of which it is not known whether they are dark; only in what is fitted."""

ROOM = 1.25
"""How much wider a training crop is than the network's input: room for turning, shifting and scaling."""

CUT = 1.8 * ROOM
"""How much wider crops.ts cuts than the mesh's longer side."""


@dataclass(frozen=True)
class View:
    """What a network is shown of a face: `size` pixels, `sides` times the mesh's longer side; regions have `grid` cells a side."""

    name: str
    size: int
    sides: float
    grid: int

    @property
    def frame(self):
        """Side of a training crop in pixels."""
        return round(self.size * ROOM)

    @property
    def enlarge(self):
        """Side of a training crop in longer sides of the mesh."""
        return self.sides * ROOM

    @property
    def face(self):
        """The mesh's longer side in pixels."""
        return self.frame / self.enlarge


TRAITS_VIEW = View("traits", 96, 1.8, 60)
OCCLUSION_VIEW = View("occlusion", 128, 1.4, 80)


class Faces:
    """Crops [N, frame, frame, 3] of bytes, meshes in shares of a side, regions, and labels; UNKNOWN where there is none."""

    def __init__(self, view, names, images, meshes, regions):
        self.view, self.names, self.images, self.meshes, self.packed = view, names, images, meshes, regions
        n = len(names)
        self.labels = {key: np.full(n, UNKNOWN, np.int64) for key in ("glasses", "hair", "hat", "bangs", "mask")}
        self.fit = np.ones(n, bool)
        self.calibrate = np.zeros(n, bool)

    def regions(self, index):
        """[PARTS, grid, grid] and the whole face [grid, grid]."""
        bits = np.unpackbits(self.packed[index], axis=-1).reshape(-1, self.view.grid, self.view.grid).astype(np.float32)
        return bits[:-1], bits[-1]


def read_set(cache, name, view):
    listing = json.loads((cache / f"{name}.json").read_text())
    side, names = listing["side"], listing["found"]
    share = view.enlarge / CUT
    meshes = np.fromfile(cache / f"{name}.mesh.f32", np.float32).reshape(-1, 468, 2) / side
    meshes = (meshes - 0.5) / share + 0.5
    small = cache / f"{name}.{view.name}.npz"
    if small.exists():
        stored = np.load(small)
        return Faces(view, names, stored["images"], meshes, stored["regions"])
    pixels = np.fromfile(cache / f"{name}.u8", np.uint8).reshape(-1, side, side, 3)
    images = np.concatenate([reduced(pixels[i : i + 256], share, view.frame) for i in range(0, len(pixels), 256)])
    faces = Faces(view, names, images, meshes, packed_regions(meshes, view))
    np.savez(small, images=images, regions=faces.packed)
    return faces


def reduced(pixels, share, frame):
    """The middle `share` of crops, `frame` pixels wide."""
    x = torch.from_numpy(pixels).permute(0, 3, 1, 2).float()
    around = round(x.shape[-1] * (1 - share) / 2)
    x = x[..., around : x.shape[-1] - around, around : x.shape[-1] - around]
    x = F.interpolate(x, (frame, frame), mode="bilinear", antialias=True, align_corners=False)
    return x.permute(0, 2, 3, 1).round().clamp(0, 255).byte().numpy()


def rows_of(data, name):
    with open(data / name / "labels.csv") as file:
        return {row["image"]: row for row in csv.DictReader(file)}


def celeba(cache, data, view):
    """Fitted on the first 5,500, calibrated on the next 500."""
    faces = read_set(cache, "celeba-dev", view)
    rows = rows_of(data, "celeba-dev")
    marked = json.loads((Path(__file__).parent / "sunglasses.json").read_text())
    dark, unclear = set(marked["sunglasses"]), set(marked["unclear"])
    for i, name in enumerate(faces.names):
        has = {key: value == "1" for key, value in rows[name].items() if key != "image"}
        labels = faces.labels
        labels["hat"][i], labels["bangs"][i], labels["mask"][i] = has["Wearing_Hat"], has["Bangs"], 0
        labels["hair"][i] = hair_of(has)
        faces.fit[i] = int(name[:6]) <= 5500
        tinted = EITHER if faces.fit[i] else UNKNOWN
        labels["glasses"][i] = 2 if name in dark else tinted if name in unclear else has["Eyeglasses"]
        faces.calibrate[i] = 5500 < int(name[:6]) <= 6000
    faces.eyeglasses = np.array([rows[name]["Eyeglasses"] == "1" for name in faces.names])
    faces.fringes = np.array([rows[name]["Bangs"] == "1" or rows[name]["Wearing_Hat"] == "1" for name in faces.names])
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


def lfw(cache, view):
    """Without labels, taken as uncovered; a fifth of the people is held out."""
    faces = read_set(cache, "lfw-dev", view)
    faces.labels["mask"][:] = 0
    faces.fit[:] = [not held_out(name) for name in faces.names]
    return faces


def held_out(name):
    """Whether a person is for measuring; src and bench/attributes/traits.ts must say the same."""
    return zlib.crc32(name.rsplit("_", 1)[0].encode()) % 5 == 0


def utkface(cache, view):
    faces = read_set(cache, "utkface-dev", view)
    faces.labels["mask"][:] = 0
    faces.fit[:] = [int(name[:4]) < 3200 for name in faces.names]
    return faces


def masks(cache, view):
    """Fitted on even numbers."""
    faces = read_set(cache, "mask-dev", view)
    for i, name in enumerate(faces.names):
        faces.labels["mask"][i] = name.startswith("with_")
        faces.fit[i] = int(name[-7:-4]) % 2 == 0
    return faces
