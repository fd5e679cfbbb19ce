"""Who is asking: what is sent to one host and to no other, and kept out of what is stored.

cookies         a jar a site
subscriptions   what a subscriber sends: headers, a password, cookies of a browser
logins          logging in by form, once a run
forms           the forms of a login page
"""
