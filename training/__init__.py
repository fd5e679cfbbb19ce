"""Fitting the block model (`scraper/extract/blocks/model.npz`) to labelled pages. Not part of the installed package."""
