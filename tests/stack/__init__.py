"""The whole product on one machine: real processes, real HTTP, nothing installed.

Everything is learnt from ``template.yaml``. From a test::

    with running_stack(Options(root=ROOT, port=0)) as stack:
        httpx.get(f"{stack.api}/health")

and as the program that serves people::

    async with Stack(Options(root=ROOT)) as stack:
        ...
"""
