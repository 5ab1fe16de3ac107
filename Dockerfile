# One image for every program of the system; which one runs is the command. docs/how-to/run-in-containers.md
FROM node:24.21-bookworm-slim AS dependencies
WORKDIR /choreo
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --ignore-scripts

FROM dependencies AS build
RUN npm ci --ignore-scripts
COPY tsconfig.json ./
COPY shared shared
COPY services services
COPY rabbitmq rabbitmq
COPY choreography choreography
COPY system system
COPY cli cli
COPY local/providers local/providers
RUN npx tsc -p tsconfig.json --incremental false

FROM node:24.21-bookworm-slim
LABEL org.opencontainers.image.title="choreo" \
      org.opencontainers.image.description="An order saga by choreography on RabbitMQ" \
      org.opencontainers.image.licenses="MIT"
# The same young generation as `npm start` gives, and errors name the same lines: see
# local/supervision/processes.ts.
ENV NODE_ENV=production NODE_OPTIONS="--enable-source-maps --max-semi-space-size=32"
WORKDIR /choreo
# Only the simulated providers write, and only here: their ledgers. All else runs on a read-only file system.
RUN install -d -o node -g node /data
COPY package.json ./
COPY --from=dependencies /choreo/node_modules node_modules
COPY --from=build /choreo/dist dist
# The command line: `node cli/choreo.mjs status`.
COPY cli/choreo.mjs cli/
USER node
# Every program has its private port here; only order has a public one.
EXPOSE 3000 3100
STOPSIGNAL SIGTERM
# Whether requests are answered, as Kubernetes asks, too: a RabbitMQ that is away makes nothing unhealthy, for a restart would not bring
# it back, and orders are taken meanwhile. `status` tells the rest.
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:3100/readyz/http').then(({ ok }) => process.exit(ok ? 0 : 1))"]
# Node is process 1: it gets SIGTERM itself, finishes what it has begun, and ends.
CMD ["node", "dist/services/order/main.js"]
