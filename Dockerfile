# A server in a small image: built from this tree, run by nobody in particular, writing to /data alone.
ARG PYTHON=python:3.11.13-slim-bookworm

FROM ${PYTHON} AS build
WORKDIR /src
RUN python -m venv /uv && /uv/bin/pip install --no-cache-dir --disable-pip-version-check uv==0.13.9
COPY pyproject.toml uv.lock README.md LICENSE ./
# What the lock names, checked by its hashes, in a layer of its own: it changes less often than the code.
RUN /uv/bin/uv export --frozen --quiet --no-dev --no-emit-project --output-file /requirements.txt \
    && /uv/bin/uv venv --python "$(command -v python3)" /opt/meetingsim \
    && /uv/bin/uv pip install --no-cache --python /opt/meetingsim --require-hashes --requirement /requirements.txt
COPY meetingsim meetingsim
RUN /uv/bin/uv build --no-cache --wheel --out-dir /dist \
    && /uv/bin/uv pip install --no-cache --python /opt/meetingsim --no-deps /dist/*.whl \
    && /opt/meetingsim/bin/python -m compileall -q /opt/meetingsim/lib

FROM ${PYTHON}
RUN groupadd --gid 10001 meetingsim \
    && useradd --uid 10001 --gid meetingsim --no-create-home --shell /usr/sbin/nologin meetingsim \
    && install --directory --owner meetingsim --group meetingsim --mode 0700 /data
COPY --from=build /opt/meetingsim /opt/meetingsim
# Reached from outside the container, and so it refuses to start without MEETINGSIM_ADMIN_TOKEN.
ENV PATH=/opt/meetingsim/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    MEETINGSIM_HOST=0.0.0.0 \
    MEETINGSIM_DATA=/data
VOLUME /data
EXPOSE 8765
USER 10001:10001
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import http.client, os; c = http.client.HTTPConnection('127.0.0.1', int(os.environ.get('MEETINGSIM_PORT') or 8765), timeout=3); c.request('GET', '/health'); raise SystemExit(c.getresponse().status != 200)"]
ENTRYPOINT ["meetingsim"]
CMD ["serve"]
