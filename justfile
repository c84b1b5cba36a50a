# `just` lists what there is. Each recipe is a command you could type.

_list:
    @just --list --unsorted

# a gateway on a simulated chain: no real money, no network
run *args:
    cargo run -- sandbox {{args}}

# every test; `just test -p domain` for some
test *args:
    cargo test {{args}}

# what a change must pass; the same as CI
check:
    .ci/run

fmt:
    cargo fmt --all

lint:
    cargo clippy --workspace --exclude fuzz --all-targets -- -D warnings
    tests/tidy.sh

docs:
    cargo doc --workspace --exclude fuzz --no-deps --open

# licences, advisories, sources (the advisories come over the network)
deny:
    cargo deny check

# measures the gateway beside baselines
bench *args:
    cargo run --release -p bench -- {{args}}

# every state of the payer's page in a real browser: screenshots, accessibility, QR codes
browser out=(justfile_directory() / "target/browser"):
    LOCKGATE_RENDER_DIR={{out}}/pages cargo test -p gateway --lib checkout::tests::write
    node tests/browser/states.mjs {{out}}/pages {{out}}/shots
    node tests/browser/behaviour.mjs {{out}}/pages

# every page of the dashboard in a real browser: screenshots in light, dark and phone width (artifacts/browser/dashboard), accessibility, weights
dashboard:
    LOCKGATE_SCREENSHOTS=1 cargo test -p gateway --test it browser::the_dashboards_pages -- --nocapture

# the README's pictures, of a sandbox of their own
pictures:
    #!/usr/bin/env bash
    set -euo pipefail
    data=$(mktemp -d)
    cargo build --bin lockgate
    LOCKGATE_LOG=error target/debug/lockgate sandbox --listen 127.0.0.1:0 --data "$data" &
    trap 'kill %1; rm -rf "$data"' EXIT
    until [[ -s $data/sandbox.json ]]; do sleep 0.2; done
    node tests/browser/pictures.mjs "$data/sandbox.json" docs/images

# compile the contracts again; their bytecode decides every deposit address
contracts:
    npm ci --prefix contracts --no-audit --no-fund
    node contracts/build.mjs

# `just fuzz log 60`
fuzz target="request" seconds="60":
    fuzz/run {{seconds}} {{target}}

# install what `just check` needs
setup:
    .ci/setup
