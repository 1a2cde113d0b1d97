# The report in a container, made without root; README.md shows the commands.
# The job "container" of .github/workflows/ci.yml builds and runs it.
FROM debian:bookworm-20260824-slim@sha256:88200866dfff7ea7f5cbcb6ec7c8a701889efe6fe859fe64d6990e4b07ea4171

RUN apt-get update \
    && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
      ca-certificates git make python3-venv \
      lmodern texlive-fonts-recommended texlive-latex-base texlive-latex-extra texlive-latex-recommended \
    && rm -rf /var/lib/apt/lists/*

RUN useradd --create-home octrepro \
    && install --directory --owner=octrepro /home/octrepro/project

USER octrepro
WORKDIR /home/octrepro/project
COPY --chown=octrepro . .
# PyTorch's build for processors alone is a tenth of PyPI's.
RUN PIP_NO_CACHE_DIR=1 make setup TORCH_INDEX=https://download.pytorch.org/whl/cpu
ENV PATH=/home/octrepro/project/.venv/bin:$PATH
CMD ["make", "report"]
