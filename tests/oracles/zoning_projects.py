"""Projects with expected verdicts for the made-up zoning map, read and judged without any code of the product.

    python zoning_projects.py --map DIR --reference rules_ref.py --output DIR [--seed N] [--count N]

DIR of the map is what the example `zoning_map` of the simulator wrote: one folder for each edition and the list of
planted faults beside it. `rules_ref.py` is the reference evaluator of single clauses; it is not part of this repository.

What is independent here: the layers are read with shapely (GEOS) in the plane of EPSG:4548 (PROJ), the clauses are
evaluated by the reference, and the rows of the tables, the pieces of several units and the order of verdicts are
written below from the text of the requirement. Projects whose answer hangs on a boundary are left out: every layer is
met by more than a sliver or not at all, and every layer that a clause reads stays the same when its accuracy and a metre
are added or taken away.
"""

import argparse
import ast
import csv
import importlib.util
import json
import math
import random
import sys
import tomllib
from collections import Counter, defaultdict
from decimal import Decimal
from pathlib import Path

import shapely
from pyproj import Transformer
from shapely import STRtree
from shapely.geometry import LineString, Point, Polygon, mapping, shape

TO_PLANE = Transformer.from_crs("EPSG:4490", "EPSG:4548", always_xy=True)
TO_DEGREES = Transformer.from_crs("EPSG:4548", "EPSG:4490", always_xy=True)
DAYS = {"xm-2021": "2025-06-30", "xm-2026": "2026-06-30"}
ORDER = ["PROHIBITED", "NEEDS_INFORMATION", "RESTRICTED_UNMET", "NEEDS_JUDGEMENT", "ALLOWED_WITH_CONDITIONS", "ALLOWED"]
CALLS = {"touches", "inside", "dist_m", "touches_outfall", "headroom"}


def features(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)["features"]


def on_plane(geometry):
    return shapely.transform(geometry, TO_PLANE.transform, interleaved=False)


def plane(geometry):
    return on_plane(shape(geometry))


class Layer:
    """One element layer in the plane, with its coverage."""

    def __init__(self, folder, row, coverages):
        self.key = row["key"]
        self.complete = row["complete"] == "true"
        self.accuracy = float(row["accuracy_m"])
        self.touch_counts = row["touch_counts"] == "true"
        self.areas = [plane(f["geometry"]) for f in features(folder / row["file"])]
        self.tree = STRtree(self.areas)
        self.coverage = coverages(row["coverage"])

    def near(self, geometry, metres):
        return [self.areas[i] for i in self.tree.query(geometry, predicate="dwithin", distance=metres)]

    def distance(self, geometry):
        index = self.tree.nearest(geometry)
        return math.inf if index is None else self.areas[index].distance(geometry)


