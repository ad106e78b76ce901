"""The occlusion network: which cells of a face something covers."""

import torch
from torch import nn

from network import Block, Conv, trunk_from

MAP_SIZE = 64
"""Side of the map in cells; src/stages/occlusion.ts says the same."""
SUB = 4
"""Cells a side that one place of the last layer tells, one channel each."""


class OcclusionNet(nn.Module):
    """
    [N, 3, 128, 128] in 0..1 to logits [N, 64, 64] of cells being covered. The first layers are those of face_landmark, down to an
    eighth of the side, where wide depthwise windows look across the face; finer layers add where exactly things end.
    """

    def __init__(self, width=96, depth=6):
        super().__init__()
        self.stem = nn.Sequential(Conv(3, 16, 3, 2), nn.PReLU(16))
        widths = [16, 16, 16, 32, 32, 32, 64, 64, 64]
        self.blocks = nn.ModuleList(Block(a, b, 2 if i in (2, 5) else 1) for i, (a, b) in enumerate(zip(widths, widths[1:])))
        self.wide = nn.ModuleList(Block(64 if i == 0 else width, width, kernel=5) for i in range(depth))
        self.at_half = nn.Sequential(Conv(16, 24, 4, 4, pad=0), nn.PReLU(24))
        self.at_quarter = nn.Sequential(Conv(32, 32, 2, 2, pad=0), nn.PReLU(32))
        self.from_wide = Conv(width, 64, 1)
        self.from_half = Conv(24, 64, 1)
        self.from_quarter = Conv(32, 64, 1)
        self.mix = nn.PReLU(64)
        self.last = nn.Sequential(Block(64, 64), Conv(64, SUB * SUB, 1))

    def forward(self, x):
        return torch.pixel_shuffle(self.cells(x), SUB).squeeze(1)

    def cells(self, x):
        """[N, 16, 16, 16]: channel 4 v + u at (x, y) is the logit of the cell (4 x + u, 4 y + v)."""
        half = quarter = x = self.stem(x)
        for i, block in enumerate(self.blocks):
            x = block(x)
            if i == 1:
                half = x
            if i == 4:
                quarter = x
        for block in self.wide:
            x = block(x)
        x = self.from_wide(x) + self.from_quarter(self.at_quarter(quarter)) + self.from_half(self.at_half(half))
        return self.last(self.mix(x))

    def start_from(self, path):
        """Takes the first layers' weights from face-landmark.onnx."""
        trunk_from(path, self.stem, self.blocks)
