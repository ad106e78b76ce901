"""Things in front of faces: where they are (alpha) and what they look like, painted into training crops."""

import numpy as np

from parts import OVAL, PARTS

COLOURS = np.array([[20, 20, 22], [235, 235, 235], [120, 170, 215], [60, 110, 80], [200, 60, 60], [150, 150, 150], [40, 50, 110], [220, 160, 190]], np.float32)
SKINS = np.array([[240, 205, 180], [220, 175, 145], [190, 140, 105], [150, 100, 70], [105, 70, 50], [70, 48, 38]], np.float32)
HAIRS = np.array([[25, 20, 18], [60, 42, 30], [105, 72, 45], [175, 140, 90], [120, 55, 30], [150, 150, 150]], np.float32)


class Painter:
    """
    Paints one occluder; randomness comes from `rng`, textures of things from `others` (crops of bytes). Crops are `frame`
    pixels wide; lengths in pixels are those of faces 53 pixels high times `unit`.
    """

    def __init__(self, rng, others, view):
        self.rng, self.others = rng, others
        self.frame, self.unit = view.frame, view.face / 53
        self.y, self.x = np.mgrid[0 : view.frame, 0 : view.frame].astype(np.float32)

    # Where: alpha in 0..1.

    def blob(self, centre, extent, angle):
        """An ellipse, a box or something between, with a wavy edge; extent is the half width and half height in pixels."""
        rng = self.rng
        dx, dy = self.x - centre[0], self.y - centre[1]
        c, s = np.cos(angle), np.sin(angle)
        u, v = (c * dx + s * dy) / extent[0], (c * dy - s * dx) / extent[1]
        power = rng.choice([2, 2, 2.5, 4, 8])
        radius = (np.abs(u) ** power + np.abs(v) ** power) ** (1 / power)
        if rng.random() < 0.5:
            theta = np.arctan2(v, u)
            for k in (2, 3, 5):
                radius = radius + rng.uniform(0, 0.16 / np.sqrt(k)) * np.sin(k * theta + rng.uniform(0, 6.28))
        return soft(1 - radius, rng.uniform(0.5, 2.5) * self.unit / min(extent))

    def capsule(self, a, b, width):
        a, b = np.asarray(a), np.asarray(b)
        d = b - a
        t = np.clip(((self.x - a[0]) * d[0] + (self.y - a[1]) * d[1]) / ((d**2).sum() + 1e-6), 0, 1)
        distance = np.hypot(self.x - a[0] - t * d[0], self.y - a[1] - t * d[1])
        return soft(width - distance, self.rng.uniform(0.5, 1.5) * self.unit)

    def hand(self, centre, size):
        """A palm with fingers towards a random side."""
        rng = self.rng
        angle = rng.uniform(0, 6.28)
        along = np.array([np.cos(angle), np.sin(angle)])
        across = np.array([-along[1], along[0]])
        alpha = self.blob(centre, (size * 0.5, size * 0.45), angle)
        for k in range(4):
            root = centre + across * size * 0.25 * (k - 1.5) + along * size * 0.2
            tip = root + along * size * rng.uniform(0.6, 0.95) + across * size * 0.1 * (k - 1.5) * rng.uniform(0, 1.5)
            alpha = np.maximum(alpha, self.capsule(root, tip, size * rng.uniform(0.09, 0.13)))
        return alpha

    def strands(self, mesh):
        """Hair that falls from above the forehead over brows and eyes, on one side or both."""
        rng = self.rng
        width = mesh[454, 0] - mesh[234, 0]
        left, right = mesh[234, 0], mesh[454, 0]
        alpha = np.zeros((self.frame, self.frame), np.float32)
        low, high = sorted(rng.uniform(left - 0.05 * width, right + 0.05 * width, 2))
        high = max(high, low + 0.15 * width)
        unit = self.unit
        end = rng.uniform(mesh[105, 1] - 2 * unit, mesh[5, 1] + 4 * unit)
        lean = rng.uniform(-0.25, 0.25) * width
        for _ in range(int(rng.integers(4, 26))):
            x = rng.uniform(low, high)
            tip = np.array([x + lean + rng.normal(0, 2) * unit, end + rng.normal(0, 3) * unit])
            root = np.array([x - lean * 0.3, mesh[10, 1] - rng.uniform(2, 12) * unit])
            alpha = np.maximum(alpha, self.capsule(root, tip, rng.uniform(0.7, 3.2) * unit) * rng.uniform(0.85, 1))
        return alpha

    def sunglasses(self, mesh):
        """Two lenses, the bridge and the arms; returns alpha and the lenses alone."""
        rng = self.rng
        left, right = mesh[[33, 133]].mean(0), mesh[[362, 263]].mean(0)
        apart = right - left
        span = np.linalg.norm(apart)
        angle = np.arctan2(apart[1], apart[0])
        down = np.array([-np.sin(angle), np.cos(angle)]) * span
        half = (span * rng.uniform(0.34, 0.47), span * rng.uniform(0.24, 0.42))
        drop = down * rng.uniform(-0.03, 0.1)
        state = rng.bit_generator.state
        lens = self.blob(left + drop, half, angle)
        rng.bit_generator.state = state
        lens = np.maximum(lens, self.blob(right + drop, half, angle))
        thin = span * rng.uniform(0.02, 0.06)
        frame = self.capsule(left + drop, right + drop, thin)
        frame = np.maximum(frame, self.capsule(left + drop - apart * 0.35, mesh[127], thin))
        frame = np.maximum(frame, self.capsule(right + drop + apart * 0.35, mesh[356], thin))
        return np.maximum(lens, frame), lens

    def mask(self, mesh):
        """A face mask from the nose, or from under it, to the chin; the edges bulge."""
        rng = self.rng
        top = rng.choice([6, 197, 195, 5, 4, 1, 2], p=[0.1, 0.25, 0.25, 0.1, 0.05, 0.05, 0.2])
        first = int(rng.integers(1, 5))
        low = OVAL[first : len(OVAL) - first]
        points = np.concatenate([mesh[list(low)], mesh[[top]]])
        centre = points.mean(0)
        chin = mesh[152]
        points = centre + (points - centre) * rng.uniform(0.9, 1.08)
        points[len(low) // 2] += (chin - mesh[1]) * rng.uniform(-0.1, 0.25)
        return self.polygon(points)

    def polygon(self, points):
        inside = np.zeros((self.frame, self.frame), bool)
        for (x0, y0), (x1, y1) in zip(points, np.roll(points, -1, 0)):
            crosses = (y0 > self.y) != (y1 > self.y)
            inside ^= crosses & (self.x < (x1 - x0) * (self.y - y0) / (y1 - y0 + 1e-6) + x0)
        return blurred(inside.astype(np.float32), 1)

    # What: colours 0..255.

    def noise(self, cells):
        grid = self.rng.normal(0, 1, (cells + 1, cells + 1)).astype(np.float32)
        at = np.linspace(0, cells - 1e-3, self.frame)
        i, f = at.astype(int), (at % 1).astype(np.float32)
        rows = grid[i] * (1 - f[:, None]) + grid[i + 1] * f[:, None]
        return rows[:, i] * (1 - f) + rows[:, i + 1] * f

    def shaded(self, colour, depth=0.12):
        light = 1 + depth * self.noise(int(self.rng.integers(2, 5))) + 0.03 * self.noise(30)
        return colour[None, None] * light[..., None]

    def skin(self, image, mesh):
        """The face's own skin, a piece of it enlarged or its colour, lighter or darker; or another's."""
        kind = self.rng.random()
        if kind < 0.3:
            centre, half = mesh[self.rng.choice([50, 280, 151])], int(4 * self.unit)
            x, y = np.clip(centre.astype(int) - half, 0, self.frame - 2 * half)
            return self.enlarged(image[y : y + 2 * half, x : x + 2 * half]) * self.rng.uniform(0.8, 1.15)
        if kind < 0.7:
            x, y = np.clip(mesh[self.rng.choice([50, 280, 151])].astype(int), 2, self.frame - 3)
            colour = image[y - 2 : y + 3, x - 2 : x + 3].reshape(-1, 3).mean(0) * self.rng.uniform(0.75, 1.2)
        else:
            colour = SKINS[self.rng.integers(len(SKINS))] * self.rng.uniform(0.7, 1.1)
        return self.shaded(colour)

    def hair(self, image, mesh):
        rng = self.rng
        x, y = mesh[10].astype(int)
        y = int(np.clip(y - rng.integers(4, 12) * self.unit, 1, self.frame - 2))
        colour = image[y - 1 : y + 2, np.clip(x, 1, self.frame - 2)].mean(0)
        if rng.random() < 0.5 or colour.sum() < 20:
            colour = HAIRS[rng.integers(len(HAIRS))]
        streaks = 1 + 0.25 * rng.normal(0, 1, (1, self.frame, 1)).astype(np.float32)
        return self.shaded(colour * rng.uniform(0.7, 1.2)) * streaks

    def cloth(self):
        rng = self.rng
        colour = COLOURS[rng.integers(len(COLOURS))] + rng.normal(0, 15, 3)
        if rng.random() < 0.4:
            colour = rng.uniform(0, 255, 3)
        look = self.shaded(colour)
        kind = rng.random()
        if kind < 0.3:
            other = rng.uniform(0, 255, 3).astype(np.float32)
            angle, period = rng.uniform(0, 3.14), rng.uniform(3, 14) * self.unit
            wave = np.sin((np.cos(angle) * self.x + np.sin(angle) * self.y) * 6.28 / period)
            if kind < 0.15:
                wave = wave * np.sin((np.cos(angle) * self.y - np.sin(angle) * self.x) * 6.28 / period)
            look = np.where(wave[..., None] > rng.uniform(0, 0.8), other, look)
        return look

    def thing(self):
        """A piece of another picture, enlarged."""
        rng = self.rng
        other = self.others[rng.integers(len(self.others))]
        side = int(rng.integers(16, 60) * self.unit)
        x, y = rng.integers(0, self.frame - side, 2)
        piece = self.enlarged(other[y : y + side, x : x + side].astype(np.float32))
        return piece if piece.mean() > 12 else self.cloth()

    def enlarged(self, piece):
        """A square piece as large as a crop; half of the time upside down or mirrored."""
        at = (np.arange(self.frame) * len(piece) // self.frame).astype(int)
        return piece[at][:, at[:: self.rng.choice([-1, 1])]]

    def shadow(self, image, mesh):
        """Not a thing: darker or lighter on one side of a soft edge."""
        at = mesh[self.rng.integers(len(mesh))]
        angle = self.rng.uniform(0, 6.28)
        along = (self.x - at[0]) * np.cos(angle) + (self.y - at[1]) * np.sin(angle)
        side = soft(along, self.rng.uniform(1, 12) * self.unit)
        return image * (1 + side * self.rng.choice([-0.55, -0.35, 0.35]) * self.rng.uniform(0.4, 1))[..., None]

    def texture(self, image, mesh):
        kind = self.rng.random()
        if kind < 0.4:
            return self.skin(image, mesh)
        return self.cloth() if kind < 0.7 else self.thing()


def soft(distance, blur):
    return np.clip(0.5 + distance / (2 * blur + 1e-6), 0, 1).astype(np.float32)


def blurred(alpha, times):
    for _ in range(times):
        alpha = (alpha + np.roll(alpha, 1, 0) + np.roll(alpha, -1, 0)) / 3
        alpha = (alpha + np.roll(alpha, 1, 1) + np.roll(alpha, -1, 1)) / 3
    return alpha


def shares(alpha, regions):
    """The covered share of each part."""
    grid = regions.shape[-1]
    cell = len(alpha) // grid
    coarse = alpha.reshape(grid, cell, grid, cell).mean((1, 3))
    return (regions * coarse).sum((1, 2)) / np.maximum(regions.sum((1, 2)), 1)


def single_part(painter, part, regions, mesh, extents=(0.9, 1.7), tries=4):
    """An alpha that covers one part and leaves the others, or the best of some tries; `extents` are in the part's own."""
    rng = painter.rng
    cell = painter.frame // regions.shape[-1]
    best, most = None, -9.0
    for _ in range(tries):
        ys, xs = np.nonzero(regions[part])
        if len(xs) == 0:
            return None, None
        if PARTS[part] == "faceContour":
            pick = rng.integers(len(xs))
            centre = np.array([xs[pick], ys[pick]]) * cell + cell / 2
            centre += (centre - mesh[4]) * rng.uniform(0, 0.15)
            half = np.array([rng.uniform(9, 22), rng.uniform(8, 18)]) * painter.unit
        else:
            centre = np.array([xs.mean(), ys.mean()]) * cell + cell / 2 + rng.normal(0, 1, 2) * painter.unit
            half = np.array([np.ptp(xs) + 2, np.ptp(ys) + 2]) * cell / 2 * rng.uniform(*extents, 2)
            if part < 4:
                half[1] *= 0.9
        alpha = painter.blob(centre, half, rng.normal(0, 0.2))
        covered = shares(alpha, regions)
        target = min(covered[part] / (0.25 if part == 6 else 0.75), 1)
        score = target - np.delete(covered, part).max() * 1.5
        if score > most:
            best, most = alpha, score
        if most > 0.85:
            break
    return best, most


def occlude(painter, image, mesh, regions):
    """
    Paints something over `image` (floats 0..255). `mesh` is in pixels. Returns the picture, alpha, and what was painted:
    'patch', 'hair', 'sunglasses' or 'mask'.
    """
    rng = painter.rng
    kind = rng.random()
    if kind < 0.1:
        alpha, lens = painter.sunglasses(mesh)
        look = painter.shaded(rng.uniform(5, 60) * rng.uniform(0.7, 1.3, 3), 0.5)
        clear = rng.uniform(0.8, 1)
        look = np.maximum(look, 0) + (rng.random() < 0.4) * 70 * np.maximum(painter.noise(3), 0)[..., None] * lens[..., None]
        return blend(image, look, alpha * clear), alpha, "sunglasses"
    if kind < 0.2:
        alpha = painter.mask(mesh)
        return blend(image, painter.cloth(), alpha), alpha, "mask"
    if kind < 0.32:
        alpha = painter.strands(mesh)
        return blend(image, painter.hair(image, mesh), alpha), alpha, "hair"
    if kind < 0.84:
        alpha, _ = single_part(painter, int(rng.integers(7)), regions, mesh, (0.45, 1.7), 2)
        if alpha is not None:
            return blend(image, painter.texture(image, mesh), alpha), alpha, "patch"
    at = mesh[rng.integers(len(mesh))] + rng.normal(0, 3, 2) * painter.unit
    size = rng.uniform(8, 32) * painter.unit
    if kind > 0.92:
        alpha = painter.hand(at, size)
        return blend(image, painter.skin(image, mesh), alpha), alpha, "patch"
    angle = rng.uniform(0, 3.14)
    if kind > 0.87:
        alpha = painter.capsule(
            at, at + 80 * painter.unit * np.array([np.cos(2 * angle), np.sin(2 * angle)]), rng.uniform(2, 8) * painter.unit
        )
    else:
        alpha = painter.blob(at, (size, size * rng.uniform(0.4, 1.2)), angle)
    return blend(image, painter.texture(image, mesh), alpha), alpha, "patch"


def blend(image, look, alpha):
    return image + (np.clip(look, 0, 255) - image) * alpha[..., None]
