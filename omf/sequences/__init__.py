"""Sequences of commands: what a file may say, and the state machine of one that runs. Pure.

    reading.read_sequence(source)   -> WrittenSequence, or YamlFileError with line and mend
    program.compiled(steps)         -> the steps as a list of instructions
    conditions.judge(condition, ...)-> is it so, in words
    course.started / advance / ...  -> the passages of one run; its table is `course.RunPassage`

docs/sequences.md describes the files, services/orders/kept/sequences.py owns the runs.
"""
