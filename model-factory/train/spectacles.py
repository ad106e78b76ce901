"""Glasses painted over faces: frames of any shape, colour and thickness, lenses that are clear, tinted or dark."""

from dataclasses import dataclass

import numpy as np

from faces import EITHER

TRANSPARENT, SUNGLASSES = 1, 2

PLASTICS = np.array(
    [[14, 14, 16], [60, 38, 26], [110, 70, 40], [95, 95, 98], [30, 40, 85], [40, 90, 170], [185, 30, 35], [95, 25, 40], [235, 130, 165]]
    + [[120, 70, 140], [45, 95, 65], [238, 236, 232], [215, 180, 145], [225, 150, 40], [70, 175, 180]],
    np.float32,
)
METALS = np.array([[205, 165, 90], [225, 190, 130], [200, 150, 130], [190, 192, 196], [120, 122, 126], [60, 60, 64], [130, 95, 60]], np.float32)
DARK = np.array([[8, 8, 10], [40, 26, 14], [18, 34, 24], [30, 30, 34], [16, 22, 48], [50, 14, 24], [36, 18, 44]], np.float32)
MIRRORS = np.array([[60, 110, 190], [190, 150, 60], [190, 80, 50], [150, 155, 165], [90, 60, 150], [60, 150, 110], [200, 110, 150]], np.float32)

CLEAR_FROM, DARK_TO = 0.5, 0.3
"""The share of light that lenses let through: from the first on they are transparent, up to the second sunglasses."""


@dataclass
class Lens:
    """Where a lens is: signed distance from its outline in pixels, positive outside; u outwards and v downwards in half widths and heights."""

    distance: np.ndarray
    theta: np.ndarray
    u: np.ndarray
    v: np.ndarray
    inside: np.ndarray


def spectacles(painter, image, mesh):
    """The face with glasses on, and what they are: TRANSPARENT, SUNGLASSES or, between the two, EITHER."""
    drawing = Spectacles(painter, mesh)
    kind = painter.rng.choice(["clear", "tinted", "between", "dark", "mirror"], p=[0.55, 0.16, 0.04, 0.19, 0.06])
    image = drawing.framed(drawing.glazed(image, kind))
    return image, {"clear": TRANSPARENT, "tinted": TRANSPARENT, "between": EITHER}.get(kind, SUNGLASSES)


