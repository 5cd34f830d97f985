"""The same stages on many processes or machines with Ray Data, one shard at a time.

A job is opened once in each worker and then handles items. ``LocalEngine`` opens it in this
process, ``ray_engine`` in the actors of a cluster. Both run the same functions on the same shards.
"""
