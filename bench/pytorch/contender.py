"""The kit's work in PyTorch, for comparison: a contender of bench/contender.ts.

One process measures one task at one setting. It prints a JSON line when it is ready, then does one round for
every line it reads and answers with a JSON line of its milliseconds and the most memory it has held.

    python bench/pytorch/contender.py --task step --width 64 --batch 128 --threads 2 [--channels-last]
"""
import argparse
import json
import resource
import sys
import time

import torch
from torch import nn
from torch.nn import functional as F

SPLITS = 8
DIM, HIDDEN = 128, 2048
QUEUE, TOP_K, MOMENTUM = 4096, 5, 0.99


class SplitBatchNorm(nn.BatchNorm2d):
    """Sample i of the batch belongs to split i mod SPLITS; running statistics are the splits' mean."""

    def forward(self, x):
        n, c, h, w = x.shape
        if not self.training:
            return super().forward(x)
        mean, var = self.running_mean.repeat(SPLITS), self.running_var.repeat(SPLITS)
        weight, bias = self.weight.repeat(SPLITS), self.bias.repeat(SPLITS)
        grouped = x.reshape(n // SPLITS, SPLITS * c, h, w)
        y = F.batch_norm(grouped, mean, var, weight, bias, True, self.momentum, self.eps)
        self.running_mean.data.copy_(mean.view(SPLITS, c).mean(0))
        self.running_var.data.copy_(var.view(SPLITS, c).mean(0))
        return y.view(n, c, h, w)


def conv(ins, outs, size, stride):
    return nn.Conv2d(ins, outs, size, stride, size // 2, bias=False)


class Block(nn.Module):
    def __init__(self, ins, outs, stride):
        super().__init__()
        self.conv1, self.bn1 = conv(ins, outs, 3, stride), SplitBatchNorm(outs)
        self.conv2, self.bn2 = conv(outs, outs, 3, 1), SplitBatchNorm(outs)
        self.shortcut = nn.Identity()
        if stride != 1 or ins != outs:
            self.shortcut = nn.Sequential(conv(ins, outs, 1, stride), SplitBatchNorm(outs))

    def forward(self, x):
        y = F.relu(self.bn1(self.conv1(x)), inplace=True)
        return F.relu(self.bn2(self.conv2(y)) + self.shortcut(x), inplace=True)


def resnet18(width):
    layers = [conv(3, width, 3, 1), SplitBatchNorm(width), nn.ReLU(inplace=True)]
    ins = width
    for stage in range(4):
        outs = width * 2**stage
        for index in range(2):
            layers.append(Block(ins, outs, 2 if stage > 0 and index == 0 else 1))
            ins = outs
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten())


def head(ins):
    return nn.Sequential(
        nn.Linear(ins, HIDDEN, bias=False),
        nn.BatchNorm1d(HIDDEN),
        nn.ReLU(inplace=True),
        nn.Linear(HIDDEN, DIM),
    )


class Mnn:
    """Student, teacher, bank and optimizer; `step` is one training step on two views."""

    def __init__(self, width, memory_format):
        def network():
            return resnet18(width).to(memory_format=memory_format), head(8 * width)

        self.backbone, self.projection = network()
        self.teacher_backbone, self.teacher_projection = network()
        self.prediction = head(DIM)
        self.pairs = list(
            zip(
                [*self.teacher_backbone.parameters(), *self.teacher_projection.parameters()],
                [*self.backbone.parameters(), *self.projection.parameters()],
            )
        )
        for teacher, student in self.pairs:
            teacher.data.copy_(student.data)
            teacher.requires_grad_(False)
        self.bank = F.normalize(torch.randn(QUEUE, DIM))
        self.pointer = 0
        trained = nn.ModuleList([self.backbone, self.projection, self.prediction])
        self.sgd = torch.optim.SGD(trained.parameters(), lr=0.01, momentum=0.9, weight_decay=5e-4)

    @torch.no_grad()
    def keys(self, x):
        order = torch.randperm(len(x))
        keys = self.teacher_projection(self.teacher_backbone(x[order]))
        return keys[torch.argsort(order)]

    def direction(self, query, key, enqueue):
        p = F.normalize(self.prediction(self.projection(self.backbone(query))))
        with torch.no_grad():
            raw = self.keys(key)
            z = F.normalize(raw)
            nearest = (z @ F.normalize(self.bank).T).topk(TOP_K).indices
            neighbors = F.normalize(self.bank[nearest], dim=-1)
            weight = torch.rand(()).item()
            mixed = weight * neighbors + (1 - weight) * z[:, None]
            if enqueue:
                self.bank[self.pointer : self.pointer + len(raw)] = raw
                self.pointer = (self.pointer + len(raw)) % QUEUE
        to_key = 2 - 2 * (p * z).sum(-1)
        to_mixed = 2 - 2 * (p[:, None] * mixed).sum(-1)
        return to_key.mean() + to_mixed.mean()

    def step(self, strong, weak):
        with torch.no_grad():
            for teacher, student in self.pairs:
                teacher.mul_(MOMENTUM).add_(student, alpha=1 - MOMENTUM)
        loss = self.direction(weak, strong, False)
        loss = (loss + self.direction(strong, weak, True)) / 2
        self.sgd.zero_grad()
        loss.backward()
        self.sgd.step()
        return loss.item()


def random_views(given, memory_format):
    shape = (given.batch, 3, given.size, given.size)
    return [torch.randn(shape).to(memory_format=memory_format) for _ in range(2)]


def step_task(given, memory_format):
    """The training step on views that are there."""
    mnn = Mnn(given.width, memory_format)
    views = random_views(given, memory_format)
    return lambda: mnn.step(*views)


class TwoViews(torch.utils.data.Dataset):
    """A strong and a weak view of images, again and again."""

    def __init__(self, size, batch):
        from augmentation import torchvision_recipe, wavy_images

        self.recipes = [torchvision_recipe(recipe, size) for recipe in ("strong", "weak")]
        self.images = list(wavy_images(size))[:batch]

    def __len__(self):
        return 1 << 30

    def __getitem__(self, index):
        image = self.images[index % len(self.images)]
        return [recipe(image) for recipe in self.recipes]


def loop_task(given, memory_format):
    """The training step with the views made on the way, by as many worker processes as threads."""
    mnn = Mnn(given.width, memory_format)
    dataset = TwoViews(given.size, given.batch)
    batches = iter(torch.utils.data.DataLoader(dataset, batch_size=given.batch, num_workers=given.threads))
    return lambda: mnn.step(*(view.to(memory_format=memory_format) for view in next(batches)))


def knn_task(given, memory_format):
    """The 200 nearest of 50,000 rows of 512 for 1,024 rows, and their votes."""
    bank, queries = torch.randn(50_000, 512), torch.randn(1024, 512)
    labels = torch.arange(50_000) % 10

    @torch.no_grad()
    def work():
        keys = F.normalize(bank).T
        for rows in queries.split(256):
            similarities, nearest = (F.normalize(rows) @ keys).topk(200)
            votes = torch.zeros(len(rows), 10)
            votes.scatter_add_(1, labels[nearest], (similarities / 0.1).exp())
            votes.argmax(1)

    return work


def linear_task(given, memory_format):
    """A step of the linear evaluation: features of a batch, and the classifier's update."""
    backbone = resnet18(given.width).to(memory_format=memory_format).eval()
    classifier = nn.Linear(8 * given.width, 10)
    sgd = torch.optim.SGD(classifier.parameters(), lr=0.1, momentum=0.9, nesterov=True)
    images, _ = random_views(given, memory_format)
    labels = torch.arange(given.batch) % 10

    def work():
        with torch.no_grad():
            features = backbone(images)
        sgd.zero_grad()
        F.cross_entropy(classifier(features), labels).backward()
        sgd.step()

    return work


TASKS = {"step": step_task, "loop": loop_task, "knn": knn_task, "linear": linear_task}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--task", choices=TASKS, default="step")
    parser.add_argument("--width", type=int, default=64)
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--size", type=int, default=32)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--channels-last", action="store_true")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--precision", choices=["float32", "tf32"], default="float32")
    given = parser.parse_args()
    torch.set_num_threads(given.threads)
    torch.set_default_device(given.device)
    torch.backends.cuda.matmul.allow_tf32 = given.precision == "tf32"
    torch.backends.cudnn.allow_tf32 = given.precision == "tf32"
    torch.manual_seed(1339)
    memory_format = torch.channels_last if given.channels_last else torch.contiguous_format
    work = TASKS[given.task](given, memory_format)
    print(json.dumps({"version": f"PyTorch {torch.__version__}"}), flush=True)
    for _ in sys.stdin:
        start = time.perf_counter()
        work()
        milliseconds = 1000 * (time.perf_counter() - start)
        peak = 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        print(json.dumps({"milliseconds": milliseconds, "peakBytes": peak}), flush=True)


if __name__ == "__main__":
    main()
