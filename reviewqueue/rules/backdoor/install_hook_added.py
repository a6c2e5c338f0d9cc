r"""Code that runs when somebody installs, builds or opens the project.

What it flags
    Added install scripts of a package: npm's `preinstall`, `install`, `postinstall`,
    `setup.py` with a `cmdclass`, a subclass of an installer's command, gem extensions,
    Composer scripts, command expansions in `binding.gyp`, `build.rs` that starts programs
    or opens connections, an editor's task that runs on opening a folder, and dependencies
    newly allowed to run theirs. High where the hook fetches, decodes or evaluates.

Why it matters
    It runs on every machine that installs the package, with the user's rights, before
    anybody has called a function; most malicious packages live here.

How to review it
    Read the script it starts, and what that starts in turn.
    Ask why installing needs to run anything at all.

Not flagged
    `prepare` scripts that build or set up git hooks (they run for developers only);
    extensions in C that are merely compiled.

Seen in
    ATT&CK T1195.002 (compromise of the software supply chain) and T1546.016 (installer
    packages); eslint-scope 3.7.2 (2018), ua-parser-js 0.7.29 (2021), the Shai-Hulud worm
    on npm (September 2025).
"""

from collections.abc import Iterator

from reviewqueue.domain.finding import Confidence, Pathway, Severity
from reviewqueue.scan.kinds import Kind, expressions, marked
from reviewqueue.scan.rule import Capability, Hit, Rule, Stability, View, expression

_WORSE = (
    r"(?i)curl|wget|https?:|node\s+-e|node\s+--eval|python[\d.]*\s+-c|base64|powershell|\biex\b|"
    r"\beval\b|(?:ba)?sh\s+-c|>\s*/dev/null|nslookup|\bdig\s|whoami|\$\(|\bnc\s"
)
_KINDS = (
    Kind(
        r"\"(?:preinstall|install|postinstall|preuninstall|postuninstall|preprepare|postprepare|"
        r"prepublish)\"\s*:\s*\"",
        "runs a program on every machine that installs the package",
        unless=r"\"(?:postinstall|prepublish)\"\s*:\s*\"(?:husky|patch-package|lefthook|"
        r"simple-git-hooks|(?:npm|pnpm|yarn|bun)\s+(?:run\s+)?build|tsc|"
        r"electron-builder install-app-deps)[^\"&|;]*\"",
        globs=("package.json", "*/package.json"),
    ),
    Kind(
        r"\"(?:preinstall|postinstall)\"\s*:\s*\"",
        "runs a program on every machine that installs the package",
        unless=r"\"postinstall\"\s*:\s*\"(?:husky|patch-package|lefthook|simple-git-hooks)[^\"&|]*\"",
        globs=("*.json",),
        but=("package.json", "*/package.json", "*lock.json"),
    ),
    Kind(
        r"\bGem(?:::Installer)?\.(?:pre|post)_(?:un)?install\b|\bGem\.execute_(?:pre|post)",
        "runs code of its own whenever a gem is installed",
        globs=("*.rb", "*.gemspec", "*rakefile"),
    ),
    Kind(
        r"^[ \t]*(?:sudo\s+)?(?:service|systemctl|update-rc\.d|invoke-rc\.d|useradd|adduser|"
        r"usermod|chmod|chown|setcap|curl|wget|ln|sysctl)\s",
        "runs as root on every machine that installs the package",
        globs=("*/postinst", "*/preinst", "*/prerm", "*/postrm", "*post-install*.sh"),
    ),
    Kind(
        r"\bcmdclass\s*=",
        "replaces a command of the installer by code of its own",
        unless=r"versioneer|cmdclass\s*=\s*(?:None|\{\s*['\"]build_ext['\"]\s*:[^,]*\}|\{\s*\})",
        globs=(
            "setup.py",
            "*/setup.py",
            "setup.cfg",
            "*/setup.cfg",
            "*.test.py",
            "*test*.py",
            "*.y*ml",
        ),
    ),
    Kind(
        r"^[ \t]*class\s+\w+\s*\(\s*(?:\w+\.)*_?(?:install|develop|egg_info|sdist|bdist_wheel|"
        r"build_py|Install|DevelopCommand|InstallCommand)\s*\)",
        "runs code of its own while the package is installed",
        globs=("*.py",),
    ),
    Kind(
        r"\.extensions\s*(?:<<|=|\+=)|\bpost_install_message\b",
        "makes the installer of the gem run a program",
        line=r"\.extensions",
        globs=("*.gemspec",),
    ),
    Kind(
        r"\"(?:pre|post)-(?:install|update|autoload-dump|package-install|package-update|"
        r"create-project|root-package-install)(?:-cmd)?\"\s*:",
        "makes Composer run a program",
        globs=("composer.json", "*/composer.json"),
    ),
    Kind(
        r"<!@?\(",
        "runs a command while the native part is configured",
        unless=r"node\s+-[ep]\s+\\?[\"']?require\(|node-addon-api|pkg-config",
        globs=("*.gyp", "*.gypi"),
    ),
    Kind(
        r"\bCommand::new\s*\(\s*\"(?:curl|wget|sh|bash|python3?|powershell|cmd)\"|\breqwest::|\bureq::|"
        r"\bTcpStream::connect|\bUdpSocket::",
        "starts a program or opens a connection while the crate is built",
        globs=("build.rs", "*/build.rs"),
    ),
    Kind(
        r"\"(?:trustedDependencies|onlyBuiltDependencies|allowScripts)\"\s*:|"
        r"\bonlyBuiltDependencies\s*:|\bignore-scripts\s*=\s*false|\bdangerouslyAllowAllBuilds\b",
        "lets dependencies run programs when they are installed",
        unless=r":\s*\[\s*\]",
        globs=("*package.json", "*pnpm-workspace.y*ml", "*.npmrc", "*.yarnrc*", "*.pnpmfile.cjs"),
    ),
    Kind(
        r"\"runOn\"\s*:\s*\"folderOpen\"|\"allowAutomaticTasks\"\s*:\s*(?:true|\"on\")",
        "runs a program as soon as somebody opens the folder in the editor",
        severity=Severity.HIGH,
        globs=("*.json", "*.jsonc", "*.code-workspace"),
    ),
    Kind(
        r"\brustc-wrapper\s*=|\bscript-shell\s*=|\bbackend-path\s*=|\bnode-gyp\s*=|\bgit\s*=\s*[\"']?\./|"
        r"\bInitialTargets\s*=|\byarnPath\s*:|\byarn-path\s|\bpnpmfile\s*=|\bonload-script\s*=",
        "puts a program of the project in place of a tool that builds it",
        globs=(
            "*.cargo/config*",
            "*.npmrc",
            "*.yarnrc*",
            "*pyproject.toml",
            "*.props",
            "*.targets",
        ),
    ),
)


def check(view: View) -> Iterator[Hit]:
    """Mark each hook; worse, where what it does is fetched, decoded or evaluated."""
    worse = expression(_WORSE)
    for kind, file, line in marked(view, _KINDS):
        severity = Severity.HIGH if worse.search(line.whole) else kind.severity
        yield Hit.at(file, line, kind.message, severity=severity)


RULE = Rule(
    id="install-hook-added",
    pathway=Pathway.BACKDOOR,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    stability=Stability.STABLE,
    summary="runs code when somebody installs, builds or opens the project",
    capability=Capability.EXECUTES,
    added_triggers=expressions(_KINDS),
    check=check,
)
