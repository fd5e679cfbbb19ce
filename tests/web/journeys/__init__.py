"""What people do with the pages, in a browser. A package, so that a browser and a server last as long as its tests."""
