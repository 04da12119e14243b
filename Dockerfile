# The bot as an image, for hosts that run containers. compose.yaml runs it with PostgreSQL; see docs/deploy.md.
# The first stage installs, the second one only copies, so neither pip's cache nor a compiler ends up in the image.
FROM python:3.11-slim-bookworm AS build
WORKDIR /app
COPY requirements.txt ./
RUN python -m venv /opt/venv \
    && /opt/venv/bin/python -m pip install --no-cache-dir --disable-pip-version-check --quiet \
        --require-hashes --only-binary=:all: -r requirements.txt
COPY bot ./bot
COPY config/bot.toml ./config/
RUN /opt/venv/bin/python -m compileall -q bot

FROM python:3.11-slim-bookworm
# /data is for a volume with SQLite; this user can't write anywhere else in the image.
RUN groupadd --gid 10001 review-bot \
    && useradd --uid 10001 --gid review-bot --no-create-home --home-dir /data --shell /usr/sbin/nologin review-bot \
    && install -d -o review-bot -g review-bot -m 700 /data
COPY --from=build /opt/venv /opt/venv
COPY --from=build /app /app
WORKDIR /app
ENV PATH=/opt/venv/bin:/usr/local/bin:/usr/bin:/bin \
    PYTHONUNBUFFERED=1 \
    LOG_FORMAT=json
USER 10001:10001
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=5s --start-period=90s \
    CMD ["python", "-c", "import http.client, os, sys; c = http.client.HTTPConnection('127.0.0.1', int(os.environ.get('PORT') or 8080), timeout=4); c.request('GET', '/healthz'); sys.exit(c.getresponse().status != 200)"]
CMD ["python", "-m", "bot", "serve"]
