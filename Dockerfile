# syntax=docker/dockerfile:1
# A target for each service, and `setup` for the step before them: docker build --target wallet-service .

FROM node:20.20.2-bookworm-slim AS base
WORKDIR /app

FROM base AS manifests
COPY package.json package-lock.json ./
COPY shared/package.json shared/
COPY gateway/package.json gateway/
COPY auth-service/package.json auth-service/
COPY wallet-service/package.json wallet-service/
COPY loan-service/package.json loan-service/
COPY inventory-service/package.json inventory-service/
COPY reporting-service/package.json reporting-service/
COPY client/package.json client/
COPY scripts/package.json scripts/
COPY bench/package.json bench/

FROM manifests AS build
RUN --mount=type=cache,target=/root/.npm npm ci --ignore-scripts --no-audit --no-fund
COPY . .
RUN node scripts/build.mjs

# What runs, without what builds and tests.
FROM manifests AS packages
RUN --mount=type=cache,target=/root/.npm npm ci --omit=dev --ignore-scripts --no-audit --no-fund \
    -w shared -w gateway -w auth-service -w wallet-service -w loan-service -w inventory-service -w reporting-service

FROM base AS runtime
ENV NODE_ENV=production NODE_OPTIONS=--enable-source-maps HOST=0.0.0.0 PORT=3000 METRICS_PORT=3100
RUN rm -rf /usr/local/lib/node_modules/npm /usr/local/bin/npm /usr/local/bin/npx /opt/yarn*
COPY --from=packages /app/node_modules node_modules
COPY --from=build /app/shared/package.json shared/package.json
COPY --from=build /app/shared/dist shared/dist
COPY docker/health.mjs health.mjs
# The user `node`, by number, so that an orchestrator can see that it is not root.
USER 1000:1000
EXPOSE 3000 3100
HEALTHCHECK --interval=10s --timeout=3s --start-period=60s CMD ["node", "health.mjs"]

FROM runtime AS setup
# A volume takes its owner from here.
USER 0
RUN install -d -o 1000 -g 1000 /backups
USER 1000:1000
HEALTHCHECK NONE
CMD ["node", "shared/dist/setup/main.js", "servers"]

FROM runtime AS gateway
COPY --from=build /app/gateway/package.json gateway/package.json
COPY --from=build /app/gateway/dist gateway/dist
CMD ["node", "gateway/dist/main.js"]

FROM runtime AS auth-service
COPY --from=build /app/auth-service/package.json auth-service/package.json
COPY --from=build /app/auth-service/dist auth-service/dist
CMD ["node", "auth-service/dist/main.js"]

FROM runtime AS wallet-service
COPY --from=build /app/wallet-service/package.json wallet-service/package.json
COPY --from=build /app/wallet-service/dist wallet-service/dist
CMD ["node", "wallet-service/dist/main.js"]

FROM runtime AS loan-service
COPY --from=build /app/loan-service/package.json loan-service/package.json
COPY --from=build /app/loan-service/dist loan-service/dist
CMD ["node", "loan-service/dist/main.js"]

FROM runtime AS inventory-service
COPY --from=build /app/inventory-service/package.json inventory-service/package.json
COPY --from=build /app/inventory-service/dist inventory-service/dist
CMD ["node", "inventory-service/dist/main.js"]

FROM runtime AS reporting-service
COPY --from=build /app/reporting-service/package.json reporting-service/package.json
COPY --from=build /app/reporting-service/dist reporting-service/dist
CMD ["node", "reporting-service/dist/main.js"]
