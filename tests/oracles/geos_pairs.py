"""Pairs of shapes with what GEOS says of them, as JSON lines: python geos_pairs.py SEED COUNT > pairs.jsonl

Half of the pairs are random, half are made to hurt: shared edges, touching corners, slivers, holes, nested and
collinear areas, on small grids and at coordinates of a Gauss-Krueger plane. `b` is always an area.
"""
import json
import math
import random
import sys

import shapely
from shapely import affinity
from shapely.geometry import LineString, MultiPolygon, Point, Polygon, box


def star(rng, cx, cy, radius, count, hole=False):
    angles = sorted(rng.uniform(0, 2 * math.pi) for _ in range(count))
    ring = [(cx + math.cos(t) * radius * rng.uniform(0.3, 1), cy + math.sin(t) * radius * rng.uniform(0.3, 1)) for t in angles]
    holes = []
    if hole:
        holes.append([(cx + math.cos(t) * radius * 0.1, cy + math.sin(t) * radius * 0.1) for t in angles])
    return Polygon(ring, holes)


def on_grid(rng, size, count):
    """A polygon with whole coordinates: many coincidences, all exact."""
    points = set()
    while len(points) < count:
        points.add((rng.randrange(size), rng.randrange(size)))
    cx = sum(p[0] for p in points) / len(points) + 0.01
    cy = sum(p[1] for p in points) / len(points) + 0.003
    return Polygon(sorted(points, key=lambda p: math.atan2(p[1] - cy, p[0] - cx)))


def blocks(rng, size):
    """A union of whole boxes: right angles, holes, parts that touch in corners."""
    cells = [box(x, y, x + 1, y + 1) for x in range(size) for y in range(size) if rng.random() < 0.5]
    return shapely.union_all(cells)


def neighbours(rng):
    """Two areas with a common winding border, one of them perhaps shifted a little."""
    count = rng.randrange(3, 30)
    border = [(rng.uniform(-1, 1) * 0.8 * (0 < k < count), 10 * k / count) for k in range(count + 1)]
    left = Polygon(border + [(-8, 10), (-8, 0)])
    right = Polygon(border[::-1] + [(8, 0), (8, 10)])
    kind = rng.randrange(5)
    if kind == 1:
        right = affinity.translate(right, -10.0 ** rng.uniform(-9, -1), 0)
    elif kind == 2:
        right = affinity.translate(right, 10.0 ** rng.uniform(-9, -1), 0)
    elif kind == 3:  # the border with a point more on one side
        k = rng.randrange(count)
        middle = ((border[k][0] + border[k + 1][0]) / 2, (border[k][1] + border[k + 1][1]) / 2)
        right = Polygon((border[: k + 1] + [middle] + border[k + 1 :])[::-1] + [(8, 0), (8, 10)])
    elif kind == 4:  # a parcel cut along the border
        right = Polygon(border[:3] + [(-2, border[2][1]), (-2, border[0][1])])
    return left, right


def nested(rng):
    outer = star(rng, 0, 0, 10, rng.randrange(5, 40))
    kind = rng.randrange(4)
    if kind == 0:
        return outer, outer
    if kind == 1:
        return affinity.scale(outer, 0.2, 0.2, origin=(0, 0)), outer
    if kind == 2:
        ring = list(outer.exterior.coords)[:-1]
        k = rng.randrange(len(ring))
        return Polygon([ring[k], ring[(k + 1) % len(ring)], (0, 0)]), outer
    return affinity.scale(outer, 0.2, 0.2, origin=(0, 0)), Polygon(outer.exterior.coords, [affinity.scale(outer, 0.3, 0.3, origin=(0, 0)).exterior.coords])


def line(rng, area):
    kind = rng.randrange(3)
    if kind == 0:
        return LineString([(rng.uniform(-9, 9), rng.uniform(-9, 9)) for _ in range(rng.randrange(2, 9))])
    if kind == 1:
        return LineString([(rng.randrange(-2, 9), rng.randrange(-2, 9)) for _ in range(rng.randrange(2, 6))])
    ring = area.exterior if isinstance(area, Polygon) else area.geoms[0].exterior
    coords = list(ring.coords)
    first = rng.randrange(len(coords) - 1)
    return LineString(coords[first : first + rng.randrange(2, 5)] + [(rng.uniform(-9, 9), rng.uniform(-9, 9))])


def point(rng, area):
    kind = rng.randrange(3)
    ring = area.exterior if isinstance(area, Polygon) else area.geoms[0].exterior
    if kind == 0:
        return Point(rng.choice(list(ring.coords)))
    if kind == 1:
        return Point(rng.randrange(0, 7), rng.randrange(0, 7))
    return Point(rng.uniform(-9, 9), rng.uniform(-9, 9))


def pair(rng):
    kind = rng.randrange(10)
    if kind <= 2:
        a = star(rng, rng.uniform(-9, 9), rng.uniform(-9, 9), rng.uniform(0.5, 9), rng.randrange(3, 40), rng.random() < 0.3)
        b = star(rng, 0, 0, 10, rng.randrange(3, 60), rng.random() < 0.3)
    elif kind == 3:
        a, b = on_grid(rng, 7, rng.randrange(3, 9)), on_grid(rng, 7, rng.randrange(3, 9))
    elif kind == 4:
        a, b = blocks(rng, rng.randrange(2, 5)), blocks(rng, rng.randrange(2, 5))
    elif kind == 5:
        a, b = neighbours(rng)
    elif kind == 6:
        a, b = nested(rng)
    elif kind == 7:
        b = blocks(rng, 4) if rng.random() < 0.5 else star(rng, 0, 0, 8, rng.randrange(3, 30), True)
        a = line(rng, b) if not b.is_empty else b
    elif kind == 8:
        b = on_grid(rng, 7, rng.randrange(3, 9)) if rng.random() < 0.5 else star(rng, 0, 0, 8, rng.randrange(3, 30), True)
        a = point(rng, b)
    else:  # needles and combs
        b = Polygon([(0, 0)] + [(k * 0.1, 10 if k % 2 else 0.5) for k in range(1, 60)] + [(6, 0)])
        a = affinity.rotate(box(0, 0, rng.uniform(0.001, 3), rng.uniform(0.001, 12)), rng.uniform(0, 180))
        a = affinity.translate(a, rng.uniform(0, 6), rng.uniform(-3, 6))
    if rng.random() < 0.5:
        a, b = (shapely.transform(g, lambda c: c + (612345.0, 2712345.0)) for g in (a, b))
    return a, b


def areal(g):
    return isinstance(g, (Polygon, MultiPolygon)) and not g.is_empty and g.is_valid and g.area > 0


def main():
    rng, wanted = random.Random(int(sys.argv[1])), int(sys.argv[2])
    while wanted:
        a, b = pair(rng)
        if not areal(b) or a.is_empty or not a.is_valid or (a.geom_type.endswith("Polygon") and not areal(a)):
            continue
        # GEOS counts once what a line runs through twice.
        if a.geom_type == "LineString" and (a.length == 0 or abs(shapely.node(a).length - a.length) > 1e-6):
            continue
        both = shapely.intersection(a, b)
        row = {
            "a": shapely.to_wkt(a, rounding_precision=-1),
            "b": shapely.to_wkt(b, rounding_precision=-1),
            "relate": shapely.relate(a, b),
            "area": both.area,
            "distance": a.distance(b),
        }
        if a.geom_type == "LineString":
            row["inner"] = both.length - shapely.intersection(a, b.boundary).length
        print(json.dumps(row))
        wanted -= 1


main()
