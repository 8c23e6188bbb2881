"""Spills in rivers of unlike reaches, by finite volumes: nothing of the formulas of `crates/basin`.

basin_spill.py > testdata/basin/chains.csv: for each chain and each section, at 9/10 of a reach, the peak (mg/L), its time (s),
first and last time above a threshold (1 % of the peak of the last section), by Crank-Nicolson with central differences on the equation
    d(A C)/dt + d(Q C)/dx = d/dx(A D dC/dx) - k A C
with fluxes that are equal on both sides of a face. Each chain is solved on two meshes; the finer has half the step in
space and in time, and Richardson's extrapolation is printed; `mesh_error` is a third of the difference. Plain Python, a
minute.
"""
import math

FLOW = 10.0  # m3/s, depth 1 m

# name, decay per day, mass in kg, reaches of (km, width in m, dispersion in m2/s)
CHAINS = [
    ("widening", 0.0, 100.0, [(6, 20, 15), (6, 30, 20), (6, 45, 25)]),
    ("narrowing", 0.0, 100.0, [(6, 45, 25), (6, 30, 20), (6, 20, 15)]),
    ("pool", 0.0, 100.0, [(5, 20, 12), (2, 80, 4), (8, 20, 12)]),
    ("rapids", 0.0, 100.0, [(4, 50, 10), (3, 12, 60), (6, 50, 10)]),
    ("decaying", 1.5, 100.0, [(6, 20, 15), (8, 40, 25), (6, 25, 15)]),
]


def solve(reaches, decay, mass, dx, dt, thresholds):
    """Curves at the sections; the release lies at the upper end of the first reach, with more river above."""
    lead = 3_000.0  # river above the release, like the first reach
    tail = 6_000.0  # and below the last
    parts = [(lead, *reaches[0][1:])] + [(km * 1000.0, w, d) for km, w, d in reaches] + [(tail, *reaches[-1][1:])]
    areas, spreads, ends, sections = [], [], [], []
    for length, width, dispersion in parts:
        sections.append(len(areas) + round(0.9 * length / dx))
        for _ in range(round(length / dx)):
            areas.append(float(width))
            spreads.append(float(dispersion))
        ends.append(len(areas))
    n = len(areas)
    # Conductance of the face between cells i and i+1: two halves in a row.
    conduct = [area * spread / (dx / 2) for area, spread in zip(areas, spreads)]
    face = [1.0 / (1.0 / a + 1.0 / b) for a, b in zip(conduct, conduct[1:])]
    k = decay / 86_400.0
    lower, main, upper = [0.0] * n, [0.0] * n, [0.0] * n
    for i in range(n):
        volume = areas[i] * dx
        main[i] -= k
        if i > 0:  # what comes in from the left
            lower[i] += (FLOW / 2 + face[i - 1]) / volume
            main[i] += (FLOW / 2 - face[i - 1]) / volume
        if i < n - 1:
            main[i] -= (FLOW / 2 + face[i]) / volume
            upper[i] -= (FLOW / 2 - face[i]) / volume
        else:
            main[i] -= FLOW / volume
    left = [-dt / 2 * v for v in lower]
    mid = [1 - dt / 2 * v for v in main]
    right = [-dt / 2 * v for v in upper]
    # Thomas: the matrix stays, so its sweep is made once.
    sweep, scale = [0.0] * n, [0.0] * n
    for i in range(n):
        scale[i] = 1.0 / (mid[i] - (left[i] * sweep[i - 1] if i else 0.0))
        sweep[i] = right[i] * scale[i]
    c = [0.0] * n
    at = ends[0]  # the release stands on the face between two cells
    for i in (at - 1, at):
        c[i] = mass * 1000.0 / 2 / (areas[i] * dx)
    seconds = sum(km * 1000.0 * w / FLOW for km, w, _ in reaches)
    steps = int(seconds * 1.6 / dt)
    curves = [[0.0] for _ in reaches]
    for _ in range(steps):
        b = [0.0] * n
        for i in range(n):
            value = (1 + dt / 2 * main[i]) * c[i]
            if i:
                value += dt / 2 * lower[i] * c[i - 1]
            if i < n - 1:
                value += dt / 2 * upper[i] * c[i + 1]
            b[i] = value
        y = 0.0
        for i in range(n):
            y = (b[i] - left[i] * y) * scale[i]
            c[i] = y
        for i in range(n - 2, -1, -1):
            c[i] -= sweep[i] * c[i + 1]
        for curve, end in zip(curves, sections[1:-1]):
            # The concentration on the face, from the flux that both halves share.
            a, b2 = areas[end - 1] * spreads[end - 1], areas[end] * spreads[end]
            curve.append((a * c[end - 1] + b2 * c[end]) / (a + b2))
    return [measure(curve, dt, t) for curve, t in zip(curves, thresholds or [None] * len(curves))]


def measure(curve, dt, threshold):
    top = max(range(len(curve)), key=curve.__getitem__)
    y0, y1, y2 = curve[top - 1 : top + 2]
    shift = (y0 - y2) / (2 * (y0 - 2 * y1 + y2))
    peak, time = y1 - (y0 - y2) * shift / 4, (top + shift) * dt
    if threshold is None:
        return [time, peak]
    first = next(i for i, v in enumerate(curve) if v >= threshold and i > 0)
    last = next(i for i in range(len(curve) - 1, 0, -1) if curve[i] >= threshold)
    arrival = (first - (curve[first] - threshold) / (curve[first] - curve[first - 1])) * dt
    end = (last + (curve[last] - threshold) / (curve[last] - curve[last + 1])) * dt
    return [time, peak, arrival, end]


print("chain,decay_per_day,mass_kg,reaches,section,threshold_mg_l,peak_s,peak_mg_l,arrival_s,end_s,mesh_error")
for name, decay, mass, reaches in CHAINS:
    rough = solve(reaches, decay, mass, 50.0, 40.0, None)
    threshold = float(f"{0.01 * rough[-1][1]:.3g}")
    coarse, fine = (solve(reaches, decay, mass, 25.0 / m, 20.0 / m, [threshold] * len(reaches)) for m in (1, 2))
    for section, (a, b) in enumerate(zip(coarse, fine)):
        better = [y + (y - x) / 3 for x, y in zip(a, b)]
        error = max(abs(y - x) / abs(y) for x, y in zip(a, b)) / 3
        shape = ";".join(f"{km}:{w}:{d}" for km, w, d in reaches)
        cells = [f"{better[0]:.2f}", f"{better[1]:.6f}", f"{better[2]:.2f}", f"{better[3]:.2f}", f"{error:.1e}"]
        print(",".join([name, str(decay), str(mass), shape, str(section), str(threshold), *cells]))