class Edition:
    """An edition folder as plain values."""

    def __init__(self, folder, planted):
        self.id = tomllib.loads((folder / "edition.toml").read_text("utf-8"))["id"]
        self.day = DAYS[self.id]
        cache = {}

        def coverage(name):
            if name not in cache:
                cache[name] = shapely.union_all([plane(f["geometry"]) for f in features(folder / name)])
                shapely.prepare(cache[name])
            return cache[name]

        with open(folder / "layers.csv", encoding="utf-8") as file:
            self.layers = {row["key"]: Layer(folder, row, coverage) for row in csv.DictReader(file)}
        self.units = [(f["properties"]["code"], plane(f["geometry"])) for f in features(folder / "units.geojson")]
        self.unit_tree = STRtree([area for _, area in self.units])
        self.rules = []
        for path in sorted((folder / "rules").glob("*.toml")):
            self.rules += tomllib.loads(path.read_text("utf-8"), parse_float=Decimal)["rule"]
        self.rows = defaultdict(list)
        for path in sorted((folder / "tables").glob("*.csv")):
            with open(path, encoding="utf-8") as file:
                for line, row in enumerate(csv.DictReader(file), 2):
                    row["id"] = f"{path.stem}:{line}"
                    self.rows[row["unit"]].append(row)
        with open(planted, encoding="utf-8") as file:
            self.faulty = {(row["unit"], row["industry_prefix"]) for row in csv.DictReader(file)}
        self.headroom, self.status = {}, {}
        with open(folder / "ledger.csv", encoding="utf-8") as file:
            for row in csv.DictReader(file):
                if row["year"] == self.day[:4] and row["as_of"] <= self.day:
                    self.headroom[row["unit"], row["pollutant"]] = Decimal(row["remaining"])
        with open(folder / "status.csv", encoding="utf-8") as file:
            for row in sorted(csv.DictReader(file), key=lambda row: row["as_of"]):
                if row["as_of"] <= self.day:
                    self.status[row["unit"], row["fact"]] = row["value"] == "true"
        self.asked = set()
        for rule in self.rules:
            for text in [rule["when"]] + [must["expr"] for must in rule.get("must", [])]:
                for node in ast.walk(ast.parse(text, mode="eval")):
                    if isinstance(node, ast.Call) and node.func.id in CALLS:
                        self.asked.add((node.func.id, node.args[0].value))
        self.limits = {"sensitive_receptor": (50, 100, 500), "river_controlled": (1000,), "residential": (300,)}


class Ambiguous(Exception):
    """The answer hangs on a boundary; such a project is no example."""


def size(geometry):
    return geometry.area or geometry.length


def is_clear(geometry, shared):
    """Whether a shared part is far from a sliver, by area, width and shape."""
    if geometry.geom_type == "Point":
        return True
    if geometry.geom_type == "LineString":
        return shared.length > 20
    if shared.area < 50:
        return False
    parts = [part for part in getattr(shared, "geoms", [shared]) if part.area > 0]
    return all(
        part.area >= 50 and 2 * part.area / part.length > 2 and 4 * math.pi * part.area / part.length**2 > 0.04
        for part in parts
    )


def met(layer, geometry):
    """Whether the project meets the layer, with a clear answer."""
    close = layer.near(geometry, 1.0)
    if not close:
        return False
    if not any(area.intersects(geometry) for area in close):
        raise Ambiguous(layer.key)
    shared = shapely.union_all(close).intersection(geometry)
    if geometry.geom_type == "Point":
        if shapely.union_all(close).boundary.distance(geometry) < 1.0:
            raise Ambiguous(layer.key)
        return True
    if not is_clear(geometry, shared):
        raise Ambiguous(layer.key)
    return True


def read_ground(edition, geometry):
    """Units with shares, layers met, and the answers to the predicates; None where a layer is not complete."""
    pieces = []
    for index in sorted(edition.unit_tree.query(geometry, predicate="dwithin", distance=1.0)):
        code, area = edition.units[index]
        shared = area.intersection(geometry)
        if geometry.geom_type == "Point":
            if area.boundary.distance(geometry) < 1.0:
                raise Ambiguous(code)
        elif shared.is_empty or not is_clear(geometry, shared) or size(shared) < 0.02 * size(geometry):
            raise Ambiguous(code)
        pieces.append((code, 1.0 if geometry.geom_type == "Point" else size(shared) / size(geometry)))
    tiled = abs(sum(share for _, share in pieces) - 1.0) < 1e-6
    layers = [key for key, layer in edition.layers.items() if met(layer, geometry)]
    answers = {}
    for call, key in edition.asked:
        if call not in ("touches", "inside", "dist_m"):
            continue
        layer = edition.layers[key]
        covered = layer.complete and layer.coverage.covers(geometry)
        if layer.coverage.boundary.distance(geometry) < 1.0:
            parts = layer.coverage.intersection(geometry), geometry.difference(layer.coverage)
            if any(size(part) < 0.05 * size(geometry) for part in parts) or geometry.geom_type == "Point":
                raise Ambiguous(key)
        if not covered:
            continue
        slack = layer.accuracy + 1.0
        distance = layer.distance(geometry)
        if call == "touches":
            if 0 < distance < slack:
                raise Ambiguous(key)
            if distance == 0:
                around = layer.near(geometry, 1.0)
                if not shapely.union_all(around).buffer(-slack).intersects(geometry):
                    raise Ambiguous(key)
            answers[call, key] = distance == 0
        elif call == "inside":
            whole = shapely.union_all(layer.near(geometry, slack))
            grown = whole.buffer(slack).covers(geometry)
            if grown != whole.buffer(-slack).covers(geometry):
                raise Ambiguous(key)
            answers[call, key] = grown
        else:
            for limit in edition.limits[key]:
                if abs(distance - limit) < slack + 0.01 * limit:
                    raise Ambiguous(key)
            answers[call, key] = Decimal(f"{distance:.6f}") if distance < math.inf else Decimal(10**12)
    return pieces, tiled, layers, answers


