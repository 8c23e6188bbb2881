"""Fifty people at once: every one asks for verdicts with trace, one after another.

    python3 benches/crowd.py http://127.0.0.1:8866 [PEOPLE] [QUESTIONS EACH]

Prints how long answers took, and fails above the promise: p99 of 100 ms. The sites and facts are those of
testdata/zoning/projects-200. The asking side runs on the same processors; what it needs counts against us.
"""
import http.client, json, pathlib, sys, threading, time, urllib.parse

base, people, each = sys.argv[1], int((sys.argv + ["", "50"])[2] or 50), int((sys.argv + ["", "", "40"])[3] or 40)
root = pathlib.Path(__file__).resolve().parent.parent
features = json.loads((root / "testdata/zoning/projects-200/projects.geojson").read_text())["features"]
bodies = []
for feature in features:
    facts = {name: value for name, value in feature["properties"].items() if name != "id" and value is not None}
    bodies.append(json.dumps({"crs": "EPSG:4490", "as_of": "2026-06-30", "geometry": feature["geometry"], "facts": facts}))
host = urllib.parse.urlparse(base).netloc
took, wrong = [], []


def person(number):
    connection = http.client.HTTPConnection(host)
    for n in range(each):
        # People read before they ask again: a second between two questions, not all at the same moment.
        time.sleep(0.5 + ((number * 37 + n * 61) % 100) / 100)
        body = bodies[(number * each + n) % len(bodies)]
        start = time.perf_counter()
        connection.request("POST", "/api/v1/zoning/screen", body, {"content-type": "application/json"})
        answer = connection.getresponse()
        text = answer.read()
        took.append(time.perf_counter() - start)
        if answer.status != 200:
            wrong.append((answer.status, text[:200]))


threads = [threading.Thread(target=person, args=(n,)) for n in range(people)]
started = time.perf_counter()
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
took.sort()
share = lambda part: took[min(len(took) - 1, int(len(took) * part))] * 1000
print(f"{len(took)} answers in {time.perf_counter() - started:.1f} s, {len(wrong)} wrong {wrong[:2]}")
print(f"p50 {share(.5):.1f} ms, p95 {share(.95):.1f} ms, p99 {share(.99):.1f} ms, longest {took[-1] * 1000:.1f} ms")
sys.exit(0 if share(.99) <= 100 and not wrong else 1)
