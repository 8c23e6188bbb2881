"""Random samples of every medium, and what `yundang assess` must say of them, by plain arithmetic of fractions.

    media.py NORMS FOLDER SEED SAMPLES

The limits are read from the files of NORMS; every rule is written here once more, from the standards. FOLDER gets
`MEDIUM.csv` (samples), `MEDIUM-LEVEL.want.csv` (answers) and `runs.csv` (medium, level, columns that name a row).
`a|b` in an answer: either is right. What is tried on purpose: values on a limit and one step beside it, half detection
limits, means of months of unequal size, days with just enough hours and one too few.
"""

import csv
import random
import sys
import tomllib
from collections import defaultdict
from datetime import datetime, timedelta
from decimal import Decimal, getcontext
from fractions import Fraction
from pathlib import Path

getcontext().prec = 40
NORMS, FOLDER, SEED, SAMPLES = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
RANDOM = random.Random(SEED)
RUNS = []
# Items that make more than a class.
OFTEN = {"DO", "DO_SAT", "COD", "DIN", "DIP"}


def norm(name):
    return tomllib.loads((NORMS / name).read_text(encoding="utf-8"), parse_float=Decimal)


def plain(number):
    """A decimal or fraction as text without an exponent, to nine places."""
    return format(Decimal(half_even(Fraction(number), 9)), "f")


def half_even(number, places):
    """To so many decimals, half to even (GB/T 8170 3.2), as text."""
    scaled = round(Fraction(number) * 10**places)
    sign, digits = "-" if scaled < 0 else "", str(abs(scaled)).rjust(places + 1, "0")
    return sign + (digits[:-places] + "." + digits[-places:] if places else digits)


def exact(number):
    """To 10⁻⁹, as results and the factors of the eutrophication index are kept."""
    return Fraction(half_even(number, 9))


def mean(values):
    values = list(values)
    return sum(values, Fraction(0)) / len(values)


def near(limit, most=1.6):
    """A value on a limit, beside it, or anywhere up to some multiple of it; never below zero."""
    limit = Decimal(limit)
    digits = max(0, -limit.adjusted()) + 2
    step = Decimal(1).scaleb(-digits)
    kind = RANDOM.random()
    if kind < 0.25:
        return limit
    if kind < 0.4:
        return max(Decimal(0), limit + RANDOM.choice([-1, 1]) * step)
    return (limit * Decimal(RANDOM.uniform(0.05, most))).quantize(step)


