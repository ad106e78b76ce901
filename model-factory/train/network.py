"""The traits network: the trunk of face_landmark on a smaller crop, with heads of its own."""

import torch
from torch import nn
from torch.nn import functional as F

from onnx_weights import read_onnx

FINER, COARSER = 8, 11
"""Blocks before what the helmet's branch looks at: 64 features of 12 × 12 cells, and 128 of 6 × 6."""

TRAITS = ("without glasses", "transparent", "sunglasses", "without hair", "moustache", "beard", "sideburns", "hat", "bangs", "mask")


class Conv(nn.Module):
    """A convolution with zero padding: around it, or, where the stride is 2, right and below (as TensorFlow's SAME)."""

    def __init__(self, inputs, outputs, kernel, stride=1, groups=1, pad=None):
        super().__init__()
        around = kernel // 2 if pad is None else pad
        after_only = stride == 2 and pad is None
        self.pads = (0, 1, 0, 1) if after_only else (around,) * 4
        self.conv = nn.Conv2d(inputs, outputs, kernel, stride, 0 if after_only else around, groups=groups)
        self.stride, self.depthwise, self.after_only = stride, groups > 1, after_only

    def forward(self, x):
        return self.conv(F.pad(x, self.pads) if self.after_only else x)


class Block(nn.Module):
    """prelu(x + pointwise(depthwise(x))); where it reduces, x is pooled and filled up with zero channels."""

    def __init__(self, inputs, outputs, stride=1, kernel=3):
        super().__init__()
        self.depthwise = Conv(inputs, inputs, kernel, stride, groups=inputs)
        self.pointwise = Conv(inputs, outputs, 1)
        self.act = nn.PReLU(outputs)
        self.stride, self.more = stride, outputs - inputs

    def forward(self, x):
        y = self.pointwise(self.depthwise(x))
        if self.stride == 2:
            x = F.max_pool2d(x, 2)
        if self.more:
            x = F.pad(x, (0, 0, 0, 0, 0, self.more))
        return self.act(x + y)


class HelmetBranch(nn.Module):
    """The traits network's features of 12 × 12 and 6 × 6 cells to the logit of a helmet: 24 features of each of 6 × 6 cells, weighed by their place."""

    def __init__(self):
        super().__init__()
        self.drop = nn.Dropout2d(0.1)
        self.reduced = Block(64, 96, 2)
        self.finer, self.coarser = Conv(96, 24, 1), Conv(128, 24, 1)
        self.act = nn.PReLU(24)
        self.dropout = nn.Dropout(0.3)
        self.last = Conv(24, 1, 6, pad=0)

    def forward(self, seen):
        """`seen` is what seen_by_helmet gives."""
        finer, coarser = seen[:, : 64 * 144].view(-1, 64, 12, 12), seen[:, 64 * 144 :].view(-1, 128, 6, 6)
        return self.last(self.dropout(self.act(self.finer(self.reduced(self.drop(finer))) + self.coarser(self.drop(coarser)))))


class TraitsNet(nn.Module):
    """[N, 3, 96, 96] in 0..1 to logits of TRAITS; those of helmets are fitted on their own, by helmets.py."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Sequential(Conv(3, 16, 3, 2), nn.PReLU(16))
        widths = [16, 16, 16, 32, 32, 32, 64, 64, 64, 128, 128, 128, 128, 128, 128]
        self.blocks = nn.ModuleList(
            Block(a, b, 2 if i in (2, 5, 8, 11) else 1) for i, (a, b) in enumerate(zip(widths, widths[1:]))
        )
        self.hidden = nn.Sequential(Conv(128, 64, 3, pad=0), nn.PReLU(64))
        self.dropout = nn.Dropout(0.3)
        self.traits = Conv(64, len(TRAITS), 1)
        self.helmet = HelmetBranch()

    def forward(self, x):
        x = self.stem(x)
        for block in self.blocks:
            x = block(x)
        return self.traits(self.dropout(self.hidden(x))).flatten(1)

    def seen_by_helmet(self, x):
        """What the helmet's branch looks at, [N, 64 · 12 · 12 + 128 · 6 · 6]."""
        x = self.stem(x)
        for block in self.blocks[:FINER]:
            x = block(x)
        finer = x
        for block in self.blocks[FINER:COARSER]:
            x = block(x)
        return torch.cat([finer.flatten(1), x.flatten(1)], 1)

    def start_from(self, path):
        """Takes the trunk's weights from face-landmark.onnx."""
        trunk_from(path, self.stem, self.blocks)


def trunk_from(path, stem, blocks):
    """Gives the stem and the blocks the weights of face_landmark's first layers."""
    nodes, constants = read_onnx(path)
    convs = [n for n in nodes if n.op == "Conv"]
    slopes = [n for n in nodes if n.op == "PRelu"]
    own_convs = [stem[0].conv] + [c.conv for b in blocks for c in (b.depthwise, b.pointwise)]
    own_slopes = [stem[1]] + [b.act for b in blocks]
    with torch.no_grad():
        for own, node in zip(own_convs, convs):
            own.weight.copy_(torch.from_numpy(constants[node.inputs[1]].copy()))
            own.bias.copy_(torch.from_numpy(constants[node.inputs[2]].copy()))
        for own, node in zip(own_slopes, slopes):
            own.weight.copy_(torch.from_numpy(constants[node.inputs[1]].copy()).flatten())
