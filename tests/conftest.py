"""No test is judged by the clock: machines that do other work are slow at times."""

from hypothesis import settings

settings.register_profile("no clock", deadline=None)
settings.load_profile("no clock")