def row_outcome(row, facts):
    """What a row of a table says: an empty cell is any; all conditions must hold; unknown facts leave it open."""
    truths = []
    if row["industry_prefix"]:
        industry = facts.get("industry")
        truths.append(None if industry is None else industry.startswith(row["industry_prefix"]))
    if row["kind"]:
        kind = facts.get("kind")
        truths.append(None if kind is None else kind in row["kind"].split(";"))
    if row["process"]:
        processes = facts.get("processes")
        truths.append(None if processes is None else any(p in processes for p in row["process"].split(";")))
    if False in truths:
        return None
    if None in truths:
        return f"needs_information({row['effect']})"
    return {"prohibit": "prohibited", "review": "needs_judgement", "require": "conditional"}.get(row["effect"], "encouraged")


def verdict(outcomes, tiled):
    """RULES 3.4, over all rules and all pieces; a project that is not whole in units needs information."""

    def has(start):
        return any(outcome.startswith(start) for outcome in outcomes)

    if has("prohibited"):
        return "PROHIBITED"
    if not tiled or has("needs_information(prohibit)") or has("needs_information(review)"):
        return "NEEDS_INFORMATION"
    if has("unmet"):
        return "RESTRICTED_UNMET"
    if has("needs_information"):
        return "NEEDS_INFORMATION"
    if has("needs_judgement"):
        return "NEEDS_JUDGEMENT"
    if has("conditional"):
        return "ALLOWED_WITH_CONDITIONS"
    return "ALLOWED"


def read_names(rule):
    """Facts and predicates that a clause reads, in the order of the text."""
    names = []
    for text in [rule["when"]] + [must["expr"] for must in rule.get("must", [])]:
        for node in ast.walk(ast.parse(text, mode="eval")):
            if isinstance(node, ast.Call) and node.func.id in CALLS | {"judge"}:
                names.append((node.func.id, node.args[0].value))
            elif isinstance(node, ast.Name):
                names.append(("fact", node.id))
    return list(dict.fromkeys(names))


def words(rule, facts, answers, outcome):
    """One clause's outcome with what it rests on."""
    told = []
    for call, key in read_names(rule):
        if call == "fact" and key in facts:
            value = facts[key]
            told.append(f"{key}={json.dumps(cell(value), ensure_ascii=False)}")
        elif call != "fact" and call != "judge":
            value = answers.get((call, key))
            told.append(f"{call}({key})={'unknown' if value is None else str(value).lower()}")
        elif call == "judge":
            told.append(f"judge({key})=none on file")
    return f"{rule['id']} {outcome}: {', '.join(told)}"


