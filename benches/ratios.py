"""The table of one run: ours beside the peers, the ratio to the fastest of them, the distance to the floor.

ratios.py results.jsonl FORM...: one object a line with label ("engine form"), wall, cpu, peak_gib.
"""
import json
import sys

# What is promised: our share of the fastest peer's wall and CPU time.
PROMISED = {"wide": 1 / 2, "long": 1 / 4, "points": 1 / 2, "parcels": 2 / 5}
# Where less memory than every peer is promised too.
FRUGAL = {"wide", "long", "points", "parcels"}

runs = [json.loads(line) for line in open(sys.argv[1])]
broken = False
for form in sys.argv[2:] or PROMISED:
    share = PROMISED[form]
    of_form = {run["label"].split()[0]: run for run in runs if run["label"].endswith(form)}
    ours, floor = of_form["yundang"], of_form.get("floor")
    peers = [run for name, run in of_form.items() if name not in ("yundang", "floor")]
    print(f"\n{form:12} {'wall s':>8} {'CPU s':>8} {'GiB':>6}")
    for name, run in of_form.items():
        print(f"{name:12} {run['wall']:8.2f} {run['cpu']:8.2f} {run['peak_gib']:6.2f}")
    for key in ("wall", "cpu"):
        ratio = ours[key] / min(peer[key] for peer in peers)
        above = f", {ours[key] / floor[key]:.1f} times the floor" if floor else ""
        print(f"{key:4}: {ratio:.2f} of the fastest peer (promised {share:.2f}){above}")
        broken |= ratio > share
    if form in FRUGAL:
        broken |= ours["peak_gib"] >= min(peer["peak_gib"] for peer in peers)
print()
sys.exit("a promise is broken" if broken else 0)
