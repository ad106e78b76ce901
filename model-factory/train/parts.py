"""The parts of a face as regions of a crop, from the dense mesh."""

import numpy as np

PARTS = ("leftEyeBrow", "rightEyeBrow", "leftEye", "rightEye", "nose", "mouth", "faceContour")

HULLS = {
    "leftEyeBrow": (70, 63, 105, 66, 107, 55, 65, 52, 53, 46),
    "rightEyeBrow": (300, 293, 334, 296, 336, 285, 295, 282, 283, 276),
    "leftEye": (33, 246, 161, 160, 159, 158, 157, 173, 133, 155, 154, 153, 145, 144, 163, 7),
    "rightEye": (263, 466, 388, 387, 386, 385, 384, 398, 362, 382, 381, 380, 374, 373, 390, 249),
    "nose": (6, 197, 5, 4, 1, 2, 98, 327, 129, 358, 49, 279, 64, 294),
    "mouth": (61, 185, 40, 37, 0, 267, 270, 409, 291, 375, 321, 314, 17, 84, 91, 146),
}
"""Mesh points whose convex hull is the part. Names are of the image's left and right."""

OVAL = (127, 234, 93, 132, 58, 172, 136, 150, 149, 176, 148, 152, 377, 400, 378, 379, 365, 397, 288, 361, 323, 454, 356)
"""The face's contour from temple to temple, as in src/stages/landmarks-106.ts."""

FOREHEAD = (127, 162, 21, 54, 103, 67, 109, 10, 338, 297, 332, 284, 251, 389, 356)
"""The face's outline above the temples."""

MARGIN = 0.027
"""How far regions reach beyond the mesh points, as a share of the mesh's longer side."""

BAND = 0.079
"""Half the width of the contour's band, as a share of the mesh's longer side."""


def hull_of(points):
    """The convex hull, in order (Andrew's monotone chain)."""
    points = sorted(map(tuple, points))

    def half(ordered):
        chain = []
        for p in ordered:
            while len(chain) > 1 and (
                (chain[-1][0] - chain[-2][0]) * (p[1] - chain[-2][1]) <= (chain[-1][1] - chain[-2][1]) * (p[0] - chain[-2][0])
            ):
                chain.pop()
            chain.append(p)
        return chain[:-1]

    return np.array(half(points) + half(points[::-1]))


class Cells:
    """The cells of a grid over a crop, `grid` to a side; points are in shares of that side."""

    def __init__(self, grid):
        self.grid = grid

    def near(self, low, high):
        """Indices and centres of the cells in a box."""
        first = np.clip(np.floor(low * self.grid).astype(int), 0, self.grid - 1)
        last = np.clip(np.ceil(high * self.grid).astype(int), 1, self.grid)
        x, y = np.meshgrid(np.arange(first[0], last[0]), np.arange(first[1], last[1]))
        return (y * self.grid + x).ravel(), (np.stack([x.ravel(), y.ravel()], 1) + 0.5) / self.grid

    def inside_hull(self, points, margin):
        hull = hull_of(points)
        edges = np.roll(hull, -1, 0) - hull
        normals = np.stack([-edges[:, 1], edges[:, 0]], 1) / (np.linalg.norm(edges, axis=1, keepdims=True) + 1e-9)
        inside = np.zeros(self.grid**2, bool)
        cells, centres = self.near(points.min(0) - margin, points.max(0) + margin)
        inside[cells] = (centres @ normals.T - (hull * normals).sum(1) >= -margin).all(1)
        return inside

    def near_line(self, points, width):
        inside = np.zeros(self.grid**2, bool)
        for a, b in zip(points, points[1:]):
            cells, centres = self.near(np.minimum(a, b) - width, np.maximum(a, b) + width)
            t = np.clip(((centres - a) @ (b - a)) / (((b - a) ** 2).sum() + 1e-12), 0, 1)
            inside[cells] |= np.linalg.norm(centres - a - t[:, None] * (b - a), axis=1) < width
        return inside


def regions_of(mesh, view):
    """[PARTS + 1, grid²] of bool, the last being the whole face, from (468, 2) in shares of the crop's side."""
    cells, regions = Cells(view.grid), []
    for part in PARTS[:6]:
        # A closed eye is a line: its region reaches further.
        margin = MARGIN * (1.4 if part.endswith("Eye") else 1)
        regions.append(cells.inside_hull(mesh[list(HULLS[part])], margin / view.enlarge))
    regions.append(cells.near_line(mesh[list(OVAL)], BAND / view.enlarge))
    regions.append(cells.inside_hull(mesh[list(OVAL + FOREHEAD)], BAND / view.enlarge))
    return np.stack(regions)


def packed_regions(meshes, view):
    """[N, PARTS + 1, grid² / 8] of bits."""
    return np.stack([np.packbits(regions_of(mesh, view), axis=-1) for mesh in meshes])
