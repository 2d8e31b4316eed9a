# The image of web, worker and beat. Build: docker compose build. Run: docker-compose.yml.
FROM python:3.12-slim AS packages
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
SHELL ["/bin/bash", "-o", "pipefail", "-c"]
WORKDIR /build
COPY requirements.lock pyproject.toml ./
# Of the one lock, hashes and all, only what pyproject names for running: no test tools in the image.
RUN python -m venv /tools && python -m venv /venv \
    && awk '/^uv==/ { on = 1; print; next } on && /^    / { print; next } { on = 0 }' requirements.lock > uv.lock \
    && /tools/bin/pip install --quiet --require-hashes -r uv.lock \
    && /tools/bin/uv pip compile pyproject.toml --extra s3 --constraint requirements.lock --no-header --no-annotate --quiet \
       | sed 's/==.*//' > names \
    && awk 'NR == FNR { want[$1]; next } /^[a-z0-9]/ { name = $1; sub(/[=[].*/, "", name); on = name in want } on' \
       names requirements.lock > runtime.lock \
    && /tools/bin/uv pip install --quiet --compile-bytecode --python /venv/bin/python --require-hashes -r runtime.lock

FROM python:3.12-slim
# Whatever Debian's stable release has mended until the day the image is built.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install -y --no-install-recommends libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-dejavu-core \
       postgresql-client \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --uid 10001 --create-home --shell /usr/sbin/nologin eco \
    && install -d -o eco -g eco /data
COPY --from=packages /venv /venv
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 ECO_VAR=/data ECO_COMPRESSED_STATIC=1 \
    ECO_STATIC=/srv/static XDG_CACHE_HOME=/tmp
WORKDIR /srv/app
COPY . .
# Hashed and compressed once, here; the key is only there because the settings ask for one.
RUN ECO_SECRET_KEY=build python manage.py collectstatic --noinput --verbosity 0
USER 10001
VOLUME /data
EXPOSE 8000
CMD ["gunicorn", "ecoeficiencia.wsgi", "--bind", "0.0.0.0:8000", "--worker-class", "gthread", "--workers", "3", \
     "--threads", "4", "--timeout", "60", "--max-requests", "2000", "--max-requests-jitter", "200", \
     "--worker-tmp-dir", "/dev/shm", "--no-control-socket"]