def write(name, header, rows):
    with open(FOLDER / name, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def want(medium, level, key, header, rows):
    write(f"{medium}-{level}.want.csv", header, rows)
    RUNS.append([medium, level, ";".join(key)])


# Waters: a value is (number, below detection?).


def read_cell(text):
    if not text:
        return None
    if text[0] == "<" or text[-1] == "L":
        return Fraction(text.strip("<L")), True
    return Fraction(text), False


def together(cells):
    """The mean with half the limit for what is not detected; the highest limit when nothing is."""
    cells = [cell for cell in cells if cell]
    if not cells:
        return None
    if all(below for _, below in cells):
        return max(limit for limit, _ in cells), True
    return mean(value / 2 if below else value for value, below in cells), False


def limits_of(item, lake):
    return item.get("at_most_lake") if lake and "at_most_lake" in item else item.get("at_most")


def class_of(item, lake, cell):
    value, below = cell
    if "within" in item:
        met = [low <= value <= high for low, high in item["within"]]
    elif "at_least" in item:
        met = [value >= Fraction(limit) for limit in item["at_least"]]
    elif "above" in item:
        met = [value > Fraction(limit) for limit in item["above"]]
    else:
        limits = limits_of(item, lake)
        if below and limits[0] == 0:
            return 1
        met = [value <= Fraction(limit) for limit in limits]
    return met.index(True) + 1 if True in met else len(met) + 1


def main_pollutants(rule, items, lake, cells):
    worse = []
    for place, item in enumerate(items):
        name = item["parameter"]
        if name not in cells:
            continue
        class_ = class_of(item, lake, cells[name])
        if class_ <= rule["worse_than"]:
            continue
        multiple = None
        if name not in rule["without_multiple"] and "at_most" in item:
            limit = Fraction(limits_of(item, lake)[rule["worse_than"] - 1])
            multiple = (cells[name][0] - limit) / limit
        order = (name not in rule["first"], -class_, -multiple if multiple is not None else 1, place)
        worse.append((order, name if multiple is None else f"{name}({half_even(multiple, rule['decimals'])})"))
    return ";".join(text for _, text in sorted(worse)[: rule["count"]])


def period_of(level, time):
    quarter = (time.month - 1) // 3 + 1
    return {
        "sample": time.strftime("%Y-%m-%dT%H:%M"),
        "day": time.strftime("%Y-%m-%d"),
        "month": time.strftime("%Y-%m"),
        "quarter": f"{time.year}-Q{quarter}",
        "year": str(time.year),
    }[level]


def draw_water(items):
    def cell(item):
        kind = RANDOM.random()
        if kind < 0.2:
            return ""
        if "within" in item:
            low, high = RANDOM.choice(item["within"])
            return plain(RANDOM.choice([low, high, low - Decimal("0.1"), high + Decimal("0.1"), Decimal(7), Decimal("8.2")]))
        limits = item.get("at_least") or item.get("above")
        if limits:
            return plain(near(RANDOM.choice(limits)))
        # Values of the better classes are more frequent: else all would be worst.
        limits = item["at_most"] + item.get("at_most_lake", [])
        limit = RANDOM.choice(limits[: RANDOM.randint(1, len(limits))]) or Decimal("0.05")
        value = near(limit, 1.1)
        if kind < 0.3 and value > 0:
            return RANDOM.choice(["<{}", "{}L"]).format(plain(value))
        return plain(value)

    return [cell(item) for item in items]


def water(medium, place, table, levels, judge, extra=()):
    items = table["table"]["items"] + list(extra)
    names = [item["parameter"] for item in items]
    samples, lines = [], []
    words = ["", "", "1", "2", "3", "4"]
    station = None
    while len(samples) < SAMPLES:
        if station is None or RANDOM.random() < 0.08:
            station = f"S{len(samples):06}"
            lake, target = RANDOM.random() < 0.4, RANDOM.choice(words)
            time = datetime(2022, RANDOM.randint(1, 6), 1, 9)
            chosen = [RANDOM.random() < (0.8 if name in OFTEN else 0.35) for name in names]
        cells = [cell if keep else "" for cell, keep in zip(draw_water(items), chosen)]
        lines.append([station, time.isoformat(), "lake" if lake else "river", target, *cells])
        samples.append((station, time, lake, target, dict(zip(names, map(read_cell, cells)))))
        time += timedelta(hours=4 * RANDOM.choice([1, 6, 30, 90, 180, 400]))
    write(f"{medium}.csv", [place, "time", "kind", "function_class", *names], lines)
    for level in levels:
        groups = defaultdict(list)
        for station, time, lake, target, cells in samples:
            groups[station, lake, target, period_of(level, time)].append((time, cells))
        rows = []
        for (station, lake, target, period), of in groups.items():
            means = {}
            for name in names:
                if level == "year":
                    months = defaultdict(list)
                    for time, cells in of:
                        months[time.month].append(cells[name])
                    value = together(together(cells) for cells in months.values())
                else:
                    value = together(cells[name] for _, cells in of)
                if value:
                    means[name] = value
            judged = judge(lake, means)
            if judged:
                class_, row = judged
                if medium != "groundwater":
                    row += [target, str(class_ <= int(target)).lower() if target else ""]
                rows.append([station, period, *row])
        header = {
            "surface-water": "class grade deciding exceedance function_class meets",
            "sea": "class grade deciding exceedance eutrophication function_class meets",
            "groundwater": "class deciding",
        }[medium].split()
        want(medium, level, [place, "time"], [place, "time", "edition", *header], rows)


def worst_of(items, lake, cells):
    classes = {item["parameter"]: class_of(item, lake, cells[item["parameter"]]) for item in items if item["parameter"] in cells}
    if not classes:
        return None
    worst = max(classes.values())
    return worst, ";".join(name for name, class_ in classes.items() if class_ == worst)


def surface_water():
    table, rule = norm("gb3838/2002.toml"), norm("surface-water/2011.toml")
    items = table["table"]["items"]
    saturation = {"parameter": "DO_SAT", "within": [[85, 95], [89, 90]]}

    def judge(lake, cells):
        counted = [
            item
            for item in items
            if item["parameter"] not in rule["section"]["left_out"] and (lake or not item.get("lake_only"))
        ]
        cells = dict(cells)
        if "DO" in cells and cells.get("DO_SAT", (0, False))[0] >= 90:
            cells["DO"] = (Fraction(100), False)
        found = worst_of(counted, lake, cells)
        if not found:
            return None
        class_, deciding = found
        state = next(state["state"] for state in rule["state"] if class_ <= state["class_to"])
        return class_, ["GB3838-2002", class_, state, deciding, main_pollutants(rule["main_pollutants"], counted, lake, cells)]

    water("surface-water", "section", table, ["sample", "day", "month", "quarter", "year"], judge, [saturation])


def sea():
    table, rule = norm("gb3097/1997.toml"), norm("sea/2020.toml")
    items, words = table["table"]["items"], table["classes"]["words"] + [table["classes"]["worse"]]
    # A group whose limits stop: any value behind them has the class after the last.

    def judge(_, cells):
        found = worst_of(items, False, cells)
        if not found:
            return None
        class_, deciding = found
        index = ""
        if all(name in cells for name in ("COD", "DIN", "DIP")):
            product = Fraction(10**6, 4500)
            for name in ("COD", "DIN", "DIP"):
                value, below = cells[name]
                product *= exact(value / 2 if below else value)
            index = half_even(product, 2)
        worse = main_pollutants(rule["main_pollutants"], items, False, cells)
        return class_, ["GB3097-1997", class_, words[class_ - 1], deciding, worse, index]

    water("sea", "station", table, ["sample", "month", "year"], judge)


def groundwater():
    table = norm("gbt14848/2017.toml")

    def judge(_, cells):
        found = worst_of(table["table"]["items"], False, cells)
        return found and (found[0], ["GBT14848-2017", *found])

    water("groundwater", "well", table, ["sample", "quarter", "year"], judge)


# Noise


def energy_mean(levels):
    levels = list(levels)
    if not levels:
        return None
    energy = sum(Decimal(10) ** (level / 10) for level in levels) / len(levels)
    return (10 * energy.log10()).quantize(Decimal("1e-9"))


def noise():
    zones, needs = norm("gb3096/2008.toml"), norm("hj906/2017.toml")["counts"]
    assert (needs["day_hours_min"], needs["night_hours_min"]) == (12, 6)
    limits = {zone: (row["day"], row["night"]) for row in zones["limits"]["rows"] for zone in row["zones"]}
    lines, days, of_point = [], defaultdict(lambda: ([], [])), {}
    point = 0
    while len(lines) < SAMPLES:
        name, zone = f"P{point:05}", RANDOM.choice([*limits, ""])
        of_point[name], point = zone, point + 1
        by_day, by_night = limits[zone or "2"]
        first = datetime(2021, 12, 29) + timedelta(days=RANDOM.randint(0, 90))
        for day in range(RANDOM.randint(1, 9)):
            date = first + timedelta(days=day)
            # On the limit all day, or around it.
            even = RANDOM.random() < 0.2
            hours = [(hour, by_day, 0) for hour in RANDOM.sample(range(6, 22), RANDOM.choice([16, 16, 14, 12, 11, 3]))]
            hours += [(hour, by_night, 1) for hour in RANDOM.sample(range(22, 30), RANDOM.choice([8, 8, 7, 6, 5, 1]))]
            for hour, limit, night in sorted(hours):
                level = Decimal(limit) if even else Decimal(limit) + Decimal(RANDOM.randint(-90, 80)) / 10
                end = date + timedelta(hours=hour + 1)
                lines.append([name, end.strftime("%Y-%m-%dT%H:%M"), zone, plain(level)])
                days[name, date][night].append(level)
    write("noise.csv", ["station", "time", "function_zone", "value"], lines)
    levels = {}
    for (name, date), (day, night) in days.items():
        levels[name, date] = (
            energy_mean(day) if len(day) >= needs["day_hours_min"] else None,
            energy_mean(night) if len(night) >= needs["night_hours_min"] else None,
        )
    for level, column in [("day", "date"), ("month", "month"), ("year", "year")]:
        periods = defaultdict(list)
        for (name, date), both in levels.items():
            periods[name, period_of(level, date)].append(both)
        rows = []
        for (name, period), of in periods.items():
            ld, ln = of[0] if level == "day" else (energy_mean(x for x in side if x is not None) for side in zip(*of))
            ldn = None
            if ld is not None and ln is not None:
                energy = (16 * Decimal(10) ** (ld / 10) + 8 * Decimal(10) ** ((ln + 10) / 10)) / 24
                ldn = (10 * energy.log10()).quantize(Decimal("1e-9"))
            zone = of_point[name]
            allowed = limits.get(zone, ("", ""))
            fits = ["" if x is None or not zone else str(x <= limit).lower() for x, limit in zip((ld, ln), allowed)]
            shown = ["" if x is None else half_even(x, 1) for x in (ld, ln, ldn)]
            rows.append([name, period, "GB3096-2008", *shown, *allowed, *fits, str(ldn is not None).lower()])
        header = "ld ln ldn day_limit night_limit day_ok night_ok valid".split()
        want("noise", level, ["station", column], ["station", column, "edition", *header], rows)


# Soil


def soil():
    farm, built = norm("gb15618/2018.toml"), norm("gb36600/2018.toml")
    bounds = farm["ph"]["upper"]

    def of_farm(name, use, ph):
        place = sum(ph > bound for bound in bounds)

        def at(limits):
            return Fraction(limits[place] if len(limits) > 1 else limits[0])

        uses = farm["rotation"]["stricter_of"] if use == "rotation" else [use]
        rows = [row for group in farm["screening"] for row in group["values"] if row["parameter"] == name]
        screening = [at(row["limits"]) for row in rows for one in uses if one in row.get("uses", [one])]
        control = [at(row["limits"]) for row in farm["control"]["values"] if row["parameter"] == name]
        return (min(screening), control[0] if control else None) if screening else None

    def of_built(name, class_):
        for group in built["items"]:
            for row in group["values"]:
                if row["parameter"] == name:
                    control = row.get("control")
                    return Fraction(row["screening"][class_]), Fraction(control[class_]) if control else None
        return None

    names = []
    for row in [row for table in (*farm["screening"], *built["items"]) for row in table["values"]]:
        if row["parameter"] not in names:
            names.append(row["parameter"])
    lines, rows = [], []
    words = ["below_screening", "between", "above_control"]
    for number in range(SAMPLES):
        name, use = f"T{number:06}", RANDOM.choice(["paddy", "orchard", "other", "rotation", "class1", "class2"])
        ph = RANDOM.choice([*bounds, Decimal(RANDOM.randint(40, 90)) / 10, bounds[0] + Decimal("0.01")])
        cells, judged = {}, []
        for item in RANDOM.sample(names, RANDOM.randint(1, 8)):
            limits = of_built(item, use == "class2") if use.startswith("class") else of_farm(item, use, ph)
            around = (RANDOM.choice([x for x in limits if x is not None]) if limits else Fraction(5)) or Fraction(1)
            value = near(Decimal(around.numerator) / Decimal(around.denominator), 1.3 if RANDOM.random() < 0.3 else 0.9)
            below = RANDOM.random() < 0.1 and value > 0
            cells[item] = f"<{plain(value)}" if below else plain(value)
            if limits:
                value = Fraction(value) / 2 if below else Fraction(value)
                screening, control = limits
                verdict = 0 if value <= screening else 2 if control is not None and value > control else 1
                judged.append((verdict, value / screening, item))
        lines.append([name, "2022-05-05", use, plain(ph), *(cells.get(item, "") for item in names)])
        if not judged:
            continue
        worst = max(verdict for verdict, _, _ in judged)
        ratio = max(ratio for verdict, ratio, _ in judged if verdict == worst)
        deciding = "|".join(item for verdict, of, item in judged if (verdict, of) == (worst, ratio))
        edition = "GB36600-2018" if use.startswith("class") else "GB15618-2018"
        rows.append([name, "2022-05-05T00:00", edition, words[worst], deciding, half_even(ratio, 2)])
    write("soil.csv", ["sample", "time", "land_use", "pH", *names], lines)
    want("soil", "sample", ["sample"], "sample time edition result deciding ratio".split(), rows)


# Discharge


def discharge():
    boilers, plants, stacks = norm("gb13271/2014.toml"), norm("gb18918/2002.toml"), norm("gb16297/1996.toml")
    table1 = plants["table"][0]
    grades = [column["id"] for column in table1["columns"]]
    lines, records, standards = [], defaultdict(list), {}
    header = "outlet time standard O2 FLOW TEMP STACK_HEIGHT COD NH3N TN pH SO2 NOX PM".split()
    number = 0
    while len(lines) < SAMPLES:
        kind = ("boiler", "plant", "stack")[number % 3]
        name, number = f"{kind}{number:04}", number + 1
        if kind == "boiler":
            table = RANDOM.choice(boilers["table"])
            column = RANDOM.randrange(3)
            standard = ("GB13271", table, column)
            said = f"GB13271/{table['id']}/{table['columns'][column]['id']}"
            limits = {row["parameter"]: row["max"][column] for row in table["values"]}
            limits = {item: limits[item] for item in RANDOM.sample(["SO2", "NOX", "PM"], 2)}
        elif kind == "plant":
            column = RANDOM.randrange(4)
            standard = ("GB18918", table1, column)
            said = RANDOM.choice([f"GB18918/table1/{grades[column]}", f"GB 18918-2002 {table1['columns'][column]['zh']}"])
            limits = {"COD": table1["values"][0]["max"][column], "NH3N": Decimal(6), "TN": Decimal(17), "pH": Decimal(9)}
        else:
            grade = RANDOM.randrange(2)
            standard = ("GB16297", None, grade)
            said = RANDOM.choice(["GB16297/{}", "GB 16297-1996 {}"]).format("23"[grade])
            limits = {row["parameter"]: row["concentration"] for row in stacks["item"] if row["parameter"] in ("SO2", "NOX", "PM")}
        standards[name] = standard
        height = RANDOM.choice([Decimal(15), Decimal(30), Decimal(RANDOM.randint(80, 1300)) / 10, Decimal("14.9")])
        gone = RANDOM.random() < 0.1
        for day in range(RANDOM.choice([1] * 16 + [2, 2, 22, 23, 28])):
            count = RANDOM.choice([24, 24, 24, 20, 19, 18, 17, 3])
            dry = RANDOM.random() < 0.15
            for hour in sorted(RANDOM.sample(range(1, 25), count)):
                time = datetime(2022, 2, 1) + timedelta(days=day, hours=hour)
                row = dict.fromkeys(header, "")
                if kind == "boiler" and not gone and RANDOM.random() > 0.02:
                    row["O2"] = plain(RANDOM.choice([Decimal(21), *[Decimal(RANDOM.randint(20, 150)) / 10] * 60]))
                if kind == "plant":
                    row["FLOW"] = "" if dry and hour == 7 else plain(RANDOM.choice([0, 100, RANDOM.randint(1, 900)]))
                    row["TEMP"] = "" if gone else plain(Decimal(RANDOM.randint(110, 130)) / 10)
                if kind == "stack":
                    row["FLOW"], row["STACK_HEIGHT"] = plain(RANDOM.randint(1, 90) * 1000), plain(height)
                values = {}
                for item, limit in limits.items():
                    value = near(limit, 1.4) if item != "pH" else Decimal(RANDOM.randint(55, 92)) / 10
                    below = RANDOM.random() < 0.04 and value > 0
                    row[item] = f"<{plain(value)}" if below else plain(value)
                    values[item] = Fraction(value) / 2 if below else Fraction(value)
                row.update(outlet=name, time=time.strftime("%Y-%m-%dT%H:%M"), standard=said)
                lines.append([row[column] for column in header])
                beside = {key: Fraction(row[key]) if row[key] else None for key in header[3:7]}
                records[name].append((time, beside, values))
    write("discharge.csv", header, lines)

    def convert(standard, value, oxygen):
        """At the reference oxygen (GB 13271 5.2); None where nobody can tell."""
        code, table, column = standard
        if code != "GB13271":
            return value
        if oxygen is None or not 0 <= oxygen < 21:
            return None
        reference = Fraction(boilers["oxygen"]["reference"][table["columns"][column]["id"]])
        return exact(value * (21 - reference) / (21 - oxygen))

    def bound(standard, item, value, temperature):
        """The limit that holds; None where there is none or nobody can tell."""
        code, table, column = standard
        if code == "GB16297":
            return next(Fraction(row["concentration"]) for row in stacks["item"] if row["parameter"] == item)
        row = next(row for row in table["values"] if row["parameter"] == item)
        if "within" in row:
            return tuple(row["within"])
        if row["max"][column] == "none":
            return None
        warm = Fraction(row["max"][column])
        if "cold" not in row:
            return warm
        cold = Fraction(row["cold"]["max"][column])
        if temperature is not None:
            return cold if temperature <= 12 else warm
        return warm if value <= warm else cold if value > cold else None

    def answer(name, item, period, level, edition, value, converted, limit, valid):
        row = [name, item, period, level, edition, plain(value)]
        if limit is None or converted is None:
            return [*row, "", "", "", "not_judged", valid]
        if isinstance(limit, tuple):
            result = "compliant" if limit[0] <= converted <= limit[1] else "exceeded"
            return [*row, plain(converted), f"{limit[0]}-{limit[1]}", "", result, valid]
        result = "compliant" if converted <= limit else "exceeded"
        return [*row, plain(converted), plain(limit), half_even(converted / limit, 3), result, valid]

    def rate_limit(item, grade, height):
        points = next(row["rates"] for row in stacks["item"] if row["parameter"] == item)
        points = [(Fraction(row[0]), Fraction(row[1 + grade])) for row in points]
        (lowest, least), (highest, most) = points[0], points[-1]
        if height < lowest:
            limit = least * (height / lowest) ** 2
        elif height > highest:
            limit = most * (height / highest) ** 2
        else:
            limit = next(
                low + (high - low) * (height - below) / (above - below)
                for (below, low), (above, high) in zip(points, points[1:])
                if below <= height <= above
            )
        return exact(limit / 2 if height < 15 else limit)

    editions = {"GB13271": "GB13271-2014", "GB18918": "GB18918-2002", "GB16297": "GB16297-1996"}
    answers = defaultdict(list)
    for name, of in records.items():
        standard, items = standards[name], of[0][2]
        edition = editions[standard[0]]
        for item in items:
            days = defaultdict(list)
            for time, beside, values in of:
                value = values[item]
                converted = convert(standard, value, beside["O2"])
                limit = bound(standard, item, value, beside["TEMP"])
                period = time.strftime("%Y-%m-%dT%H:%M")
                answers["sample"].append(answer(name, item, period, "hour", edition, value, converted, limit, "true"))
                if standard[0] == "GB16297":
                    rate = exact(value * beside["FLOW"] / 10**6)
                    limit = rate_limit(item, standard[2], beside["STACK_HEIGHT"])
                    row = answer(name, item + "_RATE", period, "hour", edition, rate, rate, limit, "true")
                    answers["sample"].append(row)
                # An hour that ends at midnight belongs to the day before.
                days[(time - timedelta(seconds=1)).date()].append((value, converted, beside))
            months = defaultdict(list)
            for day, hours in days.items():
                usable = [(converted, beside["FLOW"]) for _, converted, beside in hours if converted is not None]
                weighted = usable
                if standard[0] == "GB18918" and all(flow is not None for _, flow in usable):
                    weighted = [(value, flow) for value, flow in usable if flow > 0]
                    weights = [flow for _, flow in weighted]
                else:
                    weights = [1] * len(usable)
                valid = len(weighted) >= (18 if standard[0] == "GB18918" else 20)
                if valid:
                    value = sum(w * v for w, (v, _) in zip(weights, weighted)) / sum(weights)
                else:
                    value = mean(value for value, _ in usable) if usable else mean(value for value, _, _ in hours)
                value = exact(value)
                warmth = [beside["TEMP"] for _, _, beside in hours if beside["TEMP"] is not None]
                warmth = exact(mean(warmth)) if warmth else None
                limit = bound(standard, item, value, warmth)
                judged = value if usable else None
                row = answer(name, item, str(day), "day", edition, value, judged, limit, str(valid).lower())
                answers["day"].append(row)
                if valid:
                    months[day.strftime("%Y-%m")].append((value, warmth))
            for month, of_days in months.items():
                value = exact(mean(value for value, _ in of_days))
                warmth = [warmth for _, warmth in of_days if warmth is not None]
                limit = bound(standard, item, value, exact(mean(warmth)) if warmth else None)
                valid = standard[0] == "GB18918" or len(of_days) >= 23
                row = answer(name, item, month, "month", edition, value, value, limit, str(valid).lower())
                answers["month"].append(row)
    header = "outlet parameter time level edition value converted limit ratio result valid".split()
    for level, rows in answers.items():
        want("discharge", level, ["outlet", "parameter", "time"], header, rows)


for make in (surface_water, sea, groundwater, noise, soil, discharge):
    make()
write("runs.csv", ["medium", "level", "key"], RUNS)
