# The build server itself.
#
#   docker build -t docker-builder .
#   docker run -d --init --name docker-builder -p 127.0.0.1:5000:5000 \
#     -v docker-builder:/data -v /var/run/docker.sock:/var/run/docker.sock \
#     --group-add "$(stat -c %g /var/run/docker.sock)" -e DOCKER_BUILDER_TOKEN=<a long secret> docker-builder
#
# --group-add lets the user `node` use the engine's socket. Whoever may use that socket is root on its machine: give
# the container a DOCKER_HOST of its own where that is too much. --init collects what git leaves behind.

FROM node:24-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund

FROM node:24-slim
RUN apt-get update \
 && apt-get install -y --no-install-recommends ca-certificates git git-lfs openssh-client \
 && rm -rf /var/lib/apt/lists/* \
 && install -d -o node -g node /data
WORKDIR /app
COPY --from=dependencies /app/node_modules ./node_modules
COPY package.json LICENSE ./
COPY builder ./builder
COPY public ./public
COPY server ./server
USER node
# A container listens for others, so the server wants DOCKER_BUILDER_TOKEN, or USERNAME and PASSWORD, to start.
ENV NODE_ENV=production DOCKER_BUILDER_LISTEN=0.0.0.0 DOCKER_BUILDER_PORT=5000 DOCKER_BUILDER_DATA=/data
VOLUME /data
EXPOSE 5000
HEALTHCHECK --interval=30s --timeout=5s --start-period=10s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.DOCKER_BUILDER_PORT}/health`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["/app/server/main.js"]
