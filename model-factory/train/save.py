"""Writes a fitted network as NAME.json (its layers in order) and NAME.weights (half precision, one after the other)."""

import json

import numpy as np
import torch

from faces import OCCLUSION_VIEW, TRAITS_VIEW
from network import COARSER, FINER, TRAITS


class Writer:
    def __init__(self):
        self.layers, self.weights, self.count = [], [], 0

    def tensor(self, values):
        """Keeps a tensor; returns its shape, by which readers walk through the weights."""
        self.weights.append(values.detach().numpy().astype("<f2").tobytes())
        return list(values.shape)

    def layer(self, **layer):
        self.count += 1
        layer.setdefault("output", f"x{self.count}")
        self.layers.append(layer)
        return layer["output"]

    def conv(self, module, x, **named):
        """Weights are [outputs, inputs per group, height, width], then the bias."""
        weight = self.tensor(module.conv.weight)
        self.tensor(module.conv.bias)
        left, right, top, bottom = module.pads
        return self.layer(
            op="depthwise" if module.depthwise else "conv", input=x, weight=weight, stride=module.stride, pads=[top, bottom, left, right], **named
        )

    def prelu(self, module, x):
        return self.layer(op="prelu", input=x, weight=self.tensor(module.weight))

    def block(self, module, x):
        y = self.conv(module.pointwise, self.conv(module.depthwise, x))
        if module.stride == 2:
            x = self.layer(op="pool", input=x)
        if module.more:
            x = self.layer(op="channels", input=x, more=module.more)
        return self.prelu(module.act, self.layer(op="add", inputs=[x, y]))

    def blocks(self, modules, x):
        for module in modules:
            x = self.block(module, x)
        return x

    def activated(self, pair, x, **named):
        """A convolution and its PReLU."""
        return self.layer(op="prelu", input=self.conv(pair[0], x), weight=self.tensor(pair[1].weight), **named)

    def write(self, folder, name, size, outputs):
        lines = ",\n    ".join(json.dumps(layer) for layer in self.layers)
        text = json.dumps({"input": [size, size, 3], "outputs": outputs, "layers": 0}, indent=2)
        (folder / f"{name}.json").write_text(text.replace('"layers": 0', f'"layers": [\n    {lines}\n  ]') + "\n")
        (folder / f"{name}.weights").write_bytes(b"".join(self.weights))
        print(f"{name}: {sum(map(len, self.weights))} bytes of weights")


def stored_state(net, path):
    """The parameters of `net` from its committed weights; those of the traits network are stored in the order in which it has them."""
    values, at, state = torch.from_numpy(np.fromfile(path, "<f2").astype(np.float32)), 0, {}
    for name, parameter in net.state_dict().items():
        if at == len(values) and name.startswith("helmet."):
            state[name] = parameter
            continue
        state[name] = values[at : at + parameter.numel()].view(parameter.shape)
        at += parameter.numel()
    assert at == len(values), f"{path} is not of this network"
    return state


def save_traits(net, folder):
    writer = Writer()
    finer = writer.blocks(net.blocks[:FINER], writer.activated(net.stem, "input"))
    coarser = writer.blocks(net.blocks[FINER:COARSER], finer)
    x = writer.blocks(net.blocks[COARSER:], coarser)
    writer.conv(net.traits, writer.activated(net.hidden, x), output="traits")
    helmet = net.helmet
    cells = [writer.conv(helmet.finer, writer.block(helmet.reduced, finer)), writer.conv(helmet.coarser, coarser)]
    writer.conv(helmet.last, writer.prelu(helmet.act, writer.layer(op="add", inputs=cells)), output="helmet")
    writer.write(folder, "face-traits", TRAITS_VIEW.size, {"traits": TRAITS, "helmet": ["helmet"]})


def save_occlusion(net, folder):
    writer = Writer()
    half = writer.blocks(net.blocks[:2], writer.activated(net.stem, "input"))
    quarter = writer.blocks(net.blocks[2:5], half)
    x = writer.blocks(net.wide, writer.blocks(net.blocks[5:], quarter))
    finer = writer.conv(net.from_quarter, writer.activated(net.at_quarter, quarter))
    finest = writer.conv(net.from_half, writer.activated(net.at_half, half))
    x = writer.layer(op="add", inputs=[writer.conv(net.from_wide, x), finer])
    x = writer.prelu(net.mix, writer.layer(op="add", inputs=[x, finest]))
    writer.conv(net.last[1], writer.block(net.last[0], x), output="covered")
    writer.write(folder, "face-occlusion", OCCLUSION_VIEW.size, {"covered": ["cell"]})


def rounded(net):
    """The network with its weights as they are stored."""
    for parameter in net.parameters():
        parameter.data = parameter.data.half().float()
    return net
