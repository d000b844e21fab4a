"""The functions of a backtest on several machines: infra/backtest/template.yaml, a stack of its own."""
