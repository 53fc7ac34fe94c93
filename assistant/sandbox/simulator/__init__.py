"""The phone simulator page, and the routes that serve it below /phone of the sandbox phone network."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from fastapi import FastAPI, HTTPException
from fastapi.responses import FileResponse

from assistant.db import Database
from assistant.sandbox.coop_members import list_members
from assistant.settings import Settings

PAGE_DIR = Path(__file__).parent / "page"
_TYPES = {
    ".html": "text/html",
    ".js": "text/javascript",
    ".css": "text/css",
    ".svg": "image/svg+xml",
}
_HEADERS = {
    # Nothing but our own files: the page shows what members wrote, so it must not be able to run it.
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    # The files change with the checkout, and come from loopback: nothing is gained by keeping old ones.
    "Cache-Control": "no-cache",
}


def add_page(app: FastAPI, settings: Settings) -> None:
    """Serve the page at /phone, its files at /phone/page/… and the demo members at /phone/members."""
    files = {path.name: path for path in PAGE_DIR.iterdir() if path.suffix in _TYPES}

    @app.get("/phone", include_in_schema=False)
    def page() -> FileResponse:
        return _answer(files["index.html"])

    @app.get("/phone/page/{name}", include_in_schema=False)
    def page_file(name: str) -> FileResponse:
        if name not in files:
            raise HTTPException(404)
        return _answer(files[name])

    @app.get("/phone/members")
    def members() -> list[dict[str, Any]]:
        db = Database(settings.resolved_database_url)
        try:
            return [member.as_json() for member in list_members(db, settings)]
        finally:
            db.close()


def _answer(path: Path) -> FileResponse:
    return FileResponse(path, media_type=_TYPES[path.suffix], headers=_HEADERS)
