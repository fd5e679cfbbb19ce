"""robots.txt (RFC 9309): what a site asks of crawlers, understood (`rules`), fetched and remembered (`keeper`)."""

from scraper.fetch.robots.keeper import ROBOTS_REDIRECTS, ROBOTS_SIZE, Memory, Robots, RobotsKeeper
from scraper.fetch.robots.rules import Decision, Rule, Rules, parse

__all__ = ["ROBOTS_REDIRECTS", "ROBOTS_SIZE", "Decision", "Memory", "Robots", "RobotsKeeper", "Rule", "Rules", "parse"]
