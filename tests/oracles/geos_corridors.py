"""Areas of corridors: lines buffered by GEOS with flat ends and round corners.

geos_corridors.py SEED COUNT > testdata/zoning/corridors.jsonl: one object a line with wkt, width (whole, in the units of
the coordinates) and area. Arcs have 64 pieces a quarter, so that they are round to 1e-4 of what they turn. First and
last pieces are longer than the width: what a flat end is where the line bends within half a width is a matter of taste.
"""
import json
import math
import sys

import numpy as np
import shapely
from shapely.geometry import LineString, MultiLineString

rng = np.random.default_rng(int(sys.argv[1]))
count = int(sys.argv[2])


def walk(steps, length, bend, width):
    at, heading = rng.uniform((590_000, 2_700_000), (650_000, 2_740_000)), rng.uniform(0, math.tau)
    points = [at]
    for step in range(steps):
        heading += rng.normal(0, bend)
        metres = rng.exponential(length) + (width if step in (0, steps - 1) else 0)
        at = at + metres * np.array((math.cos(heading), math.sin(heading)))
        points.append(at)
    return LineString(np.round(points, 3))


for n in range(count):
    kind = n % 5
    width = round(rng.uniform(*[(2, 60), (10, 60), (5, 120), (5, 80), (10, 60)][kind]), 2)
    if kind == 0:  # a pipeline: long pieces, gentle bends
        line = walk(int(rng.integers(1, 40)), 400, 0.4, width)
    elif kind == 1:  # a street: short pieces beside the width
        line = walk(int(rng.integers(5, 60)), 15, 0.5, width)
    elif kind == 2:  # it turns back and crosses itself
        line = walk(int(rng.integers(5, 40)), 100, 2.0, width)
    elif kind == 3:  # several parts
        line = MultiLineString([walk(int(rng.integers(1, 12)), 200, 0.6, width) for _ in range(rng.integers(2, 5))])
    else:  # a ring road
        around = walk(int(rng.integers(6, 30)), 200, 0.5, width)
        line = LineString([*around.coords, around.coords[0]])
    area = shapely.buffer(line, width / 2, quad_segs=64, cap_style="flat", join_style="round").area
    print(json.dumps({"wkt": shapely.to_wkt(line, rounding_precision=3), "width": width, "area": round(area, 4)}))
