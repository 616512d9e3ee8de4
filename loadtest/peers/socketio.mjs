// The least that fan-out takes with Node and socket.io, by its websocket transport: what a client
// says under `post` goes to everybody who said `read`. PEERS is the folder into which the packages
// are installed.

import { createServer } from "node:http";
import { createRequire } from "node:module";

const { Server } = createRequire(`${process.env.PEERS}/`)("socket.io");

const http = createServer();
const server = new Server(http, { transports: ["websocket"] });

server.on("connection", (socket) => {
  socket.on("read", () => socket.join("readers"));
  socket.on("post", (text) => server.to("readers").emit("post", text));
});

http.listen({ host: "127.0.0.1", port: 0, backlog: 4096 }, () =>
  process.stdout.write(`${http.address().port}\n`),
);
