"""Steps a workload in PyTorch or JAX and keeps its own time: `serve.py FRAMEWORK FOLDER THREADS`.

FOLDER holds workload.json and the elements of each array as NAME.bin. One line in is one request, one line out its answer,
both JSON: {"step": true} runs a step, {"result": true} writes result.bin, {"close": true} ends.
"""

import importlib
import json
import os
import sys
import time

framework, folder, threads = sys.argv[1:4]
for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = threads


def answer(message):
    print(json.dumps(message), flush=True)


try:
    import numpy

    library = importlib.import_module("with_jax" if framework == "jax" else "with_torch")
except (ImportError, OSError) as error:
    answer({"refused": f"that Python cannot load it: {error}"})
    sys.exit(0)

with open(os.path.join(folder, "workload.json"), encoding="utf-8") as file:
    workload = json.load(file)


def read(kind, name):
    entry = workload[kind][name]
    array = numpy.fromfile(os.path.join(folder, f"{kind}-{name}.bin"), dtype=entry["dtype"])
    return array.reshape(entry["shape"])


weights = {name: read("weights", name) for name in workload["weights"]}
feeds = {name: read("feeds", name) for name in workload["feeds"]}
try:
    step, result = library.load(framework, workload, weights, feeds, int(threads))
except NotImplementedError as error:
    answer({"refused": str(error)})
    sys.exit(0)
answer({"ready": library.version})

for line in sys.stdin:
    request = json.loads(line)
    if "step" in request:
        processor = time.process_time()
        start = time.perf_counter()
        step()
        passed = time.perf_counter() - start
        answer({"wall": 1000 * passed, "processor": 1000 * (time.process_time() - processor)})
    elif "result" in request:
        numpy.ascontiguousarray(result(), dtype="float32").tofile(os.path.join(folder, "result.bin"))
        answer({"done": True})
    else:
        break
