"""What pages show besides their text, fetched after them: pictures, styles, fonts.

fetching   of a captured page; which pages wait for it
page_view  one page's, host by host, as one visit to each
caching    whether an answer still holds (RFC 9111), and how the server is asked
budget     bytes, number and kinds
counts     what came of it
"""
