"""Mutants of C: small changes that a test should notice. They are made on the syntax tree
(tree-sitter)."""

import hashlib
import os
import random
from dataclasses import dataclass

import tree_sitter
import tree_sitter_c

SOURCES = os.path.join("Sources", "CSocketCore")
FOLDERS = ("base", os.path.join("platform", "posix"), os.path.join("platform", "linux"), "stream",
           "variant", "socket", "poller")
OPERATORS = {
    "+": ("-",), "-": ("+",), "*": ("/",), "/": ("*",), "%": ("/",), "<<": (">>",), ">>": ("<<",),
    "&": ("|",), "|": ("&",), "^": ("&",), "==": ("!=",), "!=": ("==",), "&&": ("||",),
    "||": ("&&",), "<": ("<=", ">="), "<=": ("<", ">"), ">": (">=", "<="), ">=": (">", "<"),
    "+=": ("-=", "="), "-=": ("+=", "="), "*=": ("/=",), "/=": ("*=",), "|=": ("=",), "&=": ("=",),
    "<<=": (">>=",), ">>=": ("<<=",), "++": ("--",), "--": ("++",),
}
GOOD_CODES = {"SPS_OK": "SPS_FAILED", "SPSI_DONE": "SPSI_FAILED"}
BAD_CODES = {"SPS_ERR_": "SPS_OK", "SPS_FAILED": "SPS_OK", "SPSI_AGAIN": "SPSI_DONE",
             "SPSI_NO_MEMORY": "SPSI_DONE", "SPSI_FAILED": "SPSI_DONE"}


@dataclass(frozen=True)
class Mutant:
    file: str  # relative to SOURCES
    function: str
    line: int
    start: int  # the bytes to replace
    end: int
    new: bytes
    before: str  # the changed lines, for readers, and to identify the mutant later
    after: str
    nth: int  # its position among those of the function with the same text

    @property
    def key(self):
        """Identifies it. Changes elsewhere in the file do not change the key."""
        return self.file, self.function, self.before, self.after, self.nth

    @property
    def id(self):
        return hashlib.sha1(repr(self.key).encode()).hexdigest()[:8]

    @property
    def place(self):
        return self.start, self.end

    def apply(self, source):
        return source[: self.start] + self.new + source[self.end:]


def text(node):
    return node.text.decode()


def change_operator(node):
    sign = node.child_by_field_name("operator")
    for other in OPERATORS.get(text(sign), ()):
        yield sign, other
    if text(sign) in ("&&", "||"):
        yield node, text(node.child_by_field_name("left"))
        yield node, text(node.child_by_field_name("right"))


def drop_not(node):
    if text(node.child_by_field_name("operator")) in ("!", "~"):
        yield node, text(node.child_by_field_name("argument"))


def negate_condition(node):
    """Does not negate a comparison: its operator has the same mutant."""
    condition = node.child_by_field_name("condition")
    if condition is None:
        return
    inner = condition.named_children[0] if condition.type == "parenthesized_expression" else condition
    sign = inner.child_by_field_name("operator")
    if sign is None or text(sign) not in ("==", "!=", "!"):
        yield condition, f"(!({text(inner)}))"


def change_number(node):
    """Not the size of an array: a larger array is no fault."""
    if node.parent.type != "array_declarator":
        yield node, {"0": "1", "1": "0"}.get(text(node), f"({text(node)} + 1)")


def swap_truth(node):
    yield node, "false" if text(node) == "true" else "true"


def inside(node, types):
    """The nearest enclosing node of one of these types, or None."""
    while node is not None and node.type not in types:
        node = node.parent
    return node


def change_code(node):
    """A code in a return statement: swaps success and failure."""
    if inside(node, ("return_statement", "function_definition")).type == "return_statement":
        name = text(node)
        others = [GOOD_CODES[name]] if name in GOOD_CODES else [
            other for prefix, other in BAD_CODES.items() if name.startswith(prefix)]
        for other in others:
            yield node, other


def change_return(node):
    function = inside(node, ("function_definition",))
    value = next((child for child in node.children if child.is_named), None)
    if value is None:
        yield node, ";"
    elif text(function.child_by_field_name("type")) == "bool":
        yield value, f"!({text(value)})"


def remove(node):
    yield node, ";"


CHANGES = {
    "binary_expression": (change_operator,), "assignment_expression": (change_operator,),
    "update_expression": (change_operator,), "unary_expression": (drop_not,),
    "if_statement": (negate_condition,), "while_statement": (negate_condition,),
    "do_statement": (negate_condition,), "for_statement": (negate_condition,),
    "conditional_expression": (negate_condition,), "number_literal": (change_number,),
    "true": (swap_truth,), "false": (swap_truth,), "identifier": (change_code,),
    "return_statement": (change_return,), "expression_statement": (remove,),
    "break_statement": (remove,), "continue_statement": (remove,),
}


def walk(node):
    """All changes in the functions below a node: (replaced node, new text)."""
    if node.type == "expression_statement" and text(node).startswith("assert("):
        return  # an assertion; without it the program behaves the same
    for change in CHANGES.get(node.type, ()):
        yield from change(node)
    for child in node.children:
        yield from walk(child)


def functions(node):
    if node.type == "function_definition":
        yield node
        return
    for child in node.children:
        yield from functions(child)


def name_of(function):
    node = function
    while node.type != "identifier":
        node = node.child_by_field_name("declarator")
    return text(node)


def describe(source, start, end, new):
    """The lines around a change, before and after it, with single spaces."""
    first = source.rfind(b"\n", 0, start) + 1
    last = source.find(b"\n", end)
    lines = source[first:last], source[first:start] + new + source[end:last]
    return (" ".join(each.decode().split()) for each in lines)


def mutants_of(file, source):
    """All mutants of a file's text, in the order of the text."""
    parser = tree_sitter.Parser(tree_sitter.Language(tree_sitter_c.language()))
    found, seen = [], {}
    for function in functions(parser.parse(source).root_node):
        name = name_of(function)
        for node, new in walk(function.child_by_field_name("body")):
            before, after = describe(source, node.start_byte, node.end_byte, new.encode())
            key = file, name, before, after
            seen[key] = seen.get(key, -1) + 1
            found.append(Mutant(file, name, node.start_point[0] + 1, node.start_byte,
                                node.end_byte, new.encode(), before, after, seen[key]))
    return found


def files():
    return [
        os.path.join(folder, name) for folder in FOLDERS
        for name in sorted(os.listdir(os.path.join(SOURCES, folder))) if name.endswith(".c")
    ]


def read(file):
    with open(os.path.join(SOURCES, file), "rb") as source:
        return source.read()


def shuffled(mutants, seed):
    """One mutant for each place, in an order that the seed and the file decide."""
    places = {}
    for mutant in mutants:
        places.setdefault(mutant.place, []).append(mutant)
    chance = random.Random(f"{seed} {mutants[0].file if mutants else ''}")
    chosen = [chance.choice(those) for those in places.values()]
    chance.shuffle(chosen)
    return chosen


def shares(queues, count):
    """Divides `count` among the files by their number of places, with at least three each if
    possible."""
    total = sum(len(queue) for queue in queues.values())
    return {file: min(len(queue), max(3, round(count * len(queue) / total)))
            for file, queue in queues.items()}
