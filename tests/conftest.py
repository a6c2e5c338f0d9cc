"""Settings of the whole suite."""

from hypothesis import HealthCheck, settings

# Nothing here may depend on how fast a machine is.
settings.register_profile("suite", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("suite")
