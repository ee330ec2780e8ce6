# The image holds Sextant, its encoder and the starter corpus; the index is built into the volume
# /data on the first start. It runs as a user without rights and with a read-only root.
#
#   docker build -t sextant .
#   docker run --read-only --tmpfs /tmp -v sextant-data:/data -p 127.0.0.1:8000:8000 sextant
#
# Build arguments:
#   EXTRAS                  extras of pyproject.toml to install, comma-separated
#   PIP_INDEX_URL, PIP_EXTRA_INDEX_URL
#                           as pip reads them: name an index of CPU-only torch wheels here, and the
#                           image is some gigabytes smaller than with the default, CUDA ones

ARG PYTHON_VERSION=3.11

FROM python:${PYTHON_VERSION}-slim AS build
ARG EXTRAS=""
ARG PIP_INDEX_URL=""
ARG PIP_EXTRA_INDEX_URL=""
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore
WORKDIR /src
RUN python -m venv /opt/sextant
# Dependencies first: this layer is built again only when they change.
COPY pyproject.toml constraints.txt ./
RUN python -c "import sys, tomllib; \
project = tomllib.load(open('pyproject.toml', 'rb'))['project']; \
extras = [extra for extra in sys.argv[1].split(',') if extra]; \
print('setuptools', *project['dependencies'], sep='\n'); \
[print(*project['optional-dependencies'][extra], sep='\n') for extra in extras]" "${EXTRAS}" > requirements.txt \
 && /opt/sextant/bin/pip install -c constraints.txt -r requirements.txt
COPY . .
RUN /opt/sextant/bin/pip install --no-deps --no-build-isolation .

FROM python:${PYTHON_VERSION}-slim
RUN useradd --uid 10001 --no-create-home --home-dir /data --shell /usr/sbin/nologin sextant \
 && install -d -o sextant -g sextant /data
COPY --from=build /opt/sextant /opt/sextant
# Nothing is written outside /data: models of a hub, when one is set, go to /data/models.
ENV PATH=/opt/sextant/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    HOME=/data \
    HF_HOME=/data/models \
    SEXTANT_DATA=/data
USER sextant
WORKDIR /data
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 \
  CMD ["python", "-c", "import urllib.request as r; r.build_opener(r.ProxyHandler({})).open('http://127.0.0.1:8000/readyz', timeout=4)"]
CMD ["sextant", "serve", "--host", "0.0.0.0", "--port", "8000"]