class Spectacles:
    """One pair on one face; randomness and noise come from `painter`."""

    def __init__(self, painter, mesh):
        self.painter, self.rng = painter, painter.rng
        rng = self.rng
        eyes = [mesh[[33, 133]].mean(0), mesh[[362, 263]].mean(0)]
        apart = eyes[1] - eyes[0]
        self.span = np.linalg.norm(apart)
        self.along = apart / self.span
        self.down = np.array([-self.along[1], self.along[0]])
        half = self.span * np.array([rng.uniform(0.32, 0.48), rng.uniform(0.2, 0.42)])
        if rng.random() < 0.12:
            half *= rng.uniform(1.05, 1.25)
        outline = self.outline()
        offset = self.down * self.span * rng.uniform(-0.02, 0.12)
        outwards = self.span * rng.uniform(0, 0.06)
        self.ears = [mesh[127], mesh[356]]
        self.sides, self.centres, self.halves = (-1, 1), [], []
        for side, eye in zip(self.sides, eyes):
            # A head that is turned shows one side narrower.
            share = np.clip(side * (eye - mesh[168]) @ self.along / (self.span / 2), 0.5, 1.4)
            self.centres.append(eye + offset + side * outwards * share * self.along)
            self.halves.append(half * [share, 1])
        self.lenses = [self.lens(*each, outline) for each in zip(self.sides, self.centres, self.halves)]
        self.lens_alpha = np.maximum(*(lens.inside for lens in self.lenses))

    def outline(self):
        """A closed curve in half widths (outwards) and half heights (downwards)."""
        rng = self.rng
        kind = rng.choice(["round", "rectangular", "aviator", "cat-eye", "trapezoid"], p=[0.2, 0.3, 0.15, 0.15, 0.2])
        power = 2 if kind == "round" else rng.uniform(2.3, 5)
        t = np.linspace(0, 2 * np.pi, 181)[:-1]
        u, v = (np.sign(f(t)) * np.abs(f(t)) ** (2 / power) for f in (np.cos, np.sin))
        below, above, outside = np.maximum(v, 0), np.maximum(-v, 0), np.maximum(u, 0)
        if kind == "aviator":
            u, v = u * (1 - 0.15 * below) + 0.12 * below, v * 0.9 + below * (0.25 + 0.15 * u) + 0.12 * above * (1 - u)
        elif kind == "cat-eye":
            v = v - rng.uniform(0.15, 0.45) * outside**2 * (0.35 + above)
            u = u * (1 - 0.15 * below) + 0.15 * outside * above
        elif kind == "trapezoid":
            u = u * (1 - rng.uniform(0.05, 0.2) * v)
        return u, v

    def lens(self, side, centre, half, outline):
        dx, dy = self.painter.x - centre[0], self.painter.y - centre[1]
        across, below = side * (dx * self.along[0] + dy * self.along[1]), dx * self.down[0] + dy * self.down[1]
        radius, theta = np.hypot(across, below), np.arctan2(below, across)
        u, v = outline[0] * half[0], outline[1] * half[1]
        angles, radii = np.arctan2(v, u), np.hypot(u, v)
        order = np.argsort(angles)
        table = np.linspace(-np.pi, np.pi, 181)
        radii = np.interp(table, angles[order], radii[order], period=2 * np.pi)
        lean = np.gradient(radii, table) / radii
        edge = np.interp(theta, table, radii)
        distance = (radius - edge) / np.sqrt(1 + np.interp(theta, table, lean) ** 2)
        return Lens(distance.astype(np.float32), theta, across / half[0], below / half[1], np.clip(0.5 - distance, 0, 1))

    # Lenses.

    def glazed(self, image, kind):
        """What is seen through the lenses, and what they reflect."""
        rng, alpha = self.rng, self.lens_alpha[..., None]
        if kind == "mirror":
            look = self.mirrored()
            return image + (np.clip(look, 0, 255) - image) * alpha * rng.uniform(0.8, 1)
        if kind == "dark":
            through, own = rng.uniform(0.02, DARK_TO) * rng.uniform(0.7, 1.1, 3), DARK[rng.integers(len(DARK))] * rng.uniform(0.5, 1.4)
        elif kind == "clear":
            through, own = rng.uniform(0.92, 1) * np.ones(3), np.zeros(3)
        else:
            through, own = self.tint(*((CLEAR_FROM, 0.85) if kind == "tinted" else (DARK_TO, CLEAR_FROM))), np.zeros(3)
        through = through * np.ones_like(image)
        if kind != "clear" and rng.random() < 0.35:
            through = through ** (1 + rng.uniform(0.2, 0.8) * np.clip(-self.height(), -1, 1))[..., None]
        image = image * (1 + (through - 1) * alpha) + own * alpha * (1 - through)
        return self.reflecting(image, 0.65 if kind == "dark" else 0.45)

    def tint(self, low, high):
        """Light let through per channel: its mean lies between `low` and `high`, its hue anywhere."""
        rng = self.rng
        mean = rng.uniform(low, high)
        hue = rng.normal(0, 1, 3)
        hue -= hue.mean()
        depth = min(mean, 1 - mean) * rng.uniform(0.2, 1)
        return np.clip(mean + depth * hue / np.abs(hue).max(), 0.03, 1)

    def height(self):
        """v of the nearer lens."""
        return np.where(self.lenses[0].distance < self.lenses[1].distance, self.lenses[0].v, self.lenses[1].v)

    def mirrored(self):
        """A coloured mirror: another colour above than below, and what it reflects."""
        rng = self.rng
        colour = MIRRORS[rng.integers(len(MIRRORS))] * rng.uniform(0.5, 1.2)
        other = MIRRORS[rng.integers(len(MIRRORS))] * rng.uniform(0.2, 1.2) if rng.random() < 0.6 else colour * rng.uniform(0.2, 0.6)
        share = np.clip(0.5 + self.height() * rng.uniform(0.3, 2) + 0.3 * self.painter.noise(4), 0, 1)[..., None]
        return (colour * (1 - share) + other * share) * (1 + 0.15 * self.painter.noise(6))[..., None]

    def reflecting(self, image, chance):
        """A sheen over both lenses, soft spots of light, or a window in each."""
        rng, painter = self.rng, self.painter
        if rng.random() < chance:
            spots = np.clip(painter.noise(int(rng.integers(3, 9))) - rng.uniform(0.3, 1.5), 0, 1) * rng.uniform(0, 0.6)
            image = over(image, rng.uniform(170, 255), spots * self.lens_alpha)
        if rng.random() < chance / 2:
            sheen = np.array([[120, 220, 160], [130, 150, 255], [220, 220, 235], [200, 140, 230]])[rng.integers(4)]
            image = over(image, sheen, self.lens_alpha * rng.uniform(0.03, 0.15) * np.clip(0.5 - self.height(), 0, 1))
        if rng.random() < chance / 2:
            at, slant = rng.uniform(-0.6, 0.4, 2), rng.uniform(-0.6, 0.6)
            size, strength = rng.uniform(0.15, 0.6, 2), rng.uniform(0.1, 0.7)
            for side, lens in zip(self.sides, self.lenses):
                u = side * lens.u - slant * lens.v
                window = np.minimum(size[0] - np.abs(u - at[0]), size[1] - np.abs(lens.v - at[1]))
                image = over(image, rng.uniform(190, 255), np.clip(window * 8, 0, 1) * lens.inside * strength)
        return image

    # Frames.

    def framed(self, image):
        rng = self.rng
        style = rng.choice(["full", "half", "browline", "rimless"], p=[0.6, 0.15, 0.1, 0.15])
        thick = self.span * rng.choice([rng.uniform(0.015, 0.03), rng.uniform(0.03, 0.07), rng.uniform(0.07, 0.17)], p=[0.38, 0.34, 0.28])
        if style in ("half", "rimless"):
            thick = min(thick, self.span * 0.07)
        wire = self.span * rng.uniform(0.015, 0.03)
        rims = np.maximum(*(self.rim(lens, style, thick, wire) for lens in self.lenses))
        alpha = np.maximum(rims, self.bridge(max(min(thick, self.span * 0.09), wire)))
        alpha = np.maximum(alpha, self.arms(max(thick * rng.uniform(0.6, 1.2), wire)))
        if rng.random() < 0.6:
            fall = int(rng.integers(1, 3))
            image = over(image, 0, np.roll(softened(alpha), fall, 0) * rng.uniform(0.05, 0.35))
        if style in ("half", "rimless"):
            # The lenses' own edges: a fine line, lighter or darker.
            edge = np.clip(1 - np.abs(np.minimum(*(lens.distance for lens in self.lenses))), 0, 1)
            image = over(image, rng.choice([20, 90, 230]), edge * rng.uniform(0.2, 0.5))
        look, density = self.material()
        if rng.random() < 0.4:
            alpha = softened(alpha)
        return over(image, look, alpha * density)

    def rim(self, lens, style, thick, wire):
        if style == "rimless":
            return np.zeros_like(lens.distance)
        width = thick
        if style != "full":
            lower = wire if style == "browline" else 0
            width = lower + (thick - lower) * np.clip(0.5 - 4 * (lens.v - 0.1), 0, 1)
        elif self.rng.random() < 0.3:
            width = thick * (1 - self.rng.uniform(0.2, 0.6) * np.clip(lens.v, 0, 1))
        return np.clip(lens.distance + 0.5, 0, 1) - np.clip(lens.distance - width + 0.5, 0, 1)

    def bridge(self, width):
        """From lens to lens, arched; now and then two."""
        rng = self.rng
        inner = [c - side * self.along * half[0] * 0.93 for side, c, half in zip(self.sides, self.centres, self.halves)]
        height = self.halves[0][1]
        lift = -height * rng.uniform(-0.1, 0.6)
        middle = (inner[0] + inner[1]) / 2 + self.down * (lift - self.span * rng.uniform(0, 0.06))
        alpha = self.stroke([inner[0] + self.down * lift, middle, inner[1] + self.down * lift], width)
        if rng.random() < 0.15:
            top = self.down * -height * 0.85
            alpha = np.maximum(alpha, self.stroke([inner[0] + top, inner[1] + top], width))
        return alpha

    def arms(self, width):
        """From the lenses' outer edges to the ears; hair may hide them, on one side or both."""
        rng = self.rng
        alpha = np.zeros_like(self.painter.x)
        lift = rng.uniform(0, 0.7)
        for side, centre, half, ear in zip(self.sides, self.centres, self.halves, self.ears):
            start = centre + side * self.along * half[0] * 0.97 - self.down * half[1] * lift
            end = start + (ear + side * self.along * self.span * 0.05 - self.down * half[1] * lift * 0.5 - start) * rng.choice([0.3, 1, 1.15])
            if (end - start) @ self.along * side > 0:
                alpha = np.maximum(alpha, self.stroke([start, end], width))
        return alpha

    def stroke(self, points, width):
        """A line of `width` pixels, which may be less than one."""
        alpha = np.zeros_like(self.painter.x)
        for a, b in zip(points, points[1:]):
            d = b - a
            x, y = self.painter.x - a[0], self.painter.y - a[1]
            t = np.clip((x * d[0] + y * d[1]) / (d @ d + 1e-6), 0, 1)
            distance = np.hypot(x - t * d[0], y - t * d[1])
            alpha = np.maximum(alpha, np.clip(width / 2 - distance + 0.5, 0, min(1, width)))
        return alpha

    def material(self):
        """Colours of the frame, and how much of what is behind it they hide."""
        rng, painter = self.rng, self.painter
        kind = rng.choice(["plastic", "metal", "tortoise", "clear", "faded"], p=[0.48, 0.28, 0.1, 0.08, 0.06])
        colour = (METALS if kind == "metal" else PLASTICS)[rng.integers(len(METALS if kind == "metal" else PLASTICS))]
        if kind == "plastic" and rng.random() < 0.35:
            colour = PLASTICS[0]
        elif kind == "plastic" and rng.random() < 0.3:
            colour = rng.uniform(0, 255, 3)
        look = painter.shaded(colour * rng.uniform(0.7, 1.2) + rng.normal(0, 8, 3), 0.45 if kind == "metal" else 0.15)
        if kind == "tortoise":
            spots = np.clip(0.5 + painter.noise(int(rng.integers(8, 24))), 0, 1)[..., None]
            look = np.array([45, 26, 16]) * (1 - spots) + np.array([165, 100, 45]) * rng.uniform(0.6, 1.1) * spots
        if kind == "faded":
            look = look + (200 - look) * np.clip(0.5 + self.height() / 2, 0, 1)[..., None] * rng.uniform(0.3, 0.9)
        if kind == "clear":
            return 150 + look * 0.4, rng.uniform(0.25, 0.6)
        shine = np.clip(painter.noise(int(rng.integers(6, 20))) - 0.8, 0, 1)[..., None] * rng.uniform(0, 160)
        return look + shine, rng.uniform(0.75, 1)


def over(image, look, alpha):
    return image + (np.clip(look, 0, 255) - image) * alpha[..., None]


def softened(alpha):
    """Blurred by about a pixel."""
    for axis in (0, 1):
        alpha = (np.roll(alpha, 1, axis) + 2 * alpha + np.roll(alpha, -1, axis)) / 4
    return alpha
