"""The language model, on a leash: it words, answers and reads; it never judges, and nothing depends on it.

None is used unless a person switches one on (`settings`). What it writes is checked sentence by sentence
(`faithful`) before anybody sees it, and nothing that it writes is evidence.
"""
