"""43,286 real polygons made small, and what GEOS says of them.

geos_real_polygons.py SOURCE TARGET: SOURCE holds lsoa.geojsonl.gz and ward.geojsonl.gz (one feature a line, five
decimals); TARGET gets polygons.bin.gz in three pieces and answers.csv.gz (see its README).

Borders that two areas share are kept once, as arcs: chains of edges that the same rings run along.
"""
import csv
import gzip
import io
import json
import sys
from pathlib import Path

import numpy as np
import shapely

SOURCE, TARGET = Path(sys.argv[1]), Path(sys.argv[2])
LAYERS = ["lsoa", "ward"]
POINTS = 20_000


def varints(numbers, out):
    for n in numbers:
        while n > 127:
            out.append(n & 127 | 128)
            n >>= 7
        out.append(n)


def zigzag(n):
    return -2 * n - 1 if n < 0 else 2 * n


def features(layer):
    """Each feature as polygons of rings of whole corners, the closing one left out."""
    for line in gzip.open(SOURCE / f"{layer}.geojsonl.gz", "rt"):
        shape = json.loads(line)["geometry"]
        polygons = [shape["coordinates"]] if shape["type"] == "Polygon" else shape["coordinates"]
        whole = lambda ring: [(round(x * 1e5), round(y * 1e5)) for x, y, *_ in ring[:-1]]
        yield [[whole(ring) for ring in polygon] for polygon in polygons]


def arcs_of(all_features):
    """Arcs, and for each ring the arcs that it runs along: 1, 2, … forwards, -1, -2, … backwards."""
    users = {}
    rings = [ring for feature in all_features for polygon in feature for ring in polygon]
    for number, ring in enumerate(rings):
        for a, b in zip(ring, ring[1:] + ring[:1]):
            users.setdefault((a, b) if a < b else (b, a), []).append(number)
    arcs, known, refs = [], {}, []
    for ring in rings:
        edges = list(zip(ring, ring[1:] + ring[:1]))
        owners = [tuple(users[(a, b) if a < b else (b, a)]) for a, b in edges]
        start = next((n for n in range(len(edges)) if owners[n] != owners[n - 1]), 0)
        edges, owners = edges[start:] + edges[:start], owners[start:] + owners[:start]
        used, n = [], 0
        while n < len(edges):
            chain = [edges[n][0]]
            first = n
            while n < len(edges) and owners[n] == owners[first]:
                chain.append(edges[n][1])
                n += 1
            key, back = tuple(chain), tuple(reversed(chain))
            if back in known:
                used.append(-known[back])
            else:
                if key not in known:
                    arcs.append(chain)
                    known[key] = len(arcs)
                used.append(known[key])
        refs.append(used)
    return arcs, refs


parts = []
shapes = {}
for layer in LAYERS:
    all_features = list(features(layer))
    arcs, refs = arcs_of(all_features)
    tree, xs, ys = bytearray(), bytearray(), bytearray()
    refs_left = iter(refs)
    geometries = []
    varints([len(all_features)], tree)
    for feature in all_features:
        varints([len(feature)], tree)
        polygons = []
        for polygon in feature:
            varints([len(polygon)], tree)
            rings = []
            for _ in polygon:
                used = next(refs_left)
                varints([len(used), *map(zigzag, used)], tree)
                ring = []
                for ref in used:
                    arc = arcs[abs(ref) - 1]
                    ring.extend((arc if ref > 0 else arc[::-1])[:-1])
                rings.append([(x / 1e5, y / 1e5) for x, y in [*ring, ring[0]]])
            polygons.append(shapely.Polygon(rings[0], rings[1:]))
        geometries.append(polygons[0] if len(polygons) == 1 else shapely.MultiPolygon(polygons))
    varints([len(arcs)], tree)
    x = y = 0
    for arc in arcs:
        varints([len(arc)], tree)
        for corner in arc:
            varints([zigzag(corner[0] - x)], xs)
            varints([zigzag(corner[1] - y)], ys)
            x, y = corner
    for stream in (tree, xs, ys):
        parts.append(len(stream).to_bytes(4, "little") + bytes(stream))
    shapes[layer] = np.array(geometries)
    print(layer, len(geometries), "arcs", len(arcs), "vertices", int(shapely.get_num_coordinates(shapes[layer]).sum()))
packed = gzip.compress(b"".join(parts), 9, mtime=0)
third = (len(packed) + 2) // 3  # no file above 2 MB goes into git
for n in range(3):
    (TARGET / f"polygons.bin.gz.{n + 1}").write_bytes(packed[n * third : (n + 1) * third])


class Chance:
    """The same numbers in the test: splitmix64."""

    def __init__(self, seed):
        self.state = seed

    def next(self):
        mask = 2**64 - 1
        self.state = (self.state + 0x9E3779B97F4A7C15) & mask
        z = self.state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & mask
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & mask
        return ((z ^ (z >> 31)) >> 11) / 2**53


chance = Chance(43_286)
points = [(-5.8 + 7.6 * chance.next(), 49.9 + 5.9 * chance.next()) for _ in range(POINTS)]
text = io.StringIO()
table = csv.writer(text, lineterminator="\n")
table.writerow(["kind", "layer", "number", "value"])
valid = {layer: shapely.is_valid(shapes[layer]) for layer in LAYERS}
for layer in LAYERS:
    for number in np.flatnonzero(~valid[layer]):
        reason = shapely.is_valid_reason(shapes[layer][number]).split("[")[0]
        table.writerow(["invalid", layer, number, reason])
    # An area that crosses itself has no inside to agree on.
    sound = np.where(valid[layer], shapes[layer], None)
    hit, zone = shapely.STRtree(sound).query(shapely.points(points), predicate="within")
    order = np.lexsort((zone, hit))
    for point, number in zip(hit[order], zone[order]):
        table.writerow(["holds", layer, number, point])
sound = np.where(valid["lsoa"], shapes["lsoa"], None)
wards = np.where(valid["ward"], shapes["ward"], None)
shapely.prepare(wards)
ward, area = shapely.STRtree(sound).query(wards, predicate="intersects")
shared = shapely.area(shapely.intersection(wards[ward], sound[area]))
for number in range(len(wards)):
    mine = ward == number
    if mine.any():
        table.writerow(["meets", "ward", number, int(mine.sum())])
        table.writerow(["shares", "ward", number, repr(float(shared[mine].sum()))])
with open(TARGET / "answers.csv.gz", "wb") as raw, gzip.GzipFile("", "wb", 9, raw, 0) as out:
    out.write(text.getvalue().encode())