def judge(reference, edition, geometry, facts):
    """The verdict of one project under one edition, with its derivation."""
    pieces, tiled, layers, answers = read_ground(edition, geometry)
    industry = facts.get("industry")
    heard = {}
    for code, _ in pieces or [(None, 1.0)]:
        local = dict(answers)
        for call, key in edition.asked:
            if call == "headroom" and (code, key) in edition.headroom:
                local[call, key] = edition.headroom[code, key]
        known = dict(facts)
        if (code, "water_unit_compliant") in edition.status:
            known["water_unit_compliant"] = edition.status[code, "water_unit_compliant"]
        for rule in edition.rules:
            _, found = reference.screen([rule], known, local, {})
            outcome = found[0][1]
            if outcome != "not_applicable":
                heard.setdefault((outcome, rule["id"]), words(rule, known, local, outcome))
        for row in edition.rows.get(code, []):
            outcome = row_outcome(row, facts)
            if outcome is not None:
                if (code, industry) in edition.faulty:
                    raise Ambiguous("planted fault")
                cells = "/".join(row[name] or "any" for name in ("unit", "industry_prefix", "process", "kind"))
                heard.setdefault((outcome, row["id"]), f"table {row['id']} {outcome}: {cells} {row['effect']}")
    result = verdict([outcome for outcome, _ in heard], tiled)
    decides = {
        "PROHIBITED": ["prohibited"],
        "NEEDS_INFORMATION": ["needs_information"],
        "RESTRICTED_UNMET": ["unmet"],
        "NEEDS_JUDGEMENT": ["needs_judgement"],
        "ALLOWED_WITH_CONDITIONS": ["conditional"],
        "ALLOWED": ["encouraged", "procedure"],
    }[result]
    deciding = [(key, text) for key, text in heard.items() if any(key[0].startswith(start) for start in decides)]
    told = [text for _, text in deciding[:4]]
    if not tiled and result == "NEEDS_INFORMATION":
        told.insert(0, "a part of the project lies in no unit")
    if len(deciding) > 4:
        told.append(f"and {len(deciding) - 4} more")
    if not told:
        told = ["no clause and no row speaks against it; all layers that were asked are complete here"]
    return {
        "verdict": result,
        "units": [code for code, _ in pieces],
        "deciding": [key[1] for key, _ in deciding],
        "derivation": "; ".join(told),
        "layers": layers,
    }


# --- projects ---------------------------------------------------------------------------------------------------

FALSE = """captive_coal_power two_high regional_reduction_plan capacity_swap_needed capacity_swap_done has_rinse_process
catering_fume dedicated_flue adjacent_floor_residential soil_risk_industry industrial emits_noise hazardous_process
national_major_project underwater_noise_work shoreline_compensated waste_incineration municipal_works
regional_list_conform water_supply_facility discharges_pollutants new_outfall limited_human_activity""".split()
ZERO = """delta_cod_t delta_nh3n_t delta_tp_t delta_voc_t offset_cod_t offset_nh3n_t offset_tp_t offset_voc_t
reclamation_ha natural_shoreline_used_m risk_q""".split()


def plain():
    """A project of which all is known and nothing is remarkable."""
    facts = dict.fromkeys(FALSE, False)
    facts |= {name: Decimal(0) for name in ZERO}
    facts |= {
        "kind": "new",
        "industry": "I6513",
        "processes": [],
        "boilers": [],
        "building_use": "office",
        "land_use_to": "unchanged",
        "rinse_method": "none",
        "soil_survey": "none",
        "low_voc_share": Decimal(1),
        "noise_day_db": Decimal(50),
        "noise_night_db": Decimal(40),
    }
    return facts


