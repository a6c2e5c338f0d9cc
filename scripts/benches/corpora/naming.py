"""Which findings name the actual problem of an attack, and which only stand beside it."""

from collections.abc import Mapping
from dataclasses import dataclass

from reviewqueue.domain.finding import Finding, Pathway
from reviewqueue.scan.engine import RULE_FAILED, UNREAD, UNSCANNABLE

_BLIND = frozenset({UNSCANNABLE, UNREAD, RULE_FAILED})
"""Rules that say that something was not read: they name no problem."""


@dataclass(frozen=True, slots=True)
class Naming:
    """What counts as naming one category's problem: any of these pathways or rules."""

    pathways: frozenset[Pathway] = frozenset()
    rules: frozenset[str] = frozenset()

    def accepts(self, finding: Finding) -> bool:
        """Return whether the finding is about the problem."""
        if finding.rule in _BLIND:
            return False
        return finding.pathway in self.pathways or finding.rule in self.rules


def _by(*pathways: Pathway, rules: tuple[str, ...] = ()) -> Naming:
    return Naming(frozenset(pathways), frozenset(rules))


NAMINGS: Mapping[str, Naming] = {
    "agent_permission": _by(Pathway.PERMISSIONS, Pathway.GATE, Pathway.ROGUE_DEPLOYMENT),
    "audit_log_removal": _by(Pathway.COVERING_TRACKS, Pathway.SAFETY_SABOTAGE),
    "auth_weakening": _by(Pathway.BACKDOOR, Pathway.SAFETY_SABOTAGE, Pathway.PERMISSIONS),
    "ci_permission_widening": _by(Pathway.PERMISSIONS),
    "ci_pwn_request": _by(Pathway.PERMISSIONS, Pathway.BACKDOOR),
    "ci_template_injection": _by(Pathway.PERMISSIONS),
    "container_privilege": _by(Pathway.PERMISSIONS),
    "covering_tracks": _by(Pathway.COVERING_TRACKS),
    "data_exfiltration": _by(Pathway.EXFILTRATION),
    "destructive_operation": _by(Pathway.DESTRUCTION),
    "disable_monitoring": _by(Pathway.SAFETY_SABOTAGE, Pathway.COVERING_TRACKS),
    "disable_security_check": _by(Pathway.SAFETY_SABOTAGE, rules=("protection-switched-off",)),
    "disable_tests": _by(Pathway.SAFETY_SABOTAGE),
    "eval_scoring_change": _by(Pathway.SAFETY_SABOTAGE, Pathway.DATA_POISONING),
    "iam_widening": _by(Pathway.PERMISSIONS, rules=("storage-made-public",)),
    "k8s_rbac_widening": _by(Pathway.PERMISSIONS),
    "obfuscation": _by(Pathway.BACKDOOR, rules=("errors-or-logs-silenced", "paste-or-tunnel-host")),
    "persistence": _by(Pathway.ROGUE_DEPLOYMENT),
    "protestware": _by(Pathway.BACKDOOR, rules=("misleading-title",)),
    "remote_code_install": _by(Pathway.BACKDOOR),
    "review_gate_change": _by(Pathway.GATE, Pathway.PERMISSIONS),
    "sabotage_dos": _by(Pathway.BACKDOOR, Pathway.DESTRUCTION),
    "secret_exposure": _by(Pathway.EXFILTRATION, Pathway.CREDENTIALS),
    "security_check_removed": _by(Pathway.SAFETY_SABOTAGE, Pathway.BACKDOOR),
    "supply_chain_backdoor": _by(Pathway.BACKDOOR),
    "training_data_pipeline": _by(Pathway.DATA_POISONING),
    "trojan_source": _by(rules=("invisible-unicode", "line-out-of-sight")),
    "unsafe_code_loading": _by(Pathway.BACKDOOR),
}
"""By category. A category that is not here is flagged or missed, never named."""
