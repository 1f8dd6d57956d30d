"""The settings of the house on the layer that loses on purpose."""

from project.settings import *  # noqa: F403
from project.settings import REDIS_URL

CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "tests.lossy.LossyLayer",
        "CONFIG": {"hosts": [REDIS_URL], "prefix": "openhall"} if REDIS_URL else {},
    }
}
