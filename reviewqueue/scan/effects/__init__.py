"""What a change does to one thing: a guard, a probe, a quota, what an evaluation is fed with."""
