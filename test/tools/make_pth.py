"""Writes checkpoints in the authors' layout and other layouts with PyTorch, and the features that PyTorch computes.

    python test/tools/make_pth.py fixtures test/golden/pytorch     the fixtures of the tests (width 2)
    python test/tools/make_pth.py stems test/golden/pytorch        of these, the features with other stems
    python test/tools/make_pth.py real <folder> --images <file>  a network of width 64, and its features
                                                                   of the first images of a CIFAR-10 batch

Own code throughout: the networks have the structure and the names that test/golden/architecture.json lists.
"""

import argparse
import base64
import json
import os
from collections import OrderedDict

import numpy
import torch
from torch import nn

MEAN = (0.4914, 0.4822, 0.4465)
STD = (0.2023, 0.1994, 0.2010)


class Block(nn.Module):
    def __init__(self, ins, outs, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(ins, outs, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(outs)
        self.conv2 = nn.Conv2d(outs, outs, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(outs)
        self.downsample = None
        if stride != 1 or ins != outs:
            self.downsample = nn.Sequential(nn.Conv2d(ins, outs, 1, stride, bias=False), nn.BatchNorm2d(outs))

    def forward(self, x):
        y = self.bn2(self.conv2(torch.relu(self.bn1(self.conv1(x)))))
        return torch.relu(y + (x if self.downsample is None else self.downsample(x)))


def children(width, max_pool):
    """The network's children by torchvision's names, in order."""
    yield "conv1", nn.Conv2d(3, width, 3, 1, 1, bias=False)
    yield "bn1", nn.BatchNorm2d(width)
    yield "relu", nn.ReLU()
    if max_pool:
        yield "maxpool", nn.MaxPool2d(3, 2, 1)
    ins = width
    for stage in range(4):
        outs = width * 2**stage
        yield f"layer{stage + 1}", nn.Sequential(Block(ins, outs, 1 if stage == 0 else 2), Block(outs, outs, 1))
        ins = outs
    yield "avgpool", nn.AdaptiveAvgPool2d(1)
    yield "flatten", nn.Flatten()


class Backbone(nn.Module):
    """Numbered children in `net`, as the authors' networks have them."""

    def __init__(self, width, max_pool=False):
        super().__init__()
        self.net = nn.Sequential(*(module for _, module in children(width, max_pool)))

    def forward(self, x):
        return self.net(x)


def head(ins, hidden, outs):
    module = nn.Module()
    module.layers = nn.Sequential(
        nn.Linear(ins, hidden, bias=False), nn.BatchNorm1d(hidden), nn.ReLU(), nn.Linear(hidden, outs)
    )
    return module


class Mnn(nn.Module):
    """Student, teacher, heads and bank labels, by the names of the authors' checkpoints."""

    def __init__(self, width, max_pool=False, hidden=2048, dim=128):
        super().__init__()
        self.net = Backbone(width, max_pool)
        self.backbone_momentum = Backbone(width, max_pool)
        self.projection_head = head(8 * width, hidden, dim)
        self.projection_head_momentum = head(8 * width, hidden, dim)
        self.prediction_head = head(dim, hidden, dim)
        self.memory_bank = nn.Module()
        self.memory_bank.register_buffer("labels", torch.full((16,), -1, dtype=torch.long))


def scatter(module):
    """Statistics and scales as a trained network could have them."""
    for layer in module.modules():
        if isinstance(layer, (nn.BatchNorm2d, nn.BatchNorm1d)):
            layer.running_mean.normal_(0, 0.2)
            layer.running_var.uniform_(0.5, 1.5)
            layer.weight.data.uniform_(0.5, 1.5)
            layer.bias.data.normal_(0, 0.2)
    return module.eval()


def stepped_optimizer(parameters, rate):
    # With a rate of 0, as the authors' first step has, nothing moves but the momentum buffers.
    optimizer = torch.optim.SGD(parameters, lr=0.0, momentum=0.9, weight_decay=5e-4)
    for parameter in parameters:
        parameter.grad = torch.ones_like(parameter)
    optimizer.step()
    # The authors set each step's rate from an array of numpy's, so that a number of numpy's is saved.
    optimizer.param_groups[0]["lr"] = numpy.float64(rate)
    return optimizer


def normalized(images):
    x = torch.from_numpy(images).permute(0, 3, 1, 2).double() / 255
    return (x - torch.tensor(MEAN).view(1, 3, 1, 1)) / torch.tensor(STD).view(1, 3, 1, 1)


def features(network, images):
    with torch.no_grad():
        double = network.double()
        result = double(normalized(images))
        network.float()
    return result


def as_json(tensor):
    return {"shape": list(tensor.shape), "data": [float(f"{value:.9g}") for value in tensor.flatten().tolist()]}


def named_as_torchvision(backbone, width, max_pool):
    names = [name for name, _ in children(width, max_pool)]
    renamed = OrderedDict()
    for key, value in backbone.net.state_dict().items():
        number, rest = key.split(".", 1)
        renamed[f"{names[int(number)]}.{rest}"] = value
    return renamed


def fixtures(folder):
    os.makedirs(folder, exist_ok=True)
    images = numpy.random.RandomState(1).randint(0, 256, (3, 16, 16, 3)).astype(numpy.uint8)
    written = {
        "images": {"shape": list(images.shape), "b64": base64.b64encode(images.tobytes()).decode()},
        "mean": MEAN,
        "std": STD,
        "files": {},
    }

    def note(name, network, teacher=None):
        entry = {"features": as_json(features(network, images))}
        if teacher is not None:
            entry["teacher"] = as_json(features(teacher, images))
        written["files"][name] = entry

    torch.manual_seed(1)
    model = scatter(Mnn(width=2, hidden=8, dim=4))
    # Smaller than a real one: the teacher in half precision, one counter for all batch norms.
    model.backbone_momentum.half()
    counter = torch.tensor(0)
    for layer in model.modules():
        if hasattr(layer, "num_batches_tracked"):
            layer.num_batches_tracked = counter
    optimizer = stepped_optimizer(list(model.prediction_head.parameters()), 1.02e-10)
    checkpoint = {"model": model.state_dict(), "optimizer": optimizer.state_dict(), "epoch": 199}
    torch.save(checkpoint, os.path.join(folder, "authors.pth"))
    note("authors.pth", model.net, model.backbone_momentum)

    torch.manual_seed(2)
    pooled = scatter(Mnn(width=2, max_pool=True, hidden=8, dim=4))
    parallel = OrderedDict((f"module.{key}", value) for key, value in pooled.state_dict().items())
    torch.save(parallel, os.path.join(folder, "parallel-legacy.pth"), _use_new_zipfile_serialization=False)
    note("parallel-legacy.pth", pooled.net, pooled.backbone_momentum)

    torch.manual_seed(3)
    plain = scatter(Backbone(2))
    state = named_as_torchvision(plain, 2, False)
    # Columns before rows, as channels_last leaves filters; and storages shared by several tensors.
    state["layer1.0.conv1.weight"] = state["layer1.0.conv1.weight"].contiguous(memory_format=torch.channels_last)
    state["bn1.weight"], state["bn1.bias"] = torch.stack([state["bn1.weight"], state["bn1.bias"]], 1).unbind(1)
    bias = plain.net[6][1].bn2.bias.data
    bias.copy_(bias.bfloat16())
    state["layer4.1.bn2.bias"] = bias.bfloat16()
    torch.save(state, os.path.join(folder, "torchvision-protocol4.pth"), pickle_protocol=4)
    note("torchvision-protocol4.pth", plain)

    torch.manual_seed(4)
    double = scatter(Backbone(2)).double()
    torch.save({"state_dict": double.state_dict(), "epoch": 3}, os.path.join(folder, "double.pth"), pickle_protocol=5)
    note("double.pth", double)

    with open(os.path.join(folder, "features.json"), "w") as file:
        json.dump(written, file)


def stems(folder):
    """Features of the network in torchvision-protocol4.pth with each stem that people give a ResNet-18 for small images.

    A first convolution of another size than 3x3 has the weights sin(0), sin(1), ... / size.
    """
    with open(os.path.join(folder, "features.json")) as file:
        given = json.load(file)["images"]
    images = numpy.frombuffer(base64.b64decode(given["b64"]), numpy.uint8).reshape(given["shape"])
    state = torch.load(os.path.join(folder, "torchvision-protocol4.pth"), weights_only=False)
    written = []
    for size, stride, padding, max_pool in [
        (3, 1, 1, False), (3, 1, 2, False), (3, 1, 1, True), (3, 2, 1, False), (7, 2, 3, True), (5, 1, 2, False),
    ]:
        layers = OrderedDict(children(2, max_pool))
        layers["conv1"] = nn.Conv2d(3, 2, size, stride, padding, bias=False)
        network = nn.Sequential(layers)
        weights = {name: value.float() for name, value in state.items()}
        if size != 3:
            weights["conv1.weight"] = (torch.arange(6 * size**2).double().sin() / size).float().view(2, 3, size, size)
        network.load_state_dict(weights)
        stem = {"size": size, "stride": stride, "padding": padding, "maxPool": max_pool}
        written.append({**stem, "features": as_json(features(network.eval(), images))})
    with open(os.path.join(folder, "stems.json"), "w") as file:
        json.dump(written, file)


def real(folder, images_file, count):
    os.makedirs(folder, exist_ok=True)
    records = numpy.fromfile(images_file, numpy.uint8, count * 3073).reshape(count, 3073)[:, 1:]
    images = records.reshape(count, 3, 32, 32).transpose(0, 2, 3, 1).copy()
    torch.manual_seed(5)
    model = scatter(Mnn(width=64))
    # A few batches in training mode, so that the running statistics are those of images.
    model.net.train()
    with torch.no_grad():
        for _ in range(20):
            model.net(normalized(images).float())
    model.net.eval()
    optimizer = stepped_optimizer(list(model.parameters()), 1.02e-10)
    checkpoint = {"model": model.state_dict(), "optimizer": optimizer.state_dict(), "epoch": 199}
    torch.save(checkpoint, os.path.join(folder, "mnn.pth"))
    torch.save(model.state_dict(), os.path.join(folder, "legacy.pth"), _use_new_zipfile_serialization=False)
    with torch.no_grad():
        single = model.net(normalized(images).float())
    exact = features(model.net, images)
    print("float32 against float64 in PyTorch:", float((single - exact).abs().max() / exact.abs().max()))
    numpy.save(os.path.join(folder, "features.npy"), exact.numpy())
    images.tofile(os.path.join(folder, "images.bin"))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["fixtures", "stems", "real"])
    parser.add_argument("folder")
    parser.add_argument("--images", help="data_batch_1.bin of CIFAR-10")
    parser.add_argument("--count", type=int, default=200)
    given = parser.parse_args()
    if given.what == "fixtures":
        fixtures(given.folder)
        stems(given.folder)
    elif given.what == "stems":
        stems(given.folder)
    else:
        real(given.folder, given.images, given.count)
