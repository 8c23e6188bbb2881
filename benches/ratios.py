"""The table of one run: ours beside the peers, the ratio to the fastest of them, the distance to the floor.

ratios.py results.jsonl: one object a line with label ("engine form"), wall, cpu, peak_gib.
"""
import json
import sys

# What is promised: our share of the fastest peer's wall and CPU time.
PROMISED = {"wide": 1 / 2, "long": 1 / 4}

runs = [json.loads(line) for line in open(sys.argv[1])]
broken = False
for form, share in PROMISED.items():
    of_form = {run["label"].split()[0]: run for run in runs if run["label"].endswith(form)}
    ours, floor = of_form["yundang"], of_form["floor"]
    peers = [run for name, run in of_form.items() if name not in ("yundang", "floor")]
    print(f"\n{form:12} {'wall s':>8} {'CPU s':>8} {'GiB':>6}")
    for name, run in of_form.items():
        print(f"{name:12} {run['wall']:8.2f} {run['cpu']:8.2f} {run['peak_gib']:6.2f}")
    for key in ("wall", "cpu"):
        ratio = ours[key] / min(peer[key] for peer in peers)
        print(f"{key:4}: {ratio:.2f} of the fastest peer (promised {share:.2f}), {ours[key] / floor[key]:.1f} times the floor")
        broken |= ratio > share
    broken |= ours["peak_gib"] >= min(peer["peak_gib"] for peer in peers)
print()
sys.exit("a promise is broken" if broken else 0)
