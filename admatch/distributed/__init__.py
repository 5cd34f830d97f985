"""The same stages over many processes or machines, one shard at a time, by Ray Data.

A job is opened once in each worker and then answers items; ``Here`` opens it in this process,
``ray_engine`` in the actors of a cluster. Both run the same functions on the same shards.
"""
