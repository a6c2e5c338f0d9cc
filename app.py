"""The WSGI entry."""

from reviewqueue.web import create_app

app = create_app()
