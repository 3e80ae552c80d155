"""Images per second and core of the paper's views in Python, the measure for lib/augment.

Two ways, one thread each: torchvision.transforms on PIL images, as the authors write it, and Pillow and
numpy alone. Both start from PIL images that are made beforehand.

    python bench/pytorch/augmentation.py           one JSON object: the median images/s of each
    python bench/pytorch/augmentation.py --rounds  "ready", then images/s of one round
                                                   for each line {"library", "recipe", "size"} of stdin
"""

import json
import math
import random
import statistics
import sys
import time

import numpy as np
import torch
from PIL import Image, ImageEnhance, ImageFilter, ImageOps

try:
    from torchvision import transforms
except RuntimeError:
    # A torchvision whose compiled part is of another torch misses two operators that no image needs.
    library = torch.library.Library("torchvision", "DEF")
    for operator in ("nms", "qnms"):
        library.define(operator + "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    for name in [name for name in sys.modules if name.startswith("torchvision")]:
        del sys.modules[name]
    from torchvision import transforms

IMAGES = 1024
ROUNDS = 9
MEAN, STD = (0.4914, 0.4822, 0.4465), (0.2023, 0.1994, 0.201)
torch.set_num_threads(1)


def wavy_images(size):
    """Images of overlapping waves: smooth with edges, as photographs are."""
    draw = np.random.default_rng(1)
    y, x, channel = np.meshgrid(range(size), range(size), range(3), indexing="ij")
    for a, b, c in draw.uniform(0, 9, (IMAGES, 3)):
        yield Image.fromarray(
            (128 + 100 * np.sin((a * x + b * y) / size + c * channel) + 25 * (x > y)).astype(np.uint8)
        )


def torchvision_recipe(recipe, size):
    def blur(image):
        return image.filter(ImageFilter.GaussianBlur(random.uniform(0.1, 2.0)))

    crop = transforms.RandomResizedCrop(size, scale=(0.2, 1.0))
    to_tensor = [transforms.ToTensor(), transforms.Normalize(MEAN, STD)]
    if recipe == "weak":
        return transforms.Compose([crop, transforms.RandomHorizontalFlip(p=0.9), *to_tensor])
    return transforms.Compose(
        [
            crop,
            transforms.RandomHorizontalFlip(),
            transforms.RandomApply([transforms.ColorJitter(0.4, 0.4, 0.4, 0.1)], p=0.8),
            transforms.RandomGrayscale(p=0.2),
            transforms.RandomApply([transforms.Lambda(blur)], p=0.5),
            *to_tensor,
        ]
    )


def pillow_recipe(recipe, size):
    scale = (1 / (255 * np.array(STD))).astype(np.float32)
    offset = (np.array(MEAN) / np.array(STD)).astype(np.float32)
    flip_probability = 0.9 if recipe == "weak" else 0.5

    def view(image):
        image = crop(image).resize((size, size), Image.BILINEAR)
        if random.random() < flip_probability:
            image = ImageOps.mirror(image)
        if recipe == "strong":
            image = recolor(image)
        pixels = np.asarray(image) * scale
        pixels -= offset
        return pixels

    return view


def crop(image):
    width, height = image.size
    for _ in range(10):
        area = width * height * random.uniform(0.2, 1)
        ratio = math.exp(random.uniform(math.log(3 / 4), math.log(4 / 3)))
        w, h = round(math.sqrt(area * ratio)), round(math.sqrt(area / ratio))
        if 0 < w <= width and 0 < h <= height:
            left, top = random.randint(0, width - w), random.randint(0, height - h)
            return image.crop((left, top, left + w, top + h))
    return image


def recolor(image):
    if random.random() < 0.8:
        jitters = [
            lambda p: ImageEnhance.Brightness(p).enhance(random.uniform(0.6, 1.4)),
            lambda p: ImageEnhance.Contrast(p).enhance(random.uniform(0.6, 1.4)),
            lambda p: ImageEnhance.Color(p).enhance(random.uniform(0.6, 1.4)),
            turn_hue,
        ]
        random.shuffle(jitters)
        for jitter in jitters:
            image = jitter(image)
    if random.random() < 0.2:
        image = image.convert("L").convert("RGB")
    if random.random() < 0.5:
        image = image.filter(ImageFilter.GaussianBlur(random.uniform(0.1, 2.0)))
    return image


def turn_hue(image):
    turn = int(random.uniform(-0.1, 0.1) * 255)
    hue, saturation, value = image.convert("HSV").split()
    hue = hue.point([(level + turn) % 256 for level in range(256)])
    return Image.merge("HSV", (hue, saturation, value)).convert("RGB")


LIBRARIES = {"torchvision": torchvision_recipe, "pillow": pillow_recipe}
prepared = {}


def images_per_second(library, recipe, size):
    key = (library, recipe, size)
    if key not in prepared:
        prepared[key] = (LIBRARIES[library](recipe, size), list(wavy_images(size)))
    view, images = prepared[key]
    start = time.perf_counter()
    for image in images:
        view(image)
    return IMAGES / (time.perf_counter() - start)


def main():
    if "--rounds" in sys.argv:
        print("ready", flush=True)
        for line in sys.stdin:
            print(images_per_second(**json.loads(line)), flush=True)
        return
    kinds = [(l, r, s) for s in (32, 64) for r in ("strong", "weak") for l in LIBRARIES]
    rounds = [[images_per_second(*kind) for kind in kinds] for _ in range(ROUNDS + 1)][1:]
    medians = [statistics.median(column) for column in zip(*rounds)]
    print(
        json.dumps(
            [
                {"library": l, "recipe": r, "size": s, "imagesPerSecond": round(median)}
                for (l, r, s), median in zip(kinds, medians)
            ]
        )
    )


if __name__ == "__main__":
    main()
