#!/usr/bin/env bash
# Habits that a machine can keep. Looks at tracked files only; prints every fault, then fails.
set -uo pipefail
cd "$(dirname "$0")/.."

faults=0
fault() {
  echo "tidy: $*"
  faults=$((faults + 1))
}
# Each line found is a fault: `none WHY COMMAND…`
none() {
  local why=$1 line
  shift
  while IFS= read -r line; do fault "$why: $line"; done < <("$@")
}

git ls-files >/dev/null || exit 1
mapfile -t code < <(git ls-files 'crates/*.rs' 'fuzz/*.rs' 'contracts/*.sol' 'contracts/*.mjs' 'tests/*.mjs')
mapfile -t rust < <(git ls-files 'crates/*.rs')
mapfile -t prose < <(git ls-files '*.md')

for file in "${code[@]}"; do
  lines=$(wc -l <"$file")
  if ((lines > 600)); then
    fault "$file has $lines lines; 600 is the limit, 150 the aim"
  elif ((lines > 250)); then
    echo "tidy (only a remark): $file has $lines lines"
  fi
done

none "left-over macro" grep -nE '\b(todo|unimplemented|dbg)!' "${rust[@]}"
mapfile -t money < <(git ls-files 'crates/domain/*.rs' 'crates/gateway/src/app/*' 'crates/gateway/src/store/*' 'crates/gateway/src/wire/*' 'crates/rails/src/evm*')
none "floating point beside money" grep -nE '\bf(32|64)\b' "${money[@]}"
none "path of somebody's machine" git grep -nE '(^|[^[:alnum:]_./-])/(home|root|Users|work|mnt)/' -- . ':!tests/tidy.sh' ':!*.lock' ':!*package-lock.json'
none "conflict mark" git grep -nE '^(<{7}|>{7}) ' -- . ':!tests/tidy.sh'

# Imports go one way: api, checkout, dashboard, sandbox, workers -> app -> store, rails -> domain; the wire's words know none of them.
imports() { # LAYER FORBIDDEN
  git grep -nE "crate::($2)\b" -- "crates/gateway/src/$1.rs" "crates/gateway/src/$1/*.rs"
}
none "domain imports" git grep -nE '\b(tokio|axum|rusqlite|reqwest|rand|gateway|rails)::' -- 'crates/domain/src/*.rs'
none "rails import" git grep -nE '\b(axum|rusqlite|gateway)::' -- 'crates/rails/src/*.rs'
none "store imports upwards" imports store 'app|api|checkout|dashboard|workers|cli|sandbox|live'
none "wire imports upwards" imports wire 'app|store|api|checkout|dashboard|workers|cli|sandbox|live'
none "app imports upwards" imports app 'api|checkout|dashboard|workers|cli|sandbox|live'

# What the documents point at is there: `path`, `path::test` (a function in that file), and links.
for file in "${prose[@]}"; do
  while IFS= read -r name; do
    path=${name%%::*}
    if [[ ! -e $path ]]; then
      fault "$file names $path, which is not there"
    elif [[ $name == *::* ]] && ! grep -q "fn ${name##*::}\b" "$path"; then
      fault "$file names ${name##*::}, which is not in $path"
    fi
  done < <(grep -oE '`(crates|contracts|tests|docs|fuzz|\.ci|\.config)/[A-Za-z0-9_./-]+(::[a-z0-9_]+)?`' "$file" | tr -d '`' | sort -u)
  while IFS= read -r link; do
    [[ -e $(dirname "$file")/$link ]] || fault "$file links to $link, which is not there"
  done < <(grep -oE '\]\([^)#]+' "$file" | cut -c3- | grep -v '://' | sort -u)
done

number=0
for file in docs/decisions/*.md; do
  number=$((number + 1))
  [[ $(basename "$file") == "$(printf '%04d' $number)"-* ]] || fault "$file: decision $(printf '%04d' $number) is missing or there twice"
done

for script in .ci/setup .ci/run tests/tidy.sh fuzz/run fuzz/instrumented; do
  bash -n "$script" || fault "$script is not a shell script"
  [[ -x $script ]] || fault "$script is not executable"
done

((faults == 0)) && echo "tidy: nothing to mend" || { echo "tidy: $faults to mend"; exit 1; }
