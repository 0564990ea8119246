"""A naive model of what DOMAIN.md and PROTOCOL.md say, written from them alone.

It keeps a list of facts and derives every due instant anew at each look, by walking days and
opening hours; it is slow and plain on purpose, so that it can be read beside the text.
"""
