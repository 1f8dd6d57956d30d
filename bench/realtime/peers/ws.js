// A chat on Node's ws; a room is a path.
const { WebSocketServer, OPEN } = require("ws");

const rooms = new Map();
const server = new WebSocketServer({ host: "127.0.0.1", port: Number(process.argv[2]), perMessageDeflate: false });
server.on("connection", (socket, request) => {
  if (!rooms.has(request.url)) rooms.set(request.url, new Set());
  const room = rooms.get(request.url);
  room.add(socket);
  socket.on("message", (data) => {
    for (const member of room) if (member.readyState === OPEN) member.send(data, { binary: false });
  });
  socket.on("close", () => room.delete(socket));
});
