"""The web side: HTTP, sockets and pages for visitors and specialists."""
