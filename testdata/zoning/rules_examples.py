"""Writes rules-sample.examples.toml: for each sample clause a hit, a miss and an unknown, searched at random and
judged by the reference evaluator. Run by hand: python3 rules_examples.py FOLDER_OF_THE_REFERENCE
"""
import json, pathlib, random, sys, tomllib

here = pathlib.Path(__file__).parent
source = (here / "rules_vectors.py").read_text().replace("\nmain()\n", "\n")
exec(compile(source, "rules_vectors.py", "exec"))  # its generators and the reference


def toml(value):
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{k} = {toml(v)}" for k, v in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(toml, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


def table(values):
    return "{ " + ", ".join(f"{json.dumps(k) if ':' in k else k} = {toml(v)}" for k, v in values.items()) + " }"


def outcome(rule, facts, geo, judged):
    return rules_ref.screen([rule], facts, geo, judged)[1][0]


def shrink(rule, facts, geo, judged, want):
    """Drops what the outcome does not need."""
    for part in (facts, geo, judged):
        for key in sorted(part, key=str):
            value = part.pop(key)
            got = outcome(rule, facts, geo, judged)
            if (got[1], got[2]) != want:
                part[key] = value
    return facts, geo, judged


def main_examples():
    rnd = random.Random(7)
    rules = tomllib.loads((reference / "rules-sample.toml").read_text())["rule"]
    text = "# Examples of the sample clauses; outcomes by the reference evaluator (see README.md).\n"
    for rule in rules:
        words, found, tries = vocabulary([rule]), {}, 0
        while tries < 60000 and (len(found) < 3 or (rule["effect"] == "require" and "unmet" not in found)):
            tries += 1
            names, layers, judges = words
            facts = {n: fact(rnd, n, 0.6, 0) for n in names if rnd.random() > 0.1}
            geo = {k: answer(rnd, k, 0.6) for k in layers if rnd.random() > 0.1}
            judged = {k: True for k in judges if rnd.random() > 0.4}
            _, got, why = outcome(rule, facts, geo, judged)
            name = "miss" if got == "not_applicable" else "unknown" if "(" in got else "unmet" if got == "unmet" else "hit"
            if name not in found:
                found[name] = shrink(rule, facts, geo, judged, (got, why)) + (got, why)
        for name in ("hit", "unmet", "miss", "unknown"):
            if name not in found:
                continue
            facts, geo, judged, got, why = found[name]
            answers = {f"{c}:{k}": v for (c, k), v in geo.items()} | {f"judge:{k}": v for k, v in judged.items()}
            text += f'\n[[example]]\nrule = "{rule["id"]}"\nname = "{name}"\n'
            text += f"facts = {table(facts)}\n" if facts else ""
            text += f"answers = {table(answers)}\n" if answers else ""
            text += f'expect = "{got}"\n'
            if name == "unknown":
                missing = sorted({("judge:" + n if k == "judge" else n) for k, n in (p for p in why if isinstance(p, tuple))})
                text += f"missing = {toml(missing)}\n"
    (here / "rules-sample.examples.toml").write_text(text)
    print(text.count("[[example]]"))


main_examples()
