"""Watching the person at the machine.

What it flags
    Added code that records keys, takes pictures of the screen or from the camera, listens
    to the microphone, or reads and replaces the clipboard where it looks for addresses of
    wallets: `pynput`, `GetAsyncKeyState`, `SetWindowsHookEx`, `CGEventTapCreate`,
    `/dev/input/event*`, `ImageGrab.grab()`, `pyautogui.screenshot()`, `screencapture`,
    `cv2.VideoCapture(0)`, `sounddevice.rec(…)`, an expression for wallet addresses.

Why it matters
    What a person types, sees and copies holds passwords and money. Few programs need it;
    those that steal do.

How to review it
    Ask what the program is for, and whether its user is told and can refuse.
    Follow where the recording goes.

Not flagged
    Copying to the clipboard when somebody presses a button on a page; the module of a program
    that is named for the clipboard; screenshots that a browser's driver takes of its own page
    in a test; events that are sent to a device rather than read.

Seen in
    ATT&CK T1056.001 (keylogging), T1113 (screen capture), T1115 (clipboard data), T1123
    and T1125 (audio and video capture).
"""

from collections.abc import Iterator

from reviewqueue.domain.finding import Confidence, Pathway, Severity
from reviewqueue.scan.rule import Capability, Hit, Rule, Stability, View
from reviewqueue.scan.structure.kinds import Kind, expressions, hits

_KINDS = (
    Kind(
        r"\bpynput\b|\bGetAsyncKeyState\b|\bSetWindowsHookEx[AW]?\b|\bCGEventTapCreate\b|"
        r"\b(?:pyHook|pyxhook|node-global-key-listener|iohook|uiohook-napi|gkl)\b|"
        r"/dev/input/event|\bkeyboard\.(?:on_press|on_release|hook|record|read_event)\s*\(|"
        r"\bRegisterRawInputDevices\b|\baddGlobalMonitorForEvents\b",
        "records what somebody types, in other programs too",
        unless=r"pynput\.(?:keyboard|mouse)\s+import\s+(?:Key\b|Controller|Button)|\bController\b|"
        r"sendevent|(?i:^\s*\w*dev(?:ice)?\w*\s*=\s*\"/dev/input/event\d+\"\s*$)",
    ),
    Kind(
        r"\bImageGrab\.grab\s*\(|\bpyautogui\.screenshot\s*\(|\bpyscreenshot\b|\bmss\.mss\s*\(|"
        r"\bD3DShot\b|\bd3dshot\.create\b|\bCGWindowListCreateImage\b|\bCopyFromScreen\s*\(|"
        r"\bscreenshot-desktop\b|\bdesktopCapturer\.getSources\b|\bxwd\s+-root\b|"
        r"\bscreencapture\s+-|\bgnome-screenshot\b|\bgetDisplayMedia\s*\(",
        "takes a picture of the screen",
    ),
    Kind(
        r"\bcv2\.VideoCapture\s*\(\s*\d|\bsounddevice\.rec\s*\(|\bsd\.rec\s*\(|"
        r"\bpyaudio\.PyAudio\s*\(|\bcapCreateCaptureWindow[AW]?\b|\bnode-record-lpcm16\b|"
        r"\barecord\s+-|\bimagesnap\b",
        "records with the camera or the microphone",
    ),
    Kind(
        r"\[13\]\[a-km-zA-HJ-NP-Z|\(bc1\|\[13\]\)|\b0x\[a-fA-F0-9\]\{40\}|"
        r"\[13\]\[a-km-zA-HJ-NP-\d",
        "looks for the addresses of wallets, as programs that replace them do",
    ),
    Kind(
        r"\b(?:pyperclip|clipboard|win32clipboard|clipboardy)\.(?:paste|read(?:Sync)?|"
        r"GetClipboardData)\s*\(|\bGetClipboardData\s*\(|\bAddClipboardFormatListener\b|"
        r"\bGet-Clipboard\b|\bpbpaste\b|\bxclip\s[^\n]*-o\b|\bxsel\s[^\n]*-o\b",
        "reads the clipboard, where passwords and addresses are",
        unless=r"navigator\.clipboard",
        but=("*clipboard*", "*paste*"),
    ),
)


def check(view: View) -> Iterator[Hit]:
    """Mark each place that records or reads what a person does."""
    return hits(view, _KINDS)


RULE = Rule(
    id="user-watched",
    pathway=Pathway.EXFILTRATION,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    stability=Stability.STABLE,
    summary="records what somebody types, sees, says or copies",
    capability=Capability.READS_SECRETS,
    version=2,
    added_triggers=expressions(_KINDS),
    check=check,
)
