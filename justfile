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
    cargo fmt --manifest-path fuzz/Cargo.toml

lint:
    cargo clippy --workspace --all-targets -- -D warnings
    tests/tidy.sh

docs:
    cargo doc --workspace --no-deps --open

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
    cargo test -p gateway --test it browser::the_dashboards_pages -- --nocapture

# compile the contracts again; their bytecode decides every deposit address
contracts:
    npm ci --prefix contracts --no-audit --no-fund
    node contracts/build.mjs

# `just fuzz log 60`; with the address sanitizer: `RUSTC_BOOTSTRAP=1 cargo fuzz run log`
fuzz target="request" seconds="60":
    RUSTC_BOOTSTRAP=1 cargo fuzz run --sanitizer none {{target}} -- -max_total_time={{seconds}}

# install what `just check` needs
setup:
    .ci/setup