def draw_project(lot):
    """A theme with its facts and the layer that its place is looked for in (none: anywhere on land)."""
    facts, pick, D = plain(), lot.choice, Decimal
    theme = pick(
        "office office shop restaurant coating coating printing chemistry plating boiler incinerator sea reclaim housing housing "
        "municipal redline redline source quasi outfall receptor risk water water rinse noise twohigh edge edge edge masked masked".split()
    )
    at = None
    if theme in ("office", "masked"):
        facts["industry"] = pick(["I6513", "L7211", "F5211", "R8610"])
    elif theme == "shop":
        facts |= {"industry": "F5211", "kind": pick(["new", "expand"]), "land_use_to": "commercial"}
    elif theme == "restaurant":
        facts |= {"industry": "H6210", "catering_fume": True, "building_use": pick(["residential", "mixed", "commercial"])}
        facts |= {"dedicated_flue": pick([True, False]), "adjacent_floor_residential": pick([True, False])}
        at = "urban_builtup"
    elif theme in ("coating", "printing"):
        delta = D(pick(["0.4", "1.5", "2.25", "4.1"]))
        facts |= {"industry": pick(["C2110", "C3311", "C3670", "C2319"]), "kind": pick(["new", "expand"]), "industrial": True}
        facts |= {"processes": [theme], "delta_voc_t": delta, "offset_voc_t": delta * D(pick(["0.9", "1", "1.5", "2", "2"]))}
        facts |= {"low_voc_share": D(pick(["0.4", "0.55", "0.6", "0.8", "0.8"]))}
        at = pick(["noise_zone_3", "industrial_park", None])
    elif theme == "chemistry":
        facts |= {"industry": pick(["C2614", "C2631", "C2669"]), "hazardous_process": pick([True, False]), "industrial": True}
        facts |= {"kind": pick(["new", "expand", "rebuild"]), "risk_q": D(pick(["0.3", "1", "4.2"]))}
        at = pick(["chem_park", "chem_park", "industrial_park"])
    elif theme == "plating":
        facts |= {"industry": "C3360", "processes": pick([["electroplating"], ["pickling"]]), "industrial": True}
        at = pick(["park:jimei-houxi", "centralised_zone", "centralised_zone", "industrial_park"])
    elif theme == "boiler":
        boiler = {"fuel": pick(["coal", "gas", "petcoke", "biomass"]), "t_h": D(pick(["10", "20", "35", "40"]))}
        if lot.random() < 0.2:
            del boiler["t_h"]
        facts |= {"industry": "C3985", "boilers": [boiler], "kind": pick(["new", "expand"])}
        at = pick(["urban_builtup", "no_burn_zone", None])
    elif theme == "incinerator":
        facts |= {"industry": pick(["D4417", "N7820"]), "waste_incineration": True, "industrial": True}
    elif theme == "sea":
        facts |= {"industry": "E4813", "underwater_noise_work": pick([True, True, False])}
        at = pick(["marine_species_reserve", "port"])
    elif theme == "reclaim":
        facts |= {"industry": "E4813", "reclamation_ha": D(pick(["0", "0.8", "12"])), "national_major_project": pick([True, False])}
        facts |= {"natural_shoreline_used_m": D(pick(["0", "35"])), "shoreline_compensated": pick([True, False])}
        at = "port"
    elif theme == "housing":
        facts |= {"industry": "R8610", "land_use_to": pick(["residential", "public"]), "kind": pick(["new", "rebuild"])}
        facts |= {"soil_survey": pick(["passed", "passed", "ongoing", "none"])}
        at = pick(["urban_builtup", "residential", None])
    elif theme == "municipal":
        facts |= {"industry": "E4813", "municipal_works": True, "regional_list_conform": pick([True, False])}
        at = "regional_assessment"
    elif theme == "redline":
        facts |= {"limited_human_activity": pick([True, False, None])}
        at = pick(["redline", "ecological_space"])
    elif theme == "source":
        facts |= {"kind": pick(["new", "expand", "rebuild"]), "discharges_pollutants": pick([True, False]), "limited_human_activity": True}
        facts |= {"water_supply_facility": pick([True, False])}
        at = pick(["water_source_1", "water_source_2"])
    elif theme == "quasi":
        facts |= {"kind": pick(["new", "rebuild", "rebuild"]), "delta_cod_t": D(pick(["-0.5", "0", "0.2"])), "limited_human_activity": True}
        facts |= {"offset_cod_t": D("0.4")}
        at = "water_source_quasi"
    elif theme == "outfall":
        facts |= {"new_outfall": True, "discharges_pollutants": True}
    elif theme == "receptor":
        facts |= {"industry": pick(["C3311", "C3985"]), "soil_risk_industry": True, "industrial": True}
        at = "sensitive_receptor"
    elif theme == "risk":
        facts |= {"industry": pick(["C3985", "C3972"]), "risk_q": D(pick(["0.9", "1", "3"])), "industrial": True}
        at = pick(["sensitive_receptor", None])
    elif theme == "water":
        delta = D(pick(["0.5", "2", "40"]))
        facts |= {"industry": pick(["C3985", "C2929", "I6513"]), "delta_cod_t": delta, "offset_cod_t": delta * D(pick(["0", "1", "2", "2"]))}
        facts |= {"delta_nh3n_t": D("0.05"), "offset_nh3n_t": D("0.1")}
    elif theme == "rinse":
        facts |= {"industry": "C3972", "has_rinse_process": True, "rinse_method": pick(["single", "counter_current", "membrane_reuse", None])}
        at = "park:haicang-it"
    elif theme == "noise":
        facts |= {"industry": pick(["C3985", "C3311"]), "industrial": True, "emits_noise": True}
        facts |= {"noise_day_db": D(pick(["49", "52", "57"])), "noise_night_db": D(pick(["39", "43", "48"]))}
        at = pick(["noise_zone_1", "noise_zone_0", "noise_sensitive_area"])
    elif theme == "twohigh":
        facts |= {"industry": "D4411", "two_high": True, "industrial": True}
        facts |= {"regional_reduction_plan": pick([True, False, None]), "captive_coal_power": pick([True, False, False])}
        facts |= {"capacity_swap_needed": pick([True, False]), "capacity_swap_done": pick([True, False])}
        at = pick(["noise_zone_3", None])
    elif theme == "edge":
        at = "edge"
    if theme == "masked":
        for name in lot.sample(sorted(facts), lot.randint(2, 12)):
            facts[name] = None
    return theme, {name: value for name, value in facts.items() if value is not None}, at


