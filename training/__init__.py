"""Fitting what is fitted (blocks, page types, dates) to labelled pages. Not part of the installed package."""
