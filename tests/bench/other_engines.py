"""Other rule and expression engines, each in the form that is fastest for many rules on one state.

Each adapter takes the benchmark's rule file and returns a function from a state, a plain dict of names,
to what the engine answers for each rule, in the order of the file: true, or `"true"` where it answers in
JSON. What is not installed raises `ImportError`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec
from rule_dialects import C_LIKE, PYTHON, TERNARY, ZEN, as_numbers, expressions, json_logic

from pql.rules.pack import RuleFile

Judge = Callable[[dict[str, Any]], Sequence[Any]]
PACKAGES = (
    "zen-engine",
    "cel-expr-python",
    "common-expression-language",
    "datalogic-py",
    "evalidate",
    "rule-engine",
    "simpleeval",
)


def zen_engine(file: RuleFile) -> Judge:
    """One compiled expression that is a list: one conversion of the state for all rules."""
    import zen  # noqa: PLC0415 - every engine is there or not

    program = zen.compile_expression(f"[{', '.join(expressions(file, ZEN))}]")
    judge: Judge = program.evaluate
    return judge


def cel_expr_python(file: RuleFile) -> Judge:
    """The official C++ CEL: one activation for all rules."""
    from cel_expr_python import cel  # noqa: PLC0415 - same

    traits = dict.fromkeys(file.traits_named(), cel.Type.STRING)
    env = cel.NewEnv(variables={**dict.fromkeys(file.signals, cel.Type.DOUBLE), **traits})
    programs = [env.compile(text) for text in expressions(file, C_LIKE)]

    def judge(state: dict[str, Any]) -> list[Any]:
        activation = env.Activation(as_numbers(state))
        return [program.eval(activation).value() for program in programs]

    return judge


def common_expression_language(file: RuleFile) -> Judge:
    """CEL in Rust: one context for all rules."""
    import cel  # noqa: PLC0415 - same

    programs = [cel.compile(text) for text in expressions(file, C_LIKE)]

    def judge(state: dict[str, Any]) -> list[Any]:
        context = cel.Context(variables=as_numbers(state))
        return [program.execute(context) for program in programs]

    return judge


def datalogic_py(file: RuleFile) -> Judge:
    """JsonLogic in Rust: all rules in one call, on a state that was parsed once."""
    import datalogic_py as datalogic  # noqa: PLC0415 - same

    engine = datalogic.Engine()
    rules = [engine.compile(one) for one in json_logic(file)]
    session = engine.session()
    encode = msgspec.json.encode
    return lambda state: session.evaluate_many(rules, datalogic.DataHandle(encode(state).decode()))


def evalidate(file: RuleFile) -> Judge:
    """Validated Python: one code object that is a list."""
    from evalidate import Expr, base_eval_model  # noqa: PLC0415 - same

    model = base_eval_model.clone()
    model.nodes += ["Tuple", "List", "IfExp"]
    code = Expr(f"[{', '.join(expressions(file, PYTHON))}]", model=model).code
    scope: dict[str, Any] = {"__builtins__": {}}
    return lambda state: eval(code, scope, state)  # noqa: S307 - that is how its users call it


def rule_engine(file: RuleFile) -> Judge:
    """rule-engine: its own grammar, walked as a tree."""
    import rule_engine as engine  # noqa: PLC0415 - same

    programs = [engine.Rule(text) for text in expressions(file, TERNARY)]
    return lambda state: [program.matches(state) for program in programs]


def simpleeval(file: RuleFile) -> Judge:
    """Python parsed once and walked as a tree."""
    from simpleeval import SimpleEval  # noqa: PLC0415 - same

    walker = SimpleEval()
    programs = [walker.parse(text) for text in expressions(file, PYTHON)]

    def judge(state: dict[str, Any]) -> list[Any]:
        walker.names = state
        return [walker.eval("", previously_parsed=program) for program in programs]

    return judge


OTHERS: Mapping[str, Callable[[RuleFile], Judge]] = {
    "datalogic-py": datalogic_py,
    "evalidate": evalidate,
    "simpleeval": simpleeval,
    "cel-expr-python": cel_expr_python,
    "common-expression-language": common_expression_language,
    "rule-engine": rule_engine,
    "zen-engine": zen_engine,
}
