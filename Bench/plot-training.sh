#!/usr/bin/env bash
# Draws docs/figures/training.svg and prints the tables of docs/training.md from Bench/Results/training/*.jsonl.
set -euo pipefail
cd "$(dirname "$0")/.."
results=Bench/Results/training
losses=(random semi-hard hardest contrastive arcface)

# points FILE: epoch and accuracy, a line an epoch.
points() {
    sed -n 's/.*"epoch":\([0-9]*\),"event":"epoch".*"accuracy":\([0-9.]*\),.*/\1 \2/p' "$1"
}

# figures FILE: accuracy, its standard error, rank-1 and seconds, of the first epoch and of the last.
figures() {
    sed -n 's/.*"event":"epoch".*"seconds":\([0-9.]*\).*"accuracy":\([0-9.]*\),.*"rankOne":\([0-9.]*\),.*"standardError":\([0-9.]*\).*/\2 \4 \3 \1/p' "$1" |
        sed -n '1p;$p'
}

echo "run | accuracy before | after | standard error | rank-1 before | after | minutes"
for log in "$results"/*.jsonl; do
    name=$(basename "$log" .jsonl)
    [ "$name" = fine-tuning ] && continue
    figures "$log" | awk -v name="$name" '
        NR == 1 { accuracy = $1; rank = $3 }
        END { printf "%s | %.1f %% | %.1f %% | %.1f %% | %.1f %% | %.1f %% | %.0f\n",
              name, 100 * accuracy, 100 * $1, 100 * $2, 100 * rank, 100 * $3, $4 / 60 }'
done
find "$results" -name 'orl-*.jsonl' -exec sed -n 's/.*"epoch":\(0\|60\),"event":"epoch".*"rankOne":\([0-9.]*\),.*/\1 \2/p' {} + |
    awk '{ sum[$1] += $2; count[$1]++ } END { for (epoch in sum)
        printf "mean rank-1 of %d splits after %d epochs: %.1f %%\n", count[epoch], epoch, 100 * sum[epoch] / count[epoch] }'

mkdir -p docs/figures
{
    echo 'set terminal svg size 720,420 background rgb "white" font "sans-serif,12"'
    echo 'set output "docs/figures/training.svg"'
    echo 'set xlabel "epoch"; set ylabel "accuracy on held-out people"; set key bottom right; set grid'
    for loss in "${losses[@]}"; do
        [ -e "$results/$loss.jsonl" ] || continue
        echo "\$${loss//-/_} << EOD"
        points "$results/$loss.jsonl"
        echo EOD
    done
    echo -n "plot"
    separator=" "
    for loss in "${losses[@]}"; do
        [ -e "$results/$loss.jsonl" ] || continue
        echo -n "$separator\$${loss//-/_} with lines linewidth 2 title '$loss'"
        separator=", "
    done
    echo
} | gnuplot
