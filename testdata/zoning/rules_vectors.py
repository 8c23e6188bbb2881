"""Writes rules-vectors.jsonl.gz: projects with the outcomes that a reference evaluator gives. Run by hand:

    python3 rules_vectors.py FOLDER_OF_THE_REFERENCE

The folder holds rules_ref.py (three-valued reference semantics) and rules-sample.toml. Nothing here comes from our
own engine. One JSON object a line: {"rules": text} starts a set of rules, the others are projects under the last set.
"""
import ast, collections, functools, gzip, json, pathlib, random, sys, tomllib

reference = pathlib.Path(sys.argv[1])
sys.path.insert(0, str(reference))
sys.dont_write_bytecode = True
import rules_ref  # noqa: E402

parse = functools.lru_cache(None)(ast.parse)
rules_ref.ast.parse = lambda source, mode: parse(source, mode=mode)

CALLS = ("touches", "inside", "dist_m", "headroom", "judge", "under", "exists", "touches_outfall")
INDUSTRIES = ["C3360", "C2614", "C2511", "H6210", "I6510", "I6520", "C1713", "C1910", "C2210", "D4417", "N7820"]
ENUMS = {
    "kind": ["new", "rebuild", "expand", "existing"],
    "industry": INDUSTRIES,
    "building_use": ["residential", "mixed", "office"],
    "land_use_to": ["residential", "public", "industrial"],
    "rinse_method": ["single", "counter_current", "membrane_reuse"],
    "soil_survey": ["none", "passed"],
}
NUMBERS = ("_t", "_m", "_ha", "_q", "_db")


def vocabulary(rules):
    names, layers, judges = set(), set(), set()
    for rule in rules:
        for source in [rule["when"]] + [must["expr"] for must in rule.get("must", [])]:
            tree = ast.parse(source, mode="eval")
            inner = {n for call in ast.walk(tree) if isinstance(call, ast.Call) and call.func.id == "exists"
                     for n in ast.walk(call.args[1]) if isinstance(n, ast.Name)}
            for node in ast.walk(tree):
                if isinstance(node, ast.Name) and node not in inner and node.id not in CALLS + ("true", "false"):
                    names.add(node.id)
                if isinstance(node, ast.Call):
                    if node.func.id == "judge":
                        judges.add(node.args[0].value)
                    elif node.func.id not in ("under", "exists"):
                        layers.add((node.func.id, node.args[0].value))
    return sorted(names), sorted(layers), sorted(judges)


def boiler(rnd, hide):
    item = {"fuel": rnd.choice(["coal", "gas", "heavy_oil"]), "t_h": rnd.choice([5, 20, 35, 40])}
    return {key: value for key, value in item.items() if rnd.random() >= hide}


def fact(rnd, name, hot, hide):
    if name in ENUMS:
        return rnd.choice(ENUMS[name])
    if name == "processes":
        return [p for p in ("coating", "printing", "electroplating") if rnd.random() < hot]
    if name == "boilers":
        return [boiler(rnd, hide) for _ in range(rnd.choice([0, 1, 1, 2, 3]))] if rnd.random() < max(hot, 0.2) else []
    if name == "low_voc_share":
        return rnd.choice([0.7, 0.6, 0.59, 0.1])
    if name == "water_unit_compliant":
        return rnd.random() > hot
    if name.startswith("offset"):
        return rnd.choice([0, 3, 4, 10])
    if name.endswith("_db"):
        return rnd.choice([40, 45, 55, 60])
    if name.endswith(NUMBERS):
        return rnd.choice([1.5, 2, 60]) if rnd.random() < hot else rnd.choice([0, 0, 0, -1])
    return rnd.random() < hot


def answer(rnd, key, hot):
    if key[0] == "dist_m":
        return 5000 if rnd.random() > hot else rnd.choice([50, 100, 300, 999.5])
    if key[0] == "headroom":
        return rnd.choice([100, 2, 0])
    return rnd.random() < hot


def case(rnd, rules, words, hot, hide, lean=()):
    """A project; `lean` are facts and answers that make a rare verdict likely."""
    names, layers, judges = words
    keep = lambda items: {key: value for key, value in items if rnd.random() >= hide}
    facts = keep([(n, fact(rnd, n, hot, hide / 2)) for n in names])
    geo = keep([(k, answer(rnd, k, hot)) for k in layers])
    for where, key, value in lean:
        (facts if where == "fact" else geo)[key] = value
    judged = keep([(k, rnd.random() < 0.4) for k in judges if rnd.random() < 0.7])
    verdict, outcomes = rules_ref.screen(rules, facts, geo, judged)
    told = {}
    for rule, outcome, why in outcomes:
        if outcome == "not_applicable":
            continue
        missing = sorted({tuple(part) for part in why if isinstance(part, tuple)})
        told[rule] = [outcome] + ([["judge:" + n if k == "judge" else n for k, n in missing]] if missing else [])
    geo = {f"{call}:{key}": value for (call, key), value in geo.items()}
    return {"facts": facts, "answers": geo, "judged": judged, "verdict": verdict, "outcomes": told}


