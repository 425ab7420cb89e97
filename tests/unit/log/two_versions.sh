#!/bin/bash
# Two versions of the log take turns with one folder, as the slots of an image do while the new one is on trial: that of format 1, the
# last before it had positions in its frames, built from this repository's history, and the present one, which keeps the format.
#
#   two_versions.sh FOLDER [LIVES]      200 unless told otherwise
set -euo pipefail
here=$(dirname "$(realpath "$0")")
root=$here/../../..
folder=$1 lives=${2:-200}
before=11fff27^ # "log: the cursors' positions ride on the commits"
rm -rf "$folder"
mkdir -p "$folder/before"
git -C "$root" archive "$before" bridge/log | tar -x -C "$folder/before"

build() { # SOURCES PROGRAM [DEFINE]
  g++ -std=c++20 -O1 -I "$1" ${3:+"$3"} "$here/log_life.cpp" "$1"/bridge/log/*.cpp -o "$folder/$2" -lzstd -lpthread
}
build "$folder/before" before_life &
build "$root" trial_life -DKEEP_FORMAT &
wait -n && wait -n
build "$root" kept_life

seed=${WEATHER_TEST_SEED:-$((RANDOM * 32768 + RANDOM))}
echo "seed: WEATHER_TEST_SEED=$seed"
RANDOM=$seed
for ((life = 0; life < lives; life++)); do
  if ((life == 0 || RANDOM % 2)); then program=before_life; else program=trial_life; fi
  "$folder/$program" "$folder/log" $((seed + life)) >>"$folder/lives" || { echo "life $life: $program" >&2; exit 1; }
done
"$folder/kept_life" "$folder/log" 1
"$folder/trial_life" "$folder/log" 2
"$folder/before_life" "$folder/log" 3 refused
echo "$lives lives of two versions: $(cat "$folder/log.told") records and delivered; after the commit the older one refuses it"
rm -rf "$folder"
