"""Are the answers equal? Ours and each peer's against exact arithmetic, every difference with its count.

air_check.py FOLDER NORMS: FOLDER is the bench folder with data/ and out/, NORMS our folder norms/.

The truth here is made a third time, in whole numbers: the bench's values are whole tenths, an 8-hour mean
is a multiple of 1/1680, and IAQI is a quotient of whole numbers. So half-even rounding and the rounding up
of IAQI (GB/T 8170; HJ 633-2012 4.2) have no floating-point ties.
"""
import sys
import tomllib
from fractions import Fraction
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

BENCH, NORMS = Path(sys.argv[1]), Path(sys.argv[2])
NAMES = ["so2", "no2", "co", "o3", "pm10", "pm25"]
COLUMNS = ["SO2_24h", "NO2_24h", "CO_24h", "O3_8h", "PM10_24h", "PM2_5_24h"]
PERCENTILES = [98, 98, 95, 90, 95, 95]
HOURS_MIN, WINDOW, WINDOW_HOURS_MIN, WINDOWS_MIN = 20, 8, 6, 14
NONE = -1  # no value


def half_even(above, below):
    """Rounds above / below (whole numbers, below > 0) to whole, half to even (GB/T 8170)."""
    whole, rest = np.divmod(above, below)
    up = (2 * rest > below) | ((2 * rest == below) & (whole % 2 == 1))
    return whole + up


