# syntax=docker/dockerfile:1

# The widget and the console, which the server carries inside it.
FROM node:22-bookworm-slim AS front-ends
WORKDIR /src
COPY package.json package-lock.json .npmrc tsconfig.base.json ./
COPY wire/ts/package.json wire/ts/
COPY widget/package.json widget/
COPY console/package.json console/
COPY tests/browser/package.json tests/browser/
RUN npm ci
COPY wire/ts wire/ts
COPY widget widget
COPY console console
RUN npm run build

FROM rust:1.95-bookworm AS server
WORKDIR /src
COPY . .
COPY --from=front-ends /src/widget/dist widget/dist
COPY --from=front-ends /src/console/dist console/dist
# The caches are not part of the layer, so the program is copied out of them.
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/src/target \
    cargo build --locked --profile dist --package switchboard \
    && cp target/dist/switchboard /usr/local/bin/switchboard

FROM debian:bookworm-slim
RUN apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates curl tini \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --home-dir /data --shell /usr/sbin/nologin switchboard \
    && install --directory --owner switchboard --group switchboard --mode 0700 /data
COPY --from=server /usr/local/bin/switchboard /usr/local/bin/switchboard

# There is no Postgres in here: DATABASE_URL names one (see compose.yaml).
ENV SWITCHBOARD_LISTEN=0.0.0.0:8080 SWITCHBOARD_DATA=/data
USER switchboard
WORKDIR /data
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s \
    CMD ["curl", "--fail", "--silent", "--output", "/dev/null", "http://127.0.0.1:8080/healthz"]
# tini collects orphans and hands SIGTERM on, upon which the server drains.
STOPSIGNAL SIGTERM
ENTRYPOINT ["tini", "--", "switchboard"]
CMD ["serve"]
