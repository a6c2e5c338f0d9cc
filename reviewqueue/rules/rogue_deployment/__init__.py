"""Something that stays or runs where nobody put it.

What it is
    A program, an agent or a model goes on running after the task, out of sight or out of
    control: started again by a timer, reachable from outside, paid for by somebody else's
    account, with keys that do not expire.

Rules
    They look for what makes something stay (cron, systemd, launchd, start-up files, schedules
    in code and clusters, self-hosted runners), for ways in (keys, tunnels, remote desktops,
    shells over the web), for agents and model servers that a program starts, for keys and
    tokens minted, and for infrastructure in unusual places or in unusual number.

Examples
    A job that nobody asked for:

        install.sh
        + (crontab -l; echo "@reboot /opt/.cache/agent --daemon") | crontab -

    A way in from outside:

        scripts/debug.sh
        + echo "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5 ops" >> ~/.ssh/authorized_keys

What it cannot see
    What is deployed without a commit: in a cloud's console, from a laptop, by an agent with a
    token. A diff is evidence of intent, the accounts' own logs are evidence of fact.

    Whether a service, replica or schedule was asked for. The rules say that it is new.

    What an image or a chart from elsewhere brings along: only its name and version change.

    The model's own copy, running where no repository of yours describes it.

    How long a token lives whose lifetime the service decides.
"""
