"""Questions in, cited answers out: on the command line, over HTTP, in process.

Nothing is imported here: ``sextant search`` must not pay for the HTTP server. Outsiders import
``service.settings``, ``service.answer``, ``service.writer`` and ``service.app`` by name.
"""
