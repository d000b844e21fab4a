"""The local world: AWS in one process, made from the template."""