# Random rules, typed so that both engines accept them. Every layer is asked in one way only.
def condition(rnd, depth):
    if depth == 0 or rnd.random() < 0.2:
        return rnd.choice([
            lambda: f"touches('t{rnd.randrange(3)}')",
            lambda: f"inside('i{rnd.randrange(2)}')",
            lambda: f"dist_m('d{rnd.randrange(2)}') {rnd.choice(['<', '<=', '>', '>='])} {rnd.choice([50, 100, 300])}",
            lambda: f"judge('j{rnd.randrange(2)}')",
            lambda: rnd.choice(["two_high", "industrial", "emits_noise", "new_outfall"]),
            lambda: f"kind == '{rnd.choice(ENUMS['kind'])}'",
            lambda: f"kind in {rnd.sample(ENUMS['kind'], 2)}",
            lambda: f"'{rnd.choice(['coating', 'printing'])}' in processes",
            lambda: f"under(industry, '{rnd.choice(['C', 'C26', 'C3360', 'H62'])}', '{rnd.choice(['C25', 'D4417'])}')",
            lambda: f"exists(boilers, {item(rnd, 2)})",
            lambda: f"{amount(rnd, 2)} {rnd.choice(['<', '<=', '>', '>=', '=='])} {amount(rnd, 2)}",
            lambda: f"two_high == {rnd.choice(['true', 'false'])}",
        ])()
    kind = rnd.choice(["and", "and", "or", "or", "not"])
    if kind == "not":
        return f"not ({condition(rnd, depth - 1)})"
    return "(" + f" {kind} ".join(condition(rnd, depth - 1) for _ in range(rnd.choice([2, 2, 3]))) + ")"


def item(rnd, depth):
    if depth == 0 or rnd.random() < 0.4:
        return rnd.choice([f"fuel == '{rnd.choice(['coal', 'gas'])}'", f"t_h < {rnd.choice([20, 35])}", "fuel in ['coal','heavy_oil']"])
    return f"({item(rnd, depth - 1)} {rnd.choice(['and', 'or'])} {item(rnd, depth - 1)})"


def amount(rnd, depth):
    if depth == 0 or rnd.random() < 0.4:
        return rnd.choice(["delta_cod_t", "offset_cod_t", "delta_voc_t", "offset_voc_t", "headroom('voc')", str(rnd.choice([0, 1, 2.5, 3]))])
    kind = rnd.choice(["+", "-", "*"])
    left = str(rnd.choice([2, 0.5, 3])) if kind == "*" else amount(rnd, depth - 1)
    return f"({left} {kind} {amount(rnd, depth - 1)})"


def random_rules(rnd):
    text = ""
    for number in range(rnd.choice([2, 4, 6])):
        effect = rnd.choice(["prohibit", "require", "require", "review", "procedure", "encourage"])
        text += f'[[rule]]\nid = "X{number}"\ndimension = "spatial"\nrank = "city"\neffect = "{effect}"\n'
        text += f'when = "{condition(rnd, rnd.choice([1, 2, 3]))}"\ncite = "甲"\n'
        if effect == "require":
            musts = ", ".join(f'{{ expr = "{condition(rnd, 1)}", say = "s" }}' for _ in range(rnd.choice([1, 2, 3])))
            text += f"must = [{musts}]\n"
        text += {"review": 'question = "q"\n', "procedure": 'say = "s"\n'}.get(effect, "")
    return text


def main():
    rnd = random.Random(20261124)
    sample = (reference / "rules-sample.toml").read_text()
    rules = tomllib.loads(sample)["rule"]
    lines, counts = [json.dumps({"rules": "rules-sample.toml"})], collections.Counter()
    words, wanted = vocabulary(rules), 500
    leans = [
        [("geo", ("touches", "water_source_quasi"), True), ("fact", "kind", "new")],
        [("geo", ("touches", "marine_species_reserve"), True), ("fact", "underwater_noise_work", True)],
        [("geo", ("touches", "urban_builtup"), True), ("fact", "kind", "expand"), ("fact", "boilers", [{"fuel": "coal", "t_h": 20}])],
        [("fact", "risk_q", 1), ("geo", ("dist_m", "sensitive_receptor"), 499.99)],
    ]
    while any(counts["sample", v] < wanted for v in ("PROHIBITED", "NEEDS_INFORMATION", "RESTRICTED_UNMET", "NEEDS_JUDGEMENT", "ALLOWED_WITH_CONDITIONS", "ALLOWED")):
        lean = rnd.choice(leans) if rnd.random() < 0.3 else ()
        one = case(rnd, rules, words, rnd.choice([0, 0.01, 0.02, 0.08, 0.25]), rnd.choice([0, 0, 0, 0.01, 0.03, 0.1]), lean)
        if counts["sample", one["verdict"]] < wanted:
            counts["sample", one["verdict"]] += 1
            lines.append(json.dumps(one, ensure_ascii=False, separators=(",", ":")))
    for _ in range(700):
        text = random_rules(rnd)
        lines.append(json.dumps({"rules_text": text}, ensure_ascii=False))
        rules = tomllib.loads(text)["rule"]
        words = vocabulary(rules)
        for _ in range(8):
            one = case(rnd, rules, words, rnd.choice([0.1, 0.4, 0.6]), rnd.choice([0, 0, 0.1, 0.3]))
            counts["random", one["verdict"]] += 1
            lines.append(json.dumps(one, ensure_ascii=False, separators=(",", ":")))
    path = pathlib.Path(__file__).with_name("rules-vectors.jsonl.gz")
    with open(path, "wb") as raw, gzip.GzipFile("", "wb", 9, raw, mtime=0) as out:
        out.write(("\n".join(lines) + "\n").encode())
    print(len(lines), path.stat().st_size, dict(counts))


main()
