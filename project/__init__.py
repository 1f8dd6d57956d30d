"""The only room that knows every app: settings, routes and start-up checks."""
