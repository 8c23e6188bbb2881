"""The standard's interface read by GDAL, beside the files of the editions: python oapif.py BASE FOLDER PROTECTED SEED COUNT

BASE is the landing page, FOLDER holds a folder for each edition (GeoJSON files, CGCS2000), PROTECTED are the keys of
layers that the public must not see, separated by commas. Compares what GDAL lists, reads and filters over HTTP with
what GDAL reads in the files and GEOS says of them, and the type of each column with its values in the file; of all that is listed, the units and COUNT others are read. Prints
the counts as JSON; ends with 1 at the first difference.
"""
import csv
import json
import random
import re
import sys
from pathlib import Path

import numpy as np
import pyogrio
import shapely

pyogrio.set_gdal_config_options({"GDAL_HTTP_TIMEOUT": "60", "OGR_GEOJSON_MAX_OBJ_SIZE": "0"})


def read(source, **options):
    """Fields, shapes and what is said about a layer."""
    meta, _, shapes, columns = pyogrio.raw.read(source, **options)
    fields = dict(zip(meta["fields"], columns))
    return fields, shapely.from_wkb(shapes), meta


def key_of(fields):
    """The column that names the features, in both readings."""
    return next(name for name in ("code", "id") if name in fields)


def plain(value):
    """A value as the program has it: an empty text and no day are none, a day is text."""
    if isinstance(value, np.datetime64):
        return None if np.isnat(value) else str(value.astype("datetime64[D]"))
    if value is None or value == "" or (isinstance(value, float) and np.isnan(value)):
        return None
    if isinstance(value, (int, float, np.number)):
        return float(value)
    # GDAL hands a day to a column of text with strokes.
    return re.sub(r"^(\d{4})/(\d\d)/(\d\d)$", r"\1-\2-\3", str(value))


def declared():
    """Meaning of a column -> text, number or code, as norms/zoning/fields.csv has it."""
    table = Path(__file__).parents[2] / "norms/zoning/fields.csv"
    rows = csv.reader(line for line in table.read_text(encoding="utf-8").splitlines() if not line.startswith("#"))
    return {row[1]: row[2] for row in list(rows)[1:]}


KINDS = declared()
PLAIN = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]*[1-9])?")


def is_number(name, values):
    """Whether a column is to be one of numbers; values as text."""
    values = [value for value in values if value]
    if name in ("id", "code") or name in KINDS:
        return KINDS.get(name) == "number"
    plain = all(PLAIN.fullmatch(v) and v != "-0" and sum(c.isdigit() for c in v) <= 15 for v in values)
    return bool(values) and plain


def text_of(value):
    """A value of a file as text."""
    value = plain(value)
    return "" if value is None else f"{value:.15g}" if isinstance(value, float) else value


def compare(source, file):
    """Counts, values and shapes of a layer are those of its file; returns the number of features and of vertices."""
    there, shapes, meta = read(source)
    truth, drawn, _ = read(file)
    assert len(shapes) == len(drawn), f"{source}: {len(shapes)} features, {len(drawn)} in the file"
    key = key_of(truth)
    row = {name: n for n, name in enumerate(there[key])}
    assert len(row) == len(drawn), f"{source}: {key} does not tell the features apart"
    order = [row[name] for name in truth[key]]
    same = shapely.equals_identical(shapes[order], drawn)
    assert same.all(), f"{source}: {(~same).sum()} shapes differ, the first is {truth[key][np.argmin(same)]}"
    assert len(set(meta["fields"])) == len(meta["fields"]), f"{source}: {meta['fields']}"
    for name, values in truth.items():
        told = [plain(there[name][n]) for n in order]
        number = is_number(name, [text_of(value) for value in values])
        assert number == np.issubdtype(there[name].dtype, np.number), f"{source}: {name} is {there[name].dtype}"
        said = [float(text_of(v)) if number and text_of(v) else plain(v) for v in values]
        assert told == said, f"{source}: {name} is {told}, in the file {said}"
    assert meta["crs"] in ("EPSG:4326", "OGC:CRS84"), meta["crs"]
    return len(drawn), int(shapely.get_num_coordinates(drawn).sum())


def windows(source, file, rng, count):
    """What GDAL gets for a window is what GEOS says meets it."""
    truth, drawn, _ = read(file)
    names = np.array(truth[key_of(truth)])
    west, south, east, north = shapely.total_bounds(drawn)
    hits = 0
    for _ in range(count):
        x, y = sorted(rng.uniform(west, east) for _ in "ab"), sorted(rng.uniform(south, north) for _ in "ab")
        bbox = (x[0], y[0], x[1], y[1])
        expected = set(names[shapely.intersects(drawn, shapely.box(*bbox))])
        there, _, _ = read(source, bbox=bbox)
        told = set(there[key_of(truth)])
        assert told == expected, f"{source} {bbox}: {len(told)} features, GEOS says {len(expected)}"
        hits += len(expected)
    return hits


def main(base, folder, protected, seed, count):
    rng, folder, protected = random.Random(seed), Path(folder), set(filter(None, protected.split(",")))
    files = {}
    for edition in sorted(path for path in folder.iterdir() if (path / "edition.toml").exists()):
        files[f"{edition.name}.units"] = edition / "units.geojson"
        for layer in sorted((edition / "layers").glob("*.geojson")):
            key = layer.stem.replace("__", ":")
            if key not in protected:
                files[f"{edition.name}.{key}"] = layer
    listed = {name for name, _ in pyogrio.list_layers(f"OAPIF:{base}")}
    assert listed == set(files), f"listed and not there: {listed ^ set(files)}"

    features = vertices = 0
    units = [name for name in files if name.endswith(".units")]
    others = sorted(set(files) - set(units))
    chosen = units + rng.sample(others, min(count, len(others)))
    for name in chosen:
        found = compare(f"OAPIF:{base}/collections/{name}", files[name])
        features, vertices = features + found[0], vertices + found[1]
    newest = max(units)
    # The way a person opens it: the landing page and the name of a layer.
    whole, shapes, _ = read(f"OAPIF:{base}", layer=newest)
    truth, drawn, _ = read(files[newest])
    assert set(whole["code"]) == set(truth["code"]) and len(shapes) == len(drawn)
    hits = sum(
        windows(f"OAPIF:{base}/collections/{name}", files[name], rng, 10)
        for name in [newest, *rng.sample(others, 5)]
    )
    # A value that GDAL hands to the server.
    code = rng.choice(list(truth["code"]))
    one, _, _ = read(f"OAPIF:{base}", layer=newest, where=f"code = '{code}'")
    assert list(one["code"]) == [code], f"{newest}: code = {code} gives {list(one['code'])}"
    print(json.dumps({
        "collections": len(files), "read": len(chosen), "features": features, "vertices": vertices, "hits": hits,
        "gdal": pyogrio.__gdal_version_string__,
    }))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]), int(sys.argv[5]))
