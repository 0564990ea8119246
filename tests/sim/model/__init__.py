"""A naive model of what redress-events(7), redress.yaml(5) and redress-protocol(7) say, written from the text alone.

It keeps a list of facts and derives every due instant anew at each look, by walking days and
opening hours; it is slow and plain on purpose, so that it can be read beside the text.
"""
