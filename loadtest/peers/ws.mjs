// The least that fan-out takes with Node and `ws`: what a client of /write sends goes to every
// client of /read. PEERS is the folder into which the packages are installed.

import { createRequire } from "node:module";

const { WebSocketServer } = createRequire(`${process.env.PEERS}/`)("ws");

const server = new WebSocketServer({ host: "127.0.0.1", port: 0, backlog: 4096 });
const readers = new Set();

server.on("connection", (socket, request) => {
  if (request.url === "/read") {
    readers.add(socket);
    socket.on("close", () => readers.delete(socket));
  }
  socket.on("message", (data, isBinary) => {
    for (const reader of readers) {
      reader.send(data, { binary: isBinary });
    }
  });
});

server.on("listening", () => process.stdout.write(`${server.address().port}\n`));
