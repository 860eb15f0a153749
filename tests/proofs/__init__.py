"""What each protection is worth: it is taken out of a copy of this checkout, and the test that holds it must say so.

A proof is a table in one of the `*.toml` files here; `bash bin/prove` runs them and writes what the tests said into
docs/testing.md. Must never change the checkout itself but for that page.
"""
