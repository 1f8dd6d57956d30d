# One image for web processes and workers.
FROM python:3.11-slim-trixie

# For `manage.py backup`: pg_dump must be no older than the server of docker-compose.yml.
RUN apt-get update && apt-get install --yes --no-install-recommends postgresql-client && rm -rf /var/lib/apt/lists/*
RUN useradd --create-home --uid 1000 openhall && mkdir /data && chown openhall /data
WORKDIR /srv/openhall
COPY requirements requirements
COPY package.json package-lock.json .npmrc ./
COPY scripts scripts
# With the extra `fast`, so that OPENHALL_SERVER alone chooses the server.
RUN scripts/setup --fast

COPY . .
# Translations came with the rest; everything else is already done.
RUN scripts/setup --fast && .venv/bin/python -m compileall -q accounts audit engagement forums journal messaging notices portal project search sms wiki

USER openhall
ENV OPENHALL_DATA_DIR=/data PYTHONUNBUFFERED=1
EXPOSE 8000
HEALTHCHECK CMD [".venv/bin/python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz')"]
CMD [".venv/bin/python", "manage.py", "serve", "--host", "0.0.0.0", "--no-worker"]
