"""Simulation for the demonstration: a crowd in a hall, rendered or detected as its cameras would see it.

Import contracts list the product modules that may use it: the source kind ``rendered``
(``rendered_exhibition``), and the operations of the demo exhibition and the demo clip.
"""
