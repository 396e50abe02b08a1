"""Retrieval of questions by questions, for the benchmark on TREC LiveQA Medical alone.

The product's search reads a question over an answer as that passage's heading, in meaning and in words; whether
it would gain from weighing the question apart has not been measured, so that none of this is part of it.
"""
