// A chat on socket.io with rooms and acknowledgements; nothing is stored.
const { Server } = require("socket.io");

const io = new Server({ transports: ["websocket"], perMessageDeflate: false });
io.on("connection", (socket) => {
  socket.on("join", (room, done) => { socket.join(room); done(); });
  socket.on("say", (room, text, done) => { io.to(room).emit("said", text); done(); });
});
io.listen(Number(process.argv[2]));
