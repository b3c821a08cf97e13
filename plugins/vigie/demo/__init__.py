"""The world of the demo: servers, two fictional clients and their night."""