def index_of(value, ten, column, iaqi):
    """IAQI, rounded up, of a concentration in whole units (ten = 1) or tenths (ten = 10)."""
    points = column["breakpoints"]
    out = np.full(value.shape, NONE, dtype=np.int64)
    for low, high, from_, to in zip(points, points[1:], iaqi, iaqi[1:]):
        here = (out == NONE) & (value >= 0) & (value <= high * ten)
        out[here] = -((-(to - from_) * (value[here] - low * ten)) // ((high - low) * ten)) + from_
    if column.get("above") != "not_computed":
        out[(out == NONE) & (value > points[-1] * ten)] = iaqi[len(points) - 1]
    return out


def exact_days():
    """Concentrations, IAQI, AQI and primary of each station-day, and where the ozone exception decides."""
    table = pq.read_table(BENCH / "data/air_wide.parquet")
    stations = np.unique(table["station"].to_numpy())
    shape = (len(stations), -1, 24)
    flag = table["flag"].to_numpy().reshape(shape)
    norm = tomllib.loads((NORMS / "hj633/2012.toml").read_text())
    column = {entry["name"]: entry for entry in norm["column"]}
    iaqi = norm["index"]["iaqi"]
    limits = tomllib.loads((NORMS / "gb3095/2012.toml").read_text())["limits"][0]["values"]
    limit = next(row for row in limits if row["parameter"] == "O3")["day_max_8h"][1]
    values, indices = [], []
    exception = None
    for bit, name in enumerate(NAMES):
        raw = table[name].combine_chunks()
        there = np.asarray(raw.is_valid()).reshape(shape) & (flag & (1 << bit) == 0)
        tenths = np.rint(raw.fill_null(0).to_numpy() * 10).astype(np.int64).reshape(shape) * there
        if name != "o3":
            total, count = tenths.sum(2), there.sum(2)
            unit = 1 if name == "co" else 10
            value = half_even(total, np.maximum(count, 1) * unit)
            value[count < HOURS_MIN] = NONE
            values.append(value)
            indices.append(index_of(value, 10 // unit, column[COLUMNS[bit]], iaqi))
            continue
        # 168 = lcm(6, 7, 8): each mean of 6, 7 or 8 hours is a whole number of 1/1680.
        best, windows = np.full(tenths.shape[:2], NONE, dtype=np.int64), np.zeros(tenths.shape[:2], dtype=np.int64)
        for end in range(WINDOW, 25):
            total, count = tenths[:, :, end - WINDOW : end].sum(2), there[:, :, end - WINDOW : end].sum(2)
            good = count >= WINDOW_HOURS_MIN
            windows += good
            best = np.maximum(best, np.where(good, total * 168 // np.maximum(count, 1), NONE))
        # Like every concentration it is rounded before it is compared: 160.3 does not exceed 160.
        value = half_even(best, np.int64(1680))
        exception = (windows < WINDOWS_MIN) & (value > limit)
        value = np.where((windows >= WINDOWS_MIN) | exception, value, NONE)
        index = index_of(value, 1, column["O3_8h"], iaqi)
        # Above 800 the 8-hour index is not computed; ozone is reported by its 1-hour index (HJ 633-2012 table 1 note 3).
        highest = half_even(np.where(there, tenths, 0).max(2), np.int64(10))
        index = np.where(value > 800, index_of(highest, 1, column["O3_1h"], iaqi), index)
        values.append(value)
        indices.append(index)
    indices = np.stack(indices)
    return stations, np.stack(values), indices, exception


def judged(indices):
    """AQI of days with all six, and primary pollutants as bits."""
    aqi = np.where((indices >= 0).all(0), indices.max(0), NONE)
    primary = sum(((indices[bit] == aqi) & (aqi > 50)) << bit for bit in range(6))
    return aqi, primary


def table_of(path, columns, stations, days):
    """Columns of a table of station-days as arrays [column, station, day]; None where the table has no such column."""
    table = pq.read_table(path)
    row = np.searchsorted(stations, np.asarray(table["station"].to_numpy(zero_copy_only=False), dtype=np.int64))
    date = table["day"] if "day" in table.column_names else table["date"]
    day = np.asarray(date.to_numpy(zero_copy_only=False), dtype="datetime64[D]").astype(int) - days
    out = []
    for name, ten in columns:
        found = table[name].to_numpy(zero_copy_only=False)
        cells = np.full((len(stations), 365), NONE, dtype=np.int64)
        if found.dtype == object:
            # A set of names, joined with commas.
            bits = {text: sum(1 << NAMES_OF_PRIMARY[part] for part in (text or "").split(",") if part) for text in set(found)}
            cells[row, day] = [bits[text] for text in found]
        else:
            number = np.asarray(found, dtype=float)
            cells[row, day] = np.where(np.isnan(number), NONE, np.rint(np.nan_to_num(number) * ten))
        out.append(cells)
    return np.stack(out)


NAMES_OF_PRIMARY = {"SO2": 0, "NO2": 1, "CO": 2, "O3": 3, "O3_8h": 3, "PM10": 4, "PM2_5": 5}
TENS = [10 if name == "co" else 1 for name in NAMES]


def count_days(label, found, truth):
    """One line: where a table of days differs from the truth."""
    values, indices, aqi, primary = truth
    kinds = [(f"{name}", found[0:6][bit] != values[bit]) for bit, name in enumerate(NAMES)]
    kinds += [(f"iaqi_{name}", found[6:12][bit] != indices[bit]) for bit, name in enumerate(NAMES)]
    kinds += [("aqi", found[12] != aqi), ("primary", np.maximum(found[13], 0) != primary)]
    wrong = {name: int(cells.sum()) for name, cells in kinds if cells.any()}
    print(f"  {label:34} {wrong or 'equal'}")
    return wrong


def percentile(values, percent):
    """HJ 663-2013 annex A: linear between the two neighbours of k = 1 + (n - 1) p."""
    ordered = sorted(values)
    place = Fraction(percent * (len(ordered) - 1), 100)
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def years(stations, values, aqi):
    """Mean and percentile of each pollutant as exact fractions before rounding, counts of days."""
    out = []
    for row in range(len(stations)):
        means, highs, counts = [], [], []
        for bit in range(6):
            days = [int(value) for value in values[bit, row] if value != NONE]
            means.append(Fraction(sum(days), len(days) * TENS[bit]) if days else None)
            highs.append(percentile(days, PERCENTILES[bit]) / TENS[bit] if days else None)
            counts.append(len(days))
        judged_days = aqi[row][aqi[row] != NONE]
        out.append((means, highs, counts, len(judged_days), int((judged_days <= 100).sum())))
    return out


def rounded(value, decimals):
    return round(value * 10**decimals) / 10**decimals  # round() of a Fraction is exact and half to even


def month_rule(values):
    """Whether each month has the days that GB 3095-2012 table 4 asks for (27, in February 25)."""
    months = np.array([31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])
    starts = np.concatenate([[0], np.cumsum(months)[:-1]])
    counts = np.add.reduceat(values != NONE, starts, axis=-1)
    return (counts >= np.where(months == 28, 25, 27)).all(-1)


def main():
    stations, values, indices, exception = exact_days()
    first = int(np.datetime64("2025-01-01", "D").astype(int))
    aqi, primary = judged(indices)
    # The peers know no exception: without it these ozone days have no value.
    plain_values, plain_indices = values.copy(), indices.copy()
    plain_values[3][exception], plain_indices[3][exception] = NONE, NONE
    above = plain_values[3] > 800
    plain_indices[3][above] = 300
    plain = (plain_values, plain_indices, *judged(plain_indices))
    print(f"station-days {aqi.size}, with an AQI {int((aqi != NONE).sum())}")
    print(f"ozone exception (fewer than {WINDOWS_MIN} windows, yet above the limit): {int(exception.sum())} days, of which the AQI moves on {int((aqi != plain[2]).sum())}")
    print(f"8-hour ozone above 800 (1-hour index instead): {int(above.sum())} days")

    wrong = {}
    print("days, ours against exact arithmetic with the product's rules:")
    ours = [(name, ten) for name, ten in zip(["so2", "no2", "co", "o3_8h", "pm10", "pm2_5"], TENS)]
    ours += [(f"iaqi_{name}", 1) for name in ["so2", "no2", "co", "o3_8h", "pm10", "pm2_5"]] + [("aqi", 1), ("primary", 1)]
    for form in ["wide", "long"]:
        path = BENCH / f"out/yundang_day_{form}.parquet"
        wrong[form] = count_days(f"yundang {form}", table_of(path, ours, stations, first), (values, indices, aqi, primary))
    print("days, the peers against exact arithmetic with the bench's simpler rules:")
    theirs = [(name, ten) for name, ten in zip(NAMES, TENS)] + [(f"i_{name}", 1) for name in NAMES] + [("aqi", 1), ("prim", 1)]
    for path in sorted((BENCH / "out").glob("daily_*.parquet")):
        try:
            found = table_of(path, theirs, stations, first)
        except KeyError as missing:
            print(f"  {path.stem:34} has no column {missing}")
            continue
        count_days(path.stem, found, plain)

    exact, simple = years(stations, values, aqi), years(stations, plain[0], plain[2])
    by_month = np.stack([month_rule(values[bit]) for bit in range(6)])
    print("years, ours against exact arithmetic:")
    for form in ["wide", "long"]:
        table = pq.read_table(BENCH / f"out/yundang_year_{form}.parquet").to_pylist()
        differ, by_rule = {}, {}
        for row, line in enumerate(table):
            means, highs, counts, judged_days, good = exact[row]
            valid = [counts[bit] >= 324 and by_month[bit, row] for bit in range(6)]
            expected = {}
            for name, bit, value in [("so2", 0, means), ("no2", 1, means), ("pm10", 4, means), ("pm2_5", 5, means), ("co_p95", 2, highs),
                                     ("o3_p90", 3, highs), ("so2_p98", 0, highs), ("no2_p98", 1, highs), ("pm10_p95", 4, highs), ("pm2_5_p95", 5, highs)]:
                decimals = 1 if bit == 2 else 0
                expected[name] = float(rounded(value[bit], decimals)) if valid[bit] else None
                if counts[bit] >= 324 and not valid[bit]:
                    by_rule[name] = by_rule.get(name, 0) + 1
            expected |= {"valid_days": judged_days, "good_days": good, "good_ratio": float(rounded(Fraction(good, judged_days), 4)) if judged_days else None}
            parts = [(expected["so2"], 60), (expected["no2"], 40), (expected["pm10"], 70), (expected["pm2_5"], 35), (expected["co_p95"], 4), (expected["o3_p90"], 160)]
            # Each item is rounded to two decimals before the sum (环办监测〔2018〕19号).
            expected["composite_index"] = (
                None if any(value is None for value, _ in parts)
                else float(sum(rounded(Fraction(str(value)) / limit, 2) for value, limit in parts))
            )
            for name, value in expected.items():
                if line[name] != value and not (value is not None and line[name] is not None and abs(line[name] - value) < 1e-12):
                    differ[name] = differ.get(name, 0) + 1
        wrong[f"year {form}"] = differ
        print(f"  yundang {form}: {differ or 'equal'}; blank by the months' rule although 324 days are there: {by_rule or 'none'}")
    print("years, the peers against exact arithmetic before rounding (values further than 1e-9 away) and good days:")
    for path in sorted((BENCH / "out").glob("annual_*.parquet")):
        differ, items = {}, []
        for line in pq.read_table(path).to_pylist():
            row = int(np.searchsorted(stations, int(line["station"])))
            means, highs, counts, _, good = simple[row]
            for bit, name in enumerate(NAMES):
                for key, value in [(f"m_{name}", means[bit]), (f"p_{name}", highs[bit])]:
                    if key in line and value is not None and abs(line[key] - float(value)) > 1e-9:
                        differ[key] = differ.get(key, 0) + 1
            if line["good"] != good:
                differ["good"] = differ.get("good", 0) + 1
            ours_index = exact_index(exact[row])
            if line["composite"] is not None and ours_index is not None:
                items.append(abs(line["composite"] - ours_index))
        print(f"  {path.stem:34} {differ or 'equal'}; index without rounding of items differs by up to {max(items, default=0):.3f}")
    if any(wrong.values()):
        sys.exit("our answers differ from exact arithmetic")


def exact_index(year):
    means, highs, counts, *_ = year
    if min(counts) < 324:
        return None
    parts = [(means[0], 0, 60), (means[1], 0, 40), (means[4], 0, 70), (means[5], 0, 35), (highs[2], 1, 4), (highs[3], 0, 160)]
    return float(sum(rounded(rounded(value, decimals) / limit, 2) for value, decimals, limit in parts))


main()