def place(lot, edition, at, outline):
    """A place inside a layer, near it, at the city's edge, or anywhere in a unit."""
    if at == "edge":
        line = outline.boundary
        point = line.interpolate(lot.random() * line.length)
        return Point(point.x + lot.uniform(-150, 150), point.y + lot.uniform(-150, 150))
    if at is None:
        area = lot.choice(edition.units)[1]
    else:
        area = lot.choice(edition.layers[at].areas)
    west, south, east, north = area.bounds
    for _ in range(60):
        point = Point(lot.uniform(west, east), lot.uniform(south, north))
        if area.covers(point):
            break
    if lot.random() < 0.15:
        point = Point(point.x + lot.uniform(-600, 600), point.y + lot.uniform(-600, 600))
    return point


def draw_shape(lot, centre):
    """A point, a line of some bends or a parcel about a place, in degrees with seven decimals."""
    form = lot.random()
    if form < 0.4:
        geometry = centre
    elif form < 0.55:
        heading, points = lot.uniform(0, 2 * math.pi), [(centre.x, centre.y)]
        for _ in range(lot.randint(2, 5)):
            heading += lot.uniform(-0.5, 0.5)
            length = lot.uniform(60, 220)
            points.append((points[-1][0] + length * math.cos(heading), points[-1][1] + length * math.sin(heading)))
        geometry = LineString(points)
    else:
        corners, radius = lot.randint(4, 9), lot.uniform(25, 140)
        angles = [2 * math.pi * (i + lot.uniform(-0.2, 0.2)) / corners for i in range(corners)]
        rays = [(radius * lot.uniform(0.75, 1), angle) for angle in angles]
        geometry = Polygon([(centre.x + r * math.cos(angle), centre.y + r * math.sin(angle)) for r, angle in rays])
    return shapely.transform(geometry, lambda x, y: [v.round(7) for v in TO_DEGREES.transform(x, y)], interleaved=False)


