"""Git: mirrors of repositories, and a safe look into anybody's repository."""
