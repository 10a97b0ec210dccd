"""A TCP server that answers late: its queue of connections is full until the kernel has dropped a first SYN.

Prints its port; accepts after `seconds`, and then passes what comes on to 127.0.0.1:`target`.
"""

import socket
import sys
import threading

host, target, seconds = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
server = socket.socket()
server.bind((host, 0))
server.listen(0)
port = server.getsockname()[1]
fillers = []
for _ in range(4):
    filler = socket.socket()
    filler.setblocking(False)
    filler.connect_ex((host, port))
    fillers.append(filler)
print(port, flush=True)


def pump(source, sink):
    try:
        while chunk := source.recv(65536):
            sink.sendall(chunk)
    except OSError:
        pass
    sink.close()


def serve():
    own = {filler.getsockname()[1] for filler in fillers}
    for filler in fillers:
        filler.close()
    while True:
        near, (_, peer) = server.accept()
        if peer in own:
            near.close()
            continue
        far = socket.create_connection(("127.0.0.1", target))
        threading.Thread(target=pump, args=(near, far), daemon=True).start()
        threading.Thread(target=pump, args=(far, near), daemon=True).start()


# The time begins when the first connection that is not its own may come.
sys.stdin.readline()
threading.Timer(seconds, serve).start()