def cell(value):
    if isinstance(value, Decimal):
        return float(value) if value % 1 else int(value)
    if isinstance(value, list):
        return [cell(item) for item in value]
    if isinstance(value, dict):
        return {name: cell(item) for name, item in value.items()}
    return value


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--map", type=Path, required=True)
    parser.add_argument("--reference", type=Path, required=True)
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=200)
    parser.add_argument("--count", type=int, default=200)
    options = parser.parse_args()
    sys.dont_write_bytecode = True
    spec = importlib.util.spec_from_file_location("reference", options.reference)
    reference = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(reference)
    editions = [Edition(options.map / name, options.map / f"{name}.planted.csv") for name in DAYS]
    outline = plane(features(options.map / "xm-2026" / "outline.geojson")[0]["geometry"])
    lot = random.Random(options.seed)
    kept, counts, themes, changed, tried, dropped = [], [Counter(), Counter()], Counter(), 0, 0, Counter()
    least, most = math.ceil(options.count * 0.11), math.ceil(options.count * 0.3)
    while len(kept) < options.count and tried < 50 * options.count:
        tried += 1
        theme, facts, at = draw_project(lot)
        geometry = draw_shape(lot, place(lot, editions[1], at, outline))
        try:
            results = [judge(reference, edition, on_plane(geometry), facts) for edition in editions]
        except Ambiguous as problem:
            dropped[str(problem)] += 1
            continue
        verdicts = [result["verdict"] for result in results]
        moves = verdicts[0] != verdicts[1]
        full = any(counts[i][word] >= most for i, word in enumerate(verdicts))
        scarce = any(counts[i][word] < least for i, word in enumerate(verdicts))
        lacking = any(count[word] < least for count in counts for word in ORDER)
        # First those that change between the editions, then rare verdicts, then any; no theme fills more than a tenth.
        wanted = moves if changed < 0.18 * options.count else scarce or not lacking
        if full or not wanted or themes[theme] >= options.count / 10:
            continue
        number = len(kept) + 1
        kept.append((f"P{number:03d}", theme, facts, geometry, results))
        themes[theme] += 1
        changed += moves
        for i, word in enumerate(verdicts):
            counts[i][word] += 1
    options.output.mkdir(parents=True, exist_ok=True)
    notice = {
        "notice_zh": "模拟项目：为检验研判而编造，与任何真实项目无关。",
        "notice_en": "Simulated projects, made up to test screening; none is real.",
    }
    lines = []
    for number, theme, facts, geometry, _ in kept:
        properties = {"id": number} | {name: cell(value) for name, value in sorted(facts.items())}
        feature = {"type": "Feature", "properties": properties, "geometry": mapping(geometry)}
        lines.append(json.dumps(feature, ensure_ascii=False))
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4490"}}
    head = {"type": "FeatureCollection", "name": "projects-200", "crs": crs, "synthetic": True} | notice
    text = json.dumps(head, ensure_ascii=False)[:-1] + ', "features": [\n' + ",\n".join(lines) + "\n]}\n"
    (options.output / "projects.geojson").write_text(text, "utf-8")
    with open(options.output / "expected.csv", "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["id", "edition", "as_of", "verdict", "units", "deciding", "derivation", "layers_met"])
        for number, _, _, _, results in kept:
            for edition, result in zip(editions, results):
                lists = [";".join(result[name]) for name in ("units", "deciding", "layers")]
                told = [result["verdict"], lists[0], lists[1], result["derivation"], lists[2]]
                writer.writerow([number, edition.id, edition.day, *told])
    print(f"{len(kept)} of {tried} tried; left out at a boundary: {sum(dropped.values())}; changed between editions: {changed}")
    for edition, count in zip(editions, counts):
        print(edition.id, {word: count[word] for word in ORDER})
    print("themes", dict(themes))
    forms = Counter(geometry.geom_type for _, _, _, geometry, _ in kept)
    print("forms", dict(forms), "multi-unit", sum(len(r[1]["units"]) > 1 for *_, r in kept))


if __name__ == "__main__":
    main()
