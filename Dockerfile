# The origin, and the `flaghoist` command beside it. NOT RUN HERE: see compose.yaml.
FROM python:3.13-slim

ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN useradd --system --create-home --uid 10001 flaghoist
WORKDIR /app

COPY requirements/origin.txt requirements/origin.txt
RUN pip install --require-hashes -r requirements/origin.txt

COPY LICENSE ./
COPY shared shared
COPY origin origin
COPY scripts scripts
RUN pip install --no-deps --no-build-isolation --no-index ./shared ./origin ./scripts

USER flaghoist
ENV FLAGHOIST_HOST=0.0.0.0 FLAGHOIST_PORT=8000 FLAGHOIST_DATA_DIR=/home/flaghoist/data
EXPOSE 8000
ENTRYPOINT []
CMD ["flaghoist-origin"]
