# syntax=docker/dockerfile:1
# A gateway and nothing else: no shell, no package manager, not root.
#   docker build -t lockgate --build-arg SOURCE_DATE_EPOCH=$(git log -1 --pretty=%ct) .
#
# The same sources give the same program: the compiler's version, every dependency (Cargo.lock) and all paths are fixed. To fix the base
# images to the byte, too, name them by digest: `docker buildx imagetools inspect rust:1.95.0-slim-bookworm` prints it, and
# `--build-arg BUILD_IMAGE=rust@sha256:…` uses it.
ARG BUILD_IMAGE=rust:1.95.0-slim-bookworm
ARG RUN_IMAGE=gcr.io/distroless/cc-debian12:nonroot

FROM ${BUILD_IMAGE} AS build
ARG SOURCE_DATE_EPOCH=0
ENV SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH} CARGO_INCREMENTAL=0 CARGO_TERM_COLOR=never
WORKDIR /src
COPY Cargo.toml Cargo.lock ./
COPY crates crates
COPY contracts/artifacts contracts/artifacts
# bench is a member of the workspace, and is not built
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/src/target \
    cargo build --profile dist --locked -p gateway --bin lockgate \
    && install -D -m 755 target/dist/lockgate /out/usr/local/bin/lockgate \
    && install -d -m 700 -o 65532 -g 65532 /out/var/lib/lockgate \
    && find /out -exec touch -h -d "@${SOURCE_DATE_EPOCH}" {} +

FROM ${RUN_IMAGE}
COPY --from=build /out /
USER 65532:65532
WORKDIR /var/lib/lockgate
VOLUME /var/lib/lockgate
ENV LOCKGATE_LOG_FORMAT=json
# the gateway, and its numbers
EXPOSE 8080 9464
STOPSIGNAL SIGTERM
ENTRYPOINT ["/usr/local/bin/lockgate"]
CMD ["serve", "--config", "/etc/lockgate/lockgate.toml"]
