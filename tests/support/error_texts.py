"""The English texts of errors that the source code holds, found in its syntax tree."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field

from analytics.domain.errors import ExpoFlowError

SENTENCES_OF_AN_ERROR = 2


@dataclass
class ErrorTexts:
    """Templates, and the places whose template is not written out and could not be followed."""

    templates: dict[str, int] = field(default_factory=dict)
    unresolved: dict[str, int] = field(default_factory=dict)


def list_error_names(sources: Iterable[str]) -> set[str]:
    """Names of all error classes of ours that the sources define, and of what carries their words."""
    bases: dict[str, set[str]] = {}
    for source in sources:
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.ClassDef):
                bases.setdefault(node.name, set()).update(_name_of(base) for base in node.bases)
    names = {"ErrorTemplates", ExpoFlowError.__name__}
    while more := {name for name, of in bases.items() if of & names} - names:
        names |= more
    return names


def find_error_texts(source: str, error_names: Collection[str]) -> ErrorTexts:
    """Problem and remedy of every error that a module makes, and every phrase.

    Followed are conditional expressions, constants of the module, the parameters of a function that makes the
    error, to the function's calls, and, for other variables, pairs of sentences anywhere in the module.
    """
    tree = ast.parse(source)
    found = ErrorTexts()
    constants = _find_constants(tree)
    makers: dict[str, dict[str, int]] = {}
    for function, call in _walk_calls(tree):
        name = _name_of(call.func)
        wanted = SENTENCES_OF_AN_ERROR if name in error_names else 1 if name == "Phrase" else 0
        for argument in call.args[:wanted]:
            parameters = [a.arg for a in function.args.args if a.arg != "self"] if function else []
            if isinstance(argument, ast.Name) and function and argument.id in parameters:
                makers.setdefault(function.name, {})[argument.id] = parameters.index(argument.id)
            else:
                _note(argument, constants, found)
    for _function, call in _walk_calls(tree):
        for position in makers.get(_name_of(call.func), {}).values():
            if position < len(call.args):
                _note(call.args[position], constants, found)
    variables = {text for text in found.unresolved if text.isidentifier()}
    pairs = list(_find_pairs(tree)) if variables else []
    for sentence in pairs:
        _note(sentence, constants, found)
    if pairs:
        for variable in variables:
            del found.unresolved[variable]
    return found


def _find_constants(tree: ast.Module) -> dict[str, ast.expr]:
    return {
        target.id: statement.value
        for statement in tree.body
        if isinstance(statement, ast.Assign)
        for target in statement.targets
        if isinstance(target, ast.Name)
    }


def _walk_calls(tree: ast.AST) -> Iterator[tuple[ast.FunctionDef | None, ast.Call]]:
    pending: list[tuple[ast.FunctionDef | None, ast.AST]] = [(None, tree)]
    while pending:
        function, node = pending.pop()
        if isinstance(node, ast.Call):
            yield function, node
        inner = node if isinstance(node, ast.FunctionDef) else function
        pending += [(inner, child) for child in ast.iter_child_nodes(node)]


def _name_of(function: ast.expr) -> str:
    return getattr(function, "id", getattr(function, "attr", ""))


def _note(node: ast.expr, constants: dict[str, ast.expr], found: ErrorTexts) -> None:
    match node:
        case ast.Constant(value=str(text)):
            found.templates[text] = node.lineno
        case ast.IfExp(body=body, orelse=otherwise):
            _note(body, constants, found)
            _note(otherwise, constants, found)
        case ast.Name(id=name) if isinstance(constants.get(name), ast.Constant | ast.IfExp):
            _note(constants[name], constants, found)
        case _:
            found.unresolved[ast.unparse(node)] = node.lineno


def _find_pairs(tree: ast.AST) -> Iterator[ast.expr]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Tuple) and len(node.elts) >= SENTENCES_OF_AN_ERROR:
            pair = node.elts[-SENTENCES_OF_AN_ERROR:]
            texts = [e.value for e in pair if isinstance(e, ast.Constant) and isinstance(e.value, str)]
            if len(texts) == SENTENCES_OF_AN_ERROR and all(text.endswith((".", ")")) for text in texts):
                yield from pair
