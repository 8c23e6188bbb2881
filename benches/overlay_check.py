"""Are the answers of the overlay equal? Ours against GEOS (shapely), pair by pair.

overlay_check.py FOLDER: the bench folder with data/ and out/. Points: the same (zone, point) pairs. Parcels: the same
(zone, parcel) pairs, each shared area within 1e-9 square degrees and their sum within 1e-9 of the sum.
"""
import sys
from pathlib import Path

import geopandas
import numpy as np
import pyarrow.parquet as pq
import shapely

BENCH = Path(sys.argv[1])
POINTS, ZONE_SUM = 1_000_000, 20_475_450_569
PAIRS, AREA, NEAR = 136_470, 83.254548336822, 1e-9


def geometry(name):
    return np.asarray(geopandas.read_parquet(BENCH / f"data/{name}.parquet").geometry.values)


def ours(name):
    """Our pairs as zone * 2^32 + subject, in order, and their areas."""
    table = pq.read_table(BENCH / f"out/overlay_{name}.parquet")
    keys = table["zone"].to_numpy().astype(np.int64) << 32 | table["id"].to_numpy().astype(np.int64)
    order = np.argsort(keys)
    return keys[order], table["area"].to_numpy()[order] if "area" in table.column_names else None


def missing(found, truth):
    """Pairs of one that the other has not."""
    return len(np.setdiff1d(truth, found)), len(np.setdiff1d(found, truth))


zones = geometry("zones")
shapely.prepare(zones)
tree = shapely.STRtree(zones)
wrong = []

table = pq.read_table(BENCH / "data/points.parquet")
subject, zone = tree.query(shapely.points(table["x"].to_numpy(), table["y"].to_numpy()), predicate="within")
truth = np.sort((zone.astype(np.int64) + 1) << 32 | table["id"].to_numpy()[subject])
found, _ = ours("points")
print(f"points: {len(found)} hits, zone ids {int((found >> 32).sum())}, missing and extra {missing(found, truth)}")
if len(found) != POINTS or int((found >> 32).sum()) != ZONE_SUM or not np.array_equal(found, truth):
    wrong.append("points")

projects = geometry("projects")
subject, zone = tree.query(projects, predicate="intersects")
area = shapely.area(shapely.intersection(projects[subject], zones[zone]))
keys = (zone.astype(np.int64) + 1) << 32 | (subject.astype(np.int64) + 1)
order = np.argsort(keys)
truth, area = keys[order], area[order]
found, shared = ours("parcels")
print(f"parcels: {len(found)} pairs, area {shared.sum():.12f}, missing and extra {missing(found, truth)}")
if len(found) != PAIRS or abs(shared.sum() - AREA) > NEAR * AREA or not np.array_equal(found, truth):
    wrong.append("parcels")
else:
    off = np.abs(shared - area)
    solid = area > 1e-9
    print(f"areas: farthest {off.max():.1e} square degrees; of areas above 1e-9, {(off[solid] / area[solid]).max():.1e} of the area")
    if off.max() > NEAR:
        wrong.append("areas")
sys.exit(f"our answers differ: {', '.join(wrong)}" if wrong else 0)
