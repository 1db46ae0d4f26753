"""The stand-ins beside the simulator, EC2 and Systems Manager: all that they hold, taken down and put back."""

import pickle
from dataclasses import dataclass

from local import moto_kept
from local.ssm import kept
from local.ssm.service import Service


@dataclass(frozen=True)
class Aside:
    """Both of one session; nobody asks them anything meanwhile."""

    ssm: Service

    def standing(self) -> bytes:
        """Give what they hold."""
        return pickle.dumps((moto_kept.state(), kept.state(self.ssm)))

    def stand(self, then: bytes) -> None:
        """Let them hold what they held then, and nothing else."""
        aws, ssm = pickle.loads(then)
        moto_kept.restore(aws)
        kept.restore(self.ssm, ssm)
