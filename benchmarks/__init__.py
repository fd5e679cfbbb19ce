"""What `make bench` runs. The labelled pages are not part of this project: their folder is an argument."""
