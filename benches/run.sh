#!/usr/bin/env bash
# The same work in other engines and in ours, on the same files, in one run; then the answers compared.
#
#   benches/run.sh PEERS [air|overlay]     PEERS: the folder with the scripts of the other engines
#                                          (setup.sh, measure.py, p1_*.py, p2_*.py); without a part: both
#
# RUNS (3) is how often each command runs; BENCH (~/.cache/yundang-bench) holds the peers' environments and the data;
# YUNDANG is a program that is already built, else it is built here.
# Close everything else first: the figures are medians of few runs, and only their ratio means something.
set -euo pipefail
here=$(cd "$(dirname "$0")/.." && pwd)
peers=${1:?name the folder with the scripts of the other engines}
parts=${2:-air overlay}
bench=${BENCH:-$HOME/.cache/yundang-bench}
runs=${RUNS:-3}
[ -f "$peers/setup.sh" ] || { echo "没有其他引擎的脚本 / the peers' scripts are not in $peers; name their folder" >&2; exit 2; }

cd "$here"
if [ -n "${YUNDANG:-}" ]; then
    yundang=$YUNDANG
else
    cargo build --release --locked --workspace
    target=$(cargo metadata --format-version 1 --no-deps --locked | python3 -c 'import json,sys; print(json.load(sys.stdin)["target_directory"])')
    yundang=$target/release/yundang
fi
bash "$peers/setup.sh" "$bench"

cd "$bench"
python=venv/bin/python
results=
measure() { # label, command...
    local label=$1; shift
    "$python" measure.py "$label" "$runs" -- "$@" | grep '^{"label"' | tee -a "$results"
}

air() {
    rm -f out/yundang_*.parquet out/daily_*.parquet out/annual_*.parquet
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
    "$python" "$here/benches/ratios.py" "$results" wide long
    "$python" "$here/benches/air_check.py" . "$here/norms"
}

overlay() {
    rm -f out/overlay_*.parquet
    measure "yundang points" "$yundang" overlay --zones data/zones.parquet --with data/points.parquet --output out/overlay_points.parquet
    measure "sedona points" "$python" p2_sedona.py points
    measure "duckdb points" venv_sp/bin/python p2_duckdb.py points
    measure "geopandas points" "$python" p2_geopandas.py points
    measure "yundang parcels" "$yundang" overlay --zones data/zones.parquet --with data/projects.parquet --areas --output out/overlay_parcels.parquet
    measure "sedona parcels" "$python" p2_sedona.py projects
    measure "duckdb parcels" venv_sp/bin/python p2_duckdb.py projects
    measure "geopandas parcels" "$python" p2_geopandas.py projects
    "$python" "$here/benches/ratios.py" "$results" points parcels
    "$python" "$here/benches/overlay_check.py" .
}

for part in $parts; do
    results=results_$part.jsonl
    rm -f "$results"
    "$part"
done
