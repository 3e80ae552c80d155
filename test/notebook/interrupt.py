"""Interrupts a training cell as Jupyter does, and tells what became of it and of the kernel."""

import json
import sys
import time

from jupyter_client.manager import KernelManager

lib, folder = sys.argv[1:]
setup = f"""import {{ presetConfig, runDataset, runExperiment, startEngine }} from '{lib}';
const engine = await startEngine({{ engine: 'wasm', threads: 1 }});
const config = presetConfig({{ preset: 'quick', dataset: 'shapes10', method: 'mnn' }});
const images = await runDataset(config);"""
train = """let steps = 0;
const onStep = () => { if (steps++ === 1) console.log('training'); };
await runExperiment(config, images, { recordsFolder: null, runsFolder: null, workers: 0, onStep: onStep });"""

manager = KernelManager(kernel_name="mnn-kit")
manager.start_kernel(cwd=folder)
client = manager.client()
client.start_channels()
try:
    client.wait_for_ready(timeout=60)

    def reply_to(message):
        while True:
            reply = client.get_shell_msg(timeout=30)
            if reply["parent_header"].get("msg_id") == message:
                return reply["content"]

    def message_of(kind, request):
        while True:
            message = client.get_iopub_msg(timeout=30)
            if message["msg_type"] == kind and message["parent_header"].get("msg_id") == request:
                return message["content"]

    imports = f"import {{  }} from '{lib}'"
    completions = reply_to(client.complete(imports, 9))["matches"]
    reply_to(client.execute(setup))
    wrong = reply_to(client.execute("presetConfig({ preset: 'quick', dataset: 'shapes10', methods: 'mnn' })"))
    cell = client.execute(train)
    message_of("stream", cell)
    begun = time.time()
    manager.interrupt_kernel()
    stopped = reply_to(cell)
    seconds = time.time() - begun
    after = client.execute("console.log('alive')")
    alive = message_of("stream", after)["text"]
    print(json.dumps({
        "completions": completions,
        "typeError": wrong.get("evalue"),
        "stopped": stopped.get("ename"),
        "seconds": seconds,
        "alive": alive,
    }))
finally:
    client.stop_channels()
    manager.shutdown_kernel()
