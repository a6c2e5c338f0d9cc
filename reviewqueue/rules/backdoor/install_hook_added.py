r"""Code that runs when somebody installs, builds or opens the project.

What it flags
    Added install scripts of a package: npm's `preinstall`, `install`, `postinstall`,
    `setup.py` with a `cmdclass`, a subclass of an installer's command, gem extensions,
    Composer scripts, command expansions in `binding.gyp`, `build.rs` that starts programs
    or opens connections, an editor's task that runs on opening a folder, and dependencies
    newly allowed to run theirs, and packages that run inside their users' compiler (analysers,
    source generators, annotation processors, procedural macros); scripts of a system's
    packages, hooks that follow a moving branch, programs put in place of a build's tools,
    and installers that rewrite files of other packages. High where the hook fetches, decodes
    or evaluates.

Why it matters
    It runs on every machine that installs the package, with the user's rights, before
    anybody has called a function; most malicious packages live here.

How to review it
    Read the script it starts, and what that starts in turn.
    Ask why installing needs to run anything at all.

Not flagged
    `prepare` scripts that build or set up git hooks (they run for developers only), and
    `postinstall` scripts that merely build or patch; extensions in C that are merely compiled.

Seen in
    ATT&CK T1195.002 (compromise of the software supply chain) and T1546.016 (installer
    packages); eslint-scope 3.7.2 (2018), ua-parser-js 0.7.29 (2021), the Shai-Hulud worm
    on npm (September 2025).
"""

from collections.abc import Iterator

from reviewqueue.domain.finding import Confidence, Pathway, Severity, Side
from reviewqueue.scan.rule import Capability, Hit, Pattern, Rule, Stability, View, expression
from reviewqueue.scan.structure.flow import uses
from reviewqueue.scan.structure.kinds import Kind, expressions, is_code, marked

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
        r"\"prepare\"\s*:\s*\"",
        "runs a program on every machine that installs the package from its source",
        line=r"(?i)curl|wget|https?|node\s+-e|base64|eval|\bsh\s+-c|powershell|\|\s*(?:ba)?sh",
        globs=("package.json", "*/package.json"),
    ),
    Kind(
        r"\bpostinst(?:all)?_?(?:script|cmd)\b|\bpost_install\s*\(\s*\)|\bpost_install\s+do\b|"
        r"\bpost_upgrade\s*\(",
        "runs on every machine that installs the package",
        globs=("*pkgbuild", "*.install", "*.rb", "*nfpm.y*ml", "*.nuspec", "*podfile"),
        line=r"\(|do\b|:",
    ),
    Kind(
        r"^[ \t]*(?:rev|ref):\s*['\"]?(?:main|master|HEAD|develop|latest)['\"]?\s*$",
        "runs in every checkout what a moving branch holds",
        globs=(".pre-commit-config.y*ml", "*/.pre-commit-config.y*ml"),
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
        r"\bCommand::new\s*\(\s*\"(?:curl|wget|sh|bash|python3?|powershell|cmd)\"|\breqwest::|"
        r"\bureq::|\bTcpStream::connect|\bUdpSocket::",
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
        r"\bOutputItemType\s*=\s*\"Analyzer\"|\bPackagePath\s*=\s*\"/?(?:analyzers|"
        r"build(?:Transitive|MultiTargeting)?)[/\\]|"
        r"<TfmSpecificPackageFile\b[^\n]*analyzers|<Analyzer\s+Include=",
        "runs inside the compiler of everybody who uses the package",
        globs=("*.csproj", "*.fsproj", "*.vbproj", "*.props", "*.targets", "*.nuspec"),
    ),
    Kind(
        r"<PackageReference\s+Include=",
        "gives an analyser, which runs in everybody's compiler, another package",
        unless=r"(?i)\"(?:Microsoft\.|System\.|NETStandard|coverlet|xunit|nunit|MSTest|StyleCop|PolySharp)",
        globs=("*analyz*.csproj", "*analys*.csproj", "*generator*.csproj", "*codefix*.csproj"),
    ),
    Kind(
        r"^[ \t]*(?:annotationProcessor|kapt|ksp|testAnnotationProcessor)\s*[( ]\s*['\"(]",
        "runs a package's code inside the compiler",
        globs=("*.gradle", "*.gradle.kts"),
        unless=r"lombok|mapstruct|dagger|hilt|androidx|room|moshi|micronaut|spring|auto\W|errorprone|immutables|picocli",
    ),
    Kind(
        r"^[ \t]*proc-macro\s*=\s*true",
        "runs inside the compiler of everybody who uses the crate",
        globs=("*cargo.toml",),
    ),
    Kind(
        r"\brustc-wrapper\s*=|\bscript-shell\s*=|\bbackend-path\s*=|\bnode-gyp\s*=|"
        r"\bgit\s*=\s*[\"']?\./|"
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
_FOUND = (
    r"\b(?:find\w*(?:File|Path|Package|Module|Dir)\w*|walk\w*|glob(?:Sync|by)?|require\.resolve|"
    r"import\.meta\.resolve|readdir(?:Sync)?)\s*\(|[\"'`/]node_modules[\"'`/]|"
    r"\bsite\.getsitepackages\s*\(|"
    r"\bsite-packages\b|\bimportlib\.util\.find_spec\s*\(|\bGem\.loaded_specs\b"
)
_REWRITES = (
    r"\b(?:fs\.)?(?:write|append)File(?:Sync)?\s*\(|\.write_text\s*\(|"
    r"\bopen\s*\([^\n]*,\s*['\"][wa]b?['\"]|\bFile\.write\s*\("
)
_AT_INSTALL = (
    r"(?i)(?:^|/)(?:pre|post)?-?_?install\w*\.[cm]?[jt]s$|(?:^|/)setup\.py$|"
    r"(?:^|/)hooks?/[^/]*install"
)
"""Programs that an installation runs, by their usual names."""


def check(view: View) -> Iterator[Hit]:
    """Mark each hook; worse, where what it does is fetched, decoded or evaluated."""
    yield from _rewrites(view)
    worse = expression(_WORSE)
    for kind, file, line in marked(view, _KINDS):
        severity = Severity.HIGH if worse.search(line.whole) else kind.severity
        yield Hit.at(file, line, kind.message, severity=severity)


def _rewrites(view: View) -> Iterator[Hit]:
    """Mark programs of an installation that write into files of other packages."""
    for file in view.where(_FOUND, side=Side.NEW):
        if expression(_AT_INSTALL).search(file.path.encode()) and is_code(file):
            for use in uses(file, _FOUND, _REWRITES):
                told = "rewrites a file of another package, found where that is installed"
                yield Hit.on(file, use.number, use.text, told)


RULE = Rule(
    id="install-hook-added",
    pathway=Pathway.BACKDOOR,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    stability=Stability.STABLE,
    summary="runs code when somebody installs, builds or opens the project",
    capability=Capability.EXECUTES,
    version=2,
    patterns=(
        Pattern(
            r"^%(?:post|pre|postun|preun|posttrans|pretrans|triggerin)\b",
            "runs as root on every machine that installs the package",
            globs=("*.spec", "*.spec.in"),
        ),
    ),
    added_triggers=(*expressions(_KINDS), _FOUND),
    check=check,
)
