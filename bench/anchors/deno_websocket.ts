/**
 * The bare transport: `Deno.serve` with `upgradeWebSocket`. A frame is sent back to its sender
 * (`echo`), or to everybody else (`fanout`).
 *
 * @module
 */
const [mode] = Deno.args;
const sockets = new Set<WebSocket>();

Deno.serve(
  { hostname: "127.0.0.1", port: 0, onListen: ({ port }) => console.log(`Listening on :${port}`) },
  (request) => {
    const { socket, response } = Deno.upgradeWebSocket(request);
    socket.binaryType = "arraybuffer";
    socket.onopen = () => sockets.add(socket);
    socket.onclose = () => sockets.delete(socket);
    socket.onmessage = (event) => {
      if (mode === "echo") socket.send(event.data);
      else for (const other of sockets) if (other !== socket) other.send(event.data);
    };
    return response;
  },
);
