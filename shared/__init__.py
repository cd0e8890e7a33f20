"""The domain: model, evaluation, snapshot format and answers; pure, the same at the edge, the origin and in process."""

VERSION = "0.1.0"
