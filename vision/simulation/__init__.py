"""The demonstration's machinery: a simulated crowd in a hall, drawn or detected as its cameras would see it.

The product knows few of its modules, and import contracts name who may: the source kind ``rendered``
(``rendered_exhibition``), and the operations of the demo exhibition and the demo clip.
"""
