"""What the command line does not load, others still may."""

import subprocess
import sys

SCRIPT = """
import sys
from admatch.cli.spared_imports import spare_imports
spare_imports()
import admatch.pipeline.analyse, lightgbm, numpy
spared = {"sklearn", "pandas", "scipy.stats"} & set(sys.modules)
from sklearn.cluster import KMeans
data = lightgbm.Dataset(numpy.eye(40), label=numpy.arange(40) % 2)
lightgbm.train({"verbose": -1}, data, 2).predict(numpy.eye(40))
print(sorted(spared))
"""


def test_lightgbm_loads_without_what_admatch_does_not_use():
    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True)
    assert done.stdout == "[]\n", done.stderr
