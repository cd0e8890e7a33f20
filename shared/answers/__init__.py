"""What edge and origin answer to an evaluation request, word for word the same and free of any HTTP framework.

``read`` checks a call, ``believe`` one with a signed context, ``answer`` evaluates it against what is ``hold``-ed,
``refuse`` reports an error, ``defaults`` answers when nothing is held at all.
"""

from shared.answers.answering import answer, authorise, defaults, names_strong_flag
from shared.answers.believing import believe
from shared.answers.calls import Call, Question, Reply, Standing
from shared.answers.cors import preflight
from shared.answers.held import Held, hold
from shared.answers.problems import refuse
from shared.answers.questions import read
from shared.answers.routes import is_evaluation

__all__ = [
    "Call",
    "Held",
    "Question",
    "Reply",
    "Standing",
    "answer",
    "authorise",
    "believe",
    "defaults",
    "hold",
    "is_evaluation",
    "names_strong_flag",
    "preflight",
    "read",
    "refuse",
]
