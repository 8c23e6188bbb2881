#!/usr/bin/env bash
# The same work in other engines and in ours, on the same files, in one run; then the answers compared.
#
#   benches/run.sh PEERS     PEERS: the folder with the scripts of the other engines (setup.sh, measure.py, p1_*.py)
#
# RUNS (3) is how often each command runs; BENCH (~/.cache/yundang-bench) holds the peers' environments and the data.
# Close everything else first: the figures are medians of few runs, and only their ratio means something.
set -euo pipefail
here=$(cd "$(dirname "$0")/.." && pwd)
peers=${1:?name the folder with the scripts of the other engines}
bench=${BENCH:-$HOME/.cache/yundang-bench}
runs=${RUNS:-3}
[ -f "$peers/setup.sh" ] || { echo "没有其他引擎的脚本 / the peers' scripts are not in $peers; name their folder" >&2; exit 2; }

cd "$here"
cargo build --release --locked --workspace
target=$(cargo metadata --format-version 1 --no-deps --locked | python3 -c 'import json,sys; print(json.load(sys.stdin)["target_directory"])')
yundang=$target/release/yundang
bash "$peers/setup.sh" "$bench"

cd "$bench"
rm -f results.jsonl out/*.parquet
python=venv/bin/python
measure() { # label, command...
    local label=$1; shift
    "$python" measure.py "$label" "$runs" -- "$@" | grep '^{"label"'
}
for form in wide long; do
    [ "$form" = wide ] && variant=pivot || variant=two
    measure "floor $form" "$python" p1_scan.py "$form"
    measure "yundang $form" "$yundang" assess air --input "data/air_$form.parquet" --level year --label start --output "out/yundang_year_$form.parquet"
    measure "polars $form" "$python" p1_polars.py "$form" fold
    measure "datafusion $form" "$python" p1_datafusion.py "$form"
    measure "duckdb $form" "$python" p1_duckdb.py "$form" "$variant"
    "$yundang" assess air --input "data/air_$form.parquet" --level day --label start --output "out/yundang_day_$form.parquet"
done
cmp out/yundang_year_wide.parquet out/yundang_year_long.parquet
"$python" "$here/benches/ratios.py" results.jsonl
"$python" "$here/benches/air_check.py" . "$here/norms"
